"""The measures know a perfect generator, a lazy one, and what they were told."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from codub.errors import LatentSpaceError
from codub.evaluation.lip_figures import FaceReport, LipFigures, ShapeFigures
from codub.evaluation.lips import LipClip, evaluate_clip, pick_references, ssim
from codub.face.model import FloatArray, MouthMotion, Pictures
from codub.latent import EMBEDDED, HIERSPEECHPP, LatentSpace, PhonemeSpan, SpeechLatent

SIZE = 80


class Lazy:
    """Shows the closed reference; with `perfect` it paints the very frame that it was asked for."""

    space: LatentSpace = EMBEDDED
    size, references, window = SIZE, 3, 11

    def __init__(self, *, perfect: bool = False) -> None:
        self.perfect = perfect

    def generate(self, windows: FloatArray, pose: Pictures, references: Pictures) -> MouthMotion:
        count = len(windows)
        blend = np.zeros((count, 4, SIZE, SIZE), np.float32)
        blend[:, 3 if self.perfect else 0] = 1
        mask = np.zeros((SIZE, SIZE), np.float32)
        mask[10:60, 12:68] = 1
        flow = np.zeros((count, 3, 2, SIZE, SIZE), np.float32)
        return MouthMotion(flow, blend, (pose.transpose(0, 3, 1, 2) / 255).astype(np.float32), mask)


def latent(space: LatentSpace = EMBEDDED) -> SpeechLatent:
    features = np.zeros((space.channels, 48), np.float32)
    prosody = np.zeros(int(48 * space.f0_rate / space.rate), np.float32)
    spans = (PhonemeSpan("", 0, 0.5), PhonemeSpan("b", 0.5, 0.6), PhonemeSpan("i", 0.6, 0.8), PhonemeSpan("", 0.8, 1.2))
    return SpeechLatent(space, features, prosody, prosody, spans)


@pytest.fixture(scope="module")
def clip(corpora: Path) -> LipClip:
    from codub.media.video import read_frames

    film = corpora / "grid" / "s3" / "sbia1a.mp4"
    return LipClip("s3-sbia1a", "s3", tuple(read_frames(film, 10, 30)), Fraction(25), latent())


@pytest.fixture(scope="module")
def figures(clip: LipClip, weights_home: Path) -> dict[str, LipFigures]:
    from codub.face.detect import load_detector
    from codub.face.mesh import load_mesh

    detector, mesh = load_detector(), load_mesh()
    return {name: evaluate_clip(Lazy(perfect=name == "perfect"), clip, detector, mesh) for name in ("perfect", "lazy")}


@pytest.mark.weights
def test_a_perfect_generator_scores_high(figures: dict[str, LipFigures]) -> None:
    perfect = figures["perfect"]
    assert perfect.mouth_psnr > 38
    assert perfect.mouth_ssim > 0.97
    assert perfect.correlation > 0.95
    assert perfect.opening_ratio == pytest.approx(1, abs=0.1)
    assert perfect.distance < 0.5
    assert 0.75 < perfect.sharpness < 1.1  # painted at 80 pixels and laid onto the plate once


@pytest.mark.weights
def test_copying_scores_as_the_base_line(figures: dict[str, LipFigures]) -> None:
    lazy = figures["lazy"]
    assert lazy.mouth_psnr == pytest.approx(lazy.copied_psnr, abs=0.6)
    assert lazy.mouth_psnr < figures["perfect"].mouth_psnr - 5
    assert lazy.opening_ratio < 0.3
    assert lazy.distance > 1.5 * figures["perfect"].distance


@pytest.mark.weights
def test_openings_by_phoneme_are_of_the_film(figures: dict[str, LipFigures]) -> None:
    shapes = figures["perfect"].shapes
    assert set(shapes) == {"silence", "pbm", "i"}
    for shape in shapes.values():
        assert shape.made == pytest.approx(shape.true, abs=0.02)


def test_refuses_a_latent_of_another_space() -> None:
    other = LipClip("x", "x", (), Fraction(25), latent(HIERSPEECHPP))
    with pytest.raises(LatentSpaceError):
        evaluate_clip(Lazy(), other, None, None)  # type: ignore[arg-type]


def test_ssim_of_the_same_and_of_noise() -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (40, 48, 3), dtype=np.uint8)
    assert ssim(picture, picture) == pytest.approx(1)
    assert ssim(rng.integers(0, 256, (40, 48, 3), dtype=np.uint8), picture) < 0.1


def test_ssim_of_flat_pictures_is_the_formula() -> None:
    """Without structure only the luminance term is left: (2ab + c1) / (a^2 + b^2 + c1)."""
    a, b = 100.0, 150.0
    c1 = (0.01 * 255) ** 2
    made, true = (np.full((30, 30, 3), value, np.uint8) for value in (a, b))
    assert ssim(made, true) == pytest.approx((2 * a * b + c1) / (a * a + b * b + c1), rel=1e-3)


def test_references_are_the_extremes_and_the_middle() -> None:
    assert pick_references(np.array([0.3, 0.1, 0.2, 0.9, 0.4])) == (1, 3, 0)


def test_report_counts_people_once() -> None:
    def row(name: str, person: str, psnr: float) -> LipFigures:
        shapes = {"a": ShapeFigures(2, 0.2, psnr / 100, 0, 0)}
        return LipFigures(name, person, 10, psnr, 1, 1, 1, 1, 1, 1, 1, 1, 1, shapes)

    report = FaceReport((row("a1", "a", 30), row("a2", "a", 20), row("b1", "b", 35)))
    assert report.mean("mouth_psnr") == pytest.approx(30)
    assert report.shapes()["a"].count == 6
    assert report.shapes()["a"].made == pytest.approx((0.3 + 0.2 + 0.35) / 3)
    assert "mean over people" in report.table()
