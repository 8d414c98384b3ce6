"""A speaker's own face: weights that were fitted to the speaker's footage, kept beside the takes.

    DUBBED.codub/adapted/ana-5e1b2c9d/manifest.json               what they were fitted to, and how good they are
    DUBBED.codub/adapted/ana-5e1b2c9d/face-0f83a1c2b4d6.safetensors   the weights, if they are better

They stand in for the face they began with, for that speaker only, as long as it is the profile's face (`own_faces`).
"""

import dataclasses
import hashlib
import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codub import config
from codub.dubbing.record import TakeRecord, utc_now
from codub.errors import UsageError, WeightsError
from codub.files import replacing

FOLDER = "adapted"
MANIFEST = "manifest.json"
_LAYOUT = 1
CLOSURE_LOSS = 0.1  # of the frames with shut lips may open before an adaptation is refused: one in ten of a short line


@dataclass(frozen=True)
class LineUsed:
    """An original line that was learnt from, or held out: frames of a media file, sha256 of the crops cut from them."""

    cue: int
    media: str
    first_frame: int
    frame_count: int
    sha256: str
    held_out: bool


@dataclass(frozen=True)
class DriveFigures:
    """Held-out lines made again, driven by their "sound" or by their "text", before and after.

    PSNR of the mouth window in dB, `distance` of the lips' points in pixels of a 96-pixel crop, `closed` the share of
    the frames with shut lips whose made lips are shut (1 where there are no such frames).
    """

    drive: str
    psnr_before: float
    psnr_after: float
    distance_before: float
    distance_after: float
    closed_before: float
    closed_after: float

    def __str__(self) -> str:
        psnr = f"{self.psnr_before:.2f} -> {self.psnr_after:.2f} dB"
        lips = f"{self.distance_before:.3f} -> {self.distance_after:.3f} px"
        return f"from {self.drive}: mouth {psnr}, lips {lips}, shut {self.closed_before:.0%} -> {self.closed_after:.0%}"


@dataclass(frozen=True)
class Adapted:
    """What came of fitting a face to a speaker.

    `base` and `weights` are sha256 of the weights it began with and of those that it ended with, "" where these were
    not better, and nothing is used but the base. `seconds` is how long the steps took.
    """

    speaker: str
    space: str
    base: str
    weights: str
    steps: int
    seconds: float
    lines: tuple[LineUsed, ...]
    figures: tuple[DriveFigures, ...]
    left_out: tuple[str, ...] = ()
    created: str = dataclasses.field(default_factory=utc_now)

    @property
    def better(self) -> bool:
        """Whether there are weights that stand in for the base."""
        return bool(self.weights)

    @property
    def file(self) -> str:
        """Name of the weights' file."""
        return f"face-{self.weights[:12]}.safetensors"

    def report(self) -> str:
        """What was done and what it brought, as text."""
        learnt = [line for line in self.lines if not line.held_out]
        frames = sum(line.frame_count for line in learnt)
        held_out = sum(line.frame_count for line in self.lines if line.held_out)
        done = f"{self.steps} steps on {frames} frames of {len({line.cue for line in learnt})} lines"
        lines = [f"{self.speaker}: {done} in {self.seconds / 60:.1f} min; measured on {held_out} frames held out"]
        lines += [f"  {figures}" for figures in self.figures]
        lines += [f"  ! {reason}" for reason in self.left_out]
        used = "better: used for this speaker from now on" if self.better else "not better: the shipped face stays"
        return "\n".join([*lines, f"  {used}"])


def is_better(figures: Sequence[DriveFigures]) -> bool:
    """Whether, over all drives, pictures and lips are nearer to the true ones, and lips that were shut still are."""
    count = len(figures)
    psnr = sum(f.psnr_after - f.psnr_before for f in figures)
    distance = sum(f.distance_after - f.distance_before for f in figures)
    closed = sum(f.closed_after - f.closed_before for f in figures)
    return count > 0 and psnr > 0 and distance < 0 and closed >= -CLOSURE_LOSS * count


def speaker_folder(folder: Path, speaker: str) -> Path:
    """Where a takes folder keeps what belongs to a speaker's own face."""
    plain = re.sub(r"[^a-z0-9]+", "-", speaker.casefold()).strip("-")[:40] or "speaker"
    return folder / FOLDER / f"{plain}-{hashlib.sha256(speaker.encode()).hexdigest()[:8]}"


def read_adapted(folder: Path, speaker: str) -> Adapted | None:
    """What a takes folder says of a speaker's own face; None where none was fitted.

    Raises:
        WeightsError: the manifest is damaged or of a newer codub.
    """
    path = speaker_folder(folder, speaker) / MANIFEST
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["layout"] != _LAYOUT:
            raise UsageError(f"layout {content['layout']} is not known")
        return config.build(Adapted, content["adapted"], where=str(path))
    except (OSError, ValueError, KeyError, TypeError, UsageError) as error:
        raise WeightsError(
            f"What is known of the face fitted to '{speaker}' cannot be read.",
            cause=f"'{path}': {error}",
            fix=f"Fit it again, or let it go: codub adapt ... --forget '{speaker}'",
        ) from error


def keep_adapted(folder: Path, adapted: Adapted, made: Path | None) -> None:
    """Keep what came of a fit, durably: `made` are its weights, None where they were not better."""
    own = speaker_folder(folder, adapted.speaker)
    if made is not None:
        with replacing(own / adapted.file) as temporary:
            shutil.copyfile(made, temporary)
    with replacing(own / MANIFEST) as temporary:
        content = {"layout": _LAYOUT, "adapted": dataclasses.asdict(adapted)}
        temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for path in own.glob("face-*.safetensors"):
        if path.name != adapted.file:
            path.unlink()


def forget_adapted(folder: Path, speaker: str) -> bool:
    """Let a speaker's own face go, and whatever a stopped fit left; whether there was any."""
    own = speaker_folder(folder, speaker)
    if not own.is_dir():
        return False
    (own / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(own)
    return True


def shows_adapted(record: TakeRecord) -> bool:
    """Whether a take's picture was made with its speaker's own face."""
    return any(name.startswith(f"{FOLDER}/") for name in record.weights)
