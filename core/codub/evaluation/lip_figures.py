"""Figures of made lips, clip by clip, and their table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

# Mouth shapes by IPA symbol; what is in none of them is not counted.
SHAPES = {"a": "aɑæʌɐ", "e": "eɛəɜɚ", "i": "iɪ", "o": "oɔɒ", "u": "uʊw", "pbm": "pbm"}  # noqa: RUF001


@dataclass(frozen=True)
class ShapeFigures:
    """One class of phonemes: how many, mean opening in the film and made; for p, b, m the smallest opening counts."""

    count: int
    true: float
    made: float
    true_closed: float  # share with a closed mouth
    made_closed: float


@dataclass(frozen=True)
class LipFigures:
    """One clip. PSNR in dB; `distance` of the lips' points in pixels of a 96-pixel crop; `opening_ratio` is the spread
    of made over true openings, 1 where mouths open as wide as in the film; `sharpness` is gradient energy, made over
    true, at the plate's resolution."""

    name: str
    person: str
    frames: int
    mouth_psnr: float
    mouth_ssim: float
    crop_psnr: float
    copied_psnr: float
    copied_ssim: float
    distance: float
    copied_distance: float
    correlation: float
    opening_ratio: float
    sharpness: float
    shapes: Mapping[str, ShapeFigures] = field(default_factory=dict)


@dataclass(frozen=True)
class FaceReport:
    """Figures of all clips."""

    clips: tuple[LipFigures, ...]

    def mean(self, name: str) -> float:
        """Mean of a figure over people, so that one with many clips counts once."""
        people = sorted({clip.person for clip in self.clips})
        own = [[float(getattr(c, name)) for c in self.clips if c.person == person] for person in people]
        return float(np.mean([np.mean(values) for values in own]))

    def table(self) -> str:
        """Plain text, a line a clip, the mean over people, then the openings by class of phonemes."""
        head = f"{'clip':22}{'mouth':>8}{'copied':>8}{'crop':>8}{'SSIM':>7}{'LMD':>7}{'copied':>8}"
        rows = [f"{head}{'corr':>7}{'ratio':>7}{'sharp':>7}"]
        for clip in self.clips:
            rows.append(_row(clip.name, [getattr(clip, name) for name in _COLUMNS]))
        rows.append(_row("mean over people", [self.mean(name) for name in _COLUMNS]))
        rows.append(f"{'phonemes':10}{'count':>7}{'true':>8}{'made':>8}{'true closed':>13}{'made closed':>13}")
        for name, shape in self.shapes().items():
            closed = f"{shape.true_closed:13.2f}{shape.made_closed:13.2f}"
            rows.append(f"{name or 'silence':10}{shape.count:7d}{shape.true:8.3f}{shape.made:8.3f}{closed}")
        return "\n".join(rows)

    def shapes(self) -> dict[str, ShapeFigures]:
        """Openings by class over all clips."""
        found = {}
        for name in (*SHAPES, "silence"):
            own = [clip.shapes[name] for clip in self.clips if name in clip.shapes]
            count = sum(shape.count for shape in own)
            if count:
                parts = [
                    sum(getattr(shape, part) * shape.count for shape in own) / count
                    for part in ("true", "made", "true_closed", "made_closed")
                ]
                found[name] = ShapeFigures(count, *parts)
        return found


_COLUMNS = (
    "mouth_psnr", "copied_psnr", "crop_psnr", "mouth_ssim", "distance", "copied_distance", "correlation",
    "opening_ratio", "sharpness",
)  # fmt: skip


def _row(name: str, values: Sequence[float]) -> str:
    widths = ("8.2f", "8.2f", "8.2f", "7.3f", "7.2f", "8.2f", "7.2f", "7.2f", "7.2f")
    return f"{name:22}" + "".join(format(v, w) for v, w in zip(values, widths, strict=True))
