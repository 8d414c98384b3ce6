"""Mels of films: in time to the vector, made once, and drawn beside the frames they belong to."""

from pathlib import Path

import numpy as np
import pytest
from tests.made_faces import made_face

from codub.errors import CodubError
from codub.latent import EMBEDDED
from codub.training.face_cache import FaceCache
from codub.training.face_data import FaceSampler, as_latent
from codub.training.face_mels import MEL, MEL_WINDOW, fill_mels, load_mels, mel_of
from codub.training.face_placing import SamplingConfig
from codub.training.grid import GridClip


def click(at: float, seconds: float = 1.0) -> np.ndarray:
    """Silence with a click of a millisecond round a time."""
    sound = np.zeros(round(16_000 * seconds), np.float32)
    start = round(16_000 * at) - 8
    sound[start : start + 16] = 1
    return sound


@pytest.mark.parametrize("at", [0.305, 0.605])
def test_a_vector_covers_its_own_hundredth_of_a_second(at: float) -> None:
    mel = mel_of(click(at))
    assert mel.shape == (80, 100)
    loud = mel.mean(0)
    # The click is in the middle of its vector: those beside it hear it equally well.
    assert int(loud.argmax()) == int(at * 100)
    assert loud[int(at * 100) - 1] == pytest.approx(loud[int(at * 100) + 1], abs=0.1)


def test_mels_are_made_once_of_films_that_were_cut(tmp_path: Path) -> None:
    cache = FaceCache(tmp_path)
    films = [GridClip("s1", name, tmp_path / f"{name}.mp4", "") for name in ("a", "b")]
    cache.clip("s1-a").parent.mkdir()
    cache.clip("s1-a").touch()
    heard: list[str] = []

    def sound(film: GridClip) -> np.ndarray:
        heard.append(film.name)
        return click(0.5)

    for _ in range(2):
        fill_mels(films, cache, lambda fraction, what: None, sound)
    assert heard == ["s1-a"]
    np.testing.assert_allclose(load_mels(["s1-a"], cache)["s1-a"], mel_of(click(0.5)), atol=2e-3)
    with pytest.raises(CodubError, match="s1-b"):
        load_mels(["s1-b"], cache)


def test_batches_hold_the_mel_round_each_frame() -> None:
    clip = made_face("a-1", "a", 0)
    latents = {"sound": {"a-1": np.zeros((512, 40), np.float32)}}
    mel = np.tile(np.arange(100, dtype=np.float32), (MEL.channels, 1))
    config = SamplingConfig(groups=2, frames=5, consecutive=True)
    sampler = FaceSampler([clip], latents, EMBEDDED, size=32, window=3, config=config, seed=0, mels={"a-1": mel})
    mels = sampler.batch(0).mels
    assert mels.shape == (2, 5, 80, MEL_WINDOW)
    # Frames are 4 vectors apart, and a frame's window lies evenly round its time.
    middles = mels[:, :, 0].mean(-1).numpy()
    inside = mels[:, :-1, 0, 0].numpy() > 0  # a window that reaches before the sound repeats its beginning
    assert inside.any()
    np.testing.assert_allclose(np.diff(middles, axis=1)[inside], 4, atol=1e-4)
    firsts = (middles[:, :-1][inside] + 0.5) / 4 - 0.5
    np.testing.assert_allclose(firsts, firsts.round(), atol=1e-4)
    assert as_latent(MEL, mel).duration == 1
