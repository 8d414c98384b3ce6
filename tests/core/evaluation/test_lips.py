"""The measures know a perfect generator, a lazy one, and what they were told."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from codub.errors import LatentSpaceError
from codub.evaluation.lip_figures import LipFigures
from codub.evaluation.lip_sheet import SIDE, write_plot, write_sheet
from codub.evaluation.lips import LipClip, RemadeClip, measure, remake, still_frames
from codub.evaluation.mouths import LIPS, MouthTrack, track_mouth
from codub.face.crop import CropTransform
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
def remade(corpora: Path, weights_home: Path) -> dict[str, RemadeClip]:
    from codub.face.detect import load_detector
    from codub.face.mesh import load_mesh
    from codub.media.video import read_frames

    film = corpora / "grid" / "s3" / "sbia1a.mp4"
    frames, mesh = tuple(read_frames(film, 10, 30)), load_mesh()
    mouth = track_mouth(frames, load_detector(), mesh, film.stem)
    clip = LipClip("s3-sbia1a", "s3", frames, Fraction(25), latent(), mouth)
    return {name: remake(Lazy(perfect=name == "perfect"), clip, mesh) for name in ("perfect", "lazy")}


@pytest.fixture(scope="module")
def figures(remade: dict[str, RemadeClip]) -> dict[str, LipFigures]:
    return {name: measure(clip) for name, clip in remade.items()}


@pytest.mark.weights
def test_a_perfect_generator_scores_high(figures: dict[str, LipFigures]) -> None:
    perfect = figures["perfect"]
    assert perfect.mouth_psnr > 38
    assert perfect.mouth_ssim > 0.97
    assert perfect.crop_ssim > perfect.mouth_ssim
    assert perfect.correlation > 0.95
    assert perfect.opening_ratio == pytest.approx(1, abs=0.1)
    assert perfect.distance < 0.5
    assert 0.75 < perfect.sharpness < 1.1  # painted at 80 pixels and laid onto the plate once
    assert 0.6 < perfect.flicker < 1.1


@pytest.mark.weights
def test_copying_scores_as_the_base_line(figures: dict[str, LipFigures]) -> None:
    lazy = figures["lazy"]
    assert lazy.mouth_psnr == pytest.approx(lazy.copied_psnr, abs=0.6)
    assert lazy.mouth_psnr < figures["perfect"].mouth_psnr - 5
    assert lazy.opening_ratio < 0.3
    assert lazy.distance > 1.5 * figures["perfect"].distance
    assert lazy.flicker < figures["perfect"].flicker


@pytest.mark.weights
def test_openings_by_phoneme_are_of_the_film(figures: dict[str, LipFigures]) -> None:
    sounds = figures["perfect"].shapes.sounds
    assert set(sounds) == {"silence", "pbm", "i"}
    for own in sounds.values():
        for sound in own:
            assert sound.made_opening == pytest.approx(sound.true_opening, abs=0.02)
            assert sound.made_width == pytest.approx(sound.true_width, abs=0.02)


@pytest.mark.weights
def test_the_sheet_has_every_frame_twice_and_the_plot_both_lines(remade: dict[str, RemadeClip], tmp_path: Path) -> None:
    from PIL import Image

    write_sheet(tmp_path / "sheet.png", remade["lazy"], columns=10)
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (10 * SIDE, 3 * (2 * SIDE + 4))
    write_plot(tmp_path / "plot.png", remade["lazy"])
    with Image.open(tmp_path / "plot.png") as plot:
        colours = {colour for _, colour in plot.getcolors(100_000) or []}
    assert {(40, 90, 200), (220, 90, 20)} <= colours


def test_refuses_a_latent_of_another_space() -> None:
    mouth = MouthTrack(np.zeros((0, 468, 2), np.float32), ())
    other = LipClip("x", "x", (), Fraction(25), latent(HIERSPEECHPP), mouth)
    with pytest.raises(LatentSpaceError):
        remake(Lazy(), other, None)  # type: ignore[arg-type]


def test_still_frames_are_those_whose_lips_do_not_move() -> None:
    """Lips jump between frames 2 and 3 only; frame 5 is a reference, so neither 4 nor 5 begins a still pair."""
    points = np.zeros((8, 468, 2), np.float32)
    points[3:, list(LIPS), 1] = 0.01
    whole = CropTransform(np.array([[1.0, 0, 0], [0, 1.0, 0]]))
    assert still_frames(MouthTrack(points, (whole,) * 8), [5]) == [0, 1, 3, 6]
