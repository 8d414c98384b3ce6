"""Films cut into lower faces, and what is said in them laid beside."""

from pathlib import Path

import numpy as np
import pytest

from codub.errors import CodubError
from codub.training.face_cache import FaceCache
from codub.training.face_clips import WIDE_SIZE
from codub.training.face_placing import window_of
from codub.training.grid import GridClip, cut_films

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def film(corpora: Path, weights_home: Path) -> GridClip:
    return GridClip("s32", "sbwe5n", corpora / "grid" / "s32" / "sbwe5n.mp4", "set blue with e five now")


def test_cut_film_has_its_mouth_in_the_middle(film: GridClip, tmp_path: Path) -> None:
    cache = FaceCache(tmp_path)
    told: list[str] = []
    cut_films([film], cache, lambda fraction, what: told.append(what))
    (clip,) = cache.load([film])
    assert told == ["cutting s32-sbwe5n"]
    assert clip.crops.shape == (75, WIDE_SIZE, WIDE_SIZE, 3)
    lips = clip.points[:, [13, 14]].mean((0, 1))
    np.testing.assert_allclose(lips, (0.5, 0.43), atol=0.08)
    # The eyes are level and above the window.
    eyes = clip.points[:, [33, 133, 362, 263]].mean(0)
    assert abs(eyes[:2].mean(0)[1] - eyes[2:].mean(0)[1]) < 0.01
    assert eyes[:, 1].max() < -0.1
    assert clip.opening[:5].mean() < clip.opening.max() / 2
    assert window_of(clip.crops[0], 80).shape == (80, 80, 3)
    # A second time there is nothing to do.
    cut_films([film], cache, lambda fraction, what: told.append(what))
    assert len(told) == 1


def test_text_latent_has_the_films_own_timing(film: GridClip) -> None:
    from codub.training.face_latents import AlignedReader

    reader = AlignedReader()
    latent, heard = reader.read(film), reader.hear(film)
    assert latent.features.shape == heard.features.shape == (512, 120)
    words = [word for word in film.words() if word.text != "sil"]
    spoken = [span for span in latent.spans if span.phoneme]
    assert spoken[0].start == pytest.approx(words[0].start, abs=0.2)  # GRID marks the breath before it too
    assert spoken[-1].end == pytest.approx(words[-1].end, abs=0.25)
    assert latent.spans[-1].end == pytest.approx(3.0)
    # What the words should sound like is near to what is heard, vector by vector.
    a, b = latent.features, heard.features
    cosine = (a * b).sum(0) / (np.linalg.norm(a, axis=0) * np.linalg.norm(b, axis=0))
    assert cosine.mean() > 0.6


def test_missing_latent_is_named(tmp_path: Path) -> None:
    with pytest.raises(CodubError, match="text/none"):
        FaceCache(tmp_path).load_latent("text", "none")
