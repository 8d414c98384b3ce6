"""Films are read once: what was found in them is taken from the cache, and is the same."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from codub import weights
from codub.errors import CodubError, UsageError
from codub.jobs.lip_films import LipFilms
from codub.latent import EMBEDDED, PhonemeSpan, SpeechLatent
from codub.training.grid import GridClip


class Reader:
    """Reads every film as the same vowel, hears it as silence."""

    def read(self, film: GridClip) -> SpeechLatent:
        return latent(1.0, PhonemeSpan("a", 0, 1.5))

    def hear(self, film: GridClip) -> SpeechLatent:
        return latent(0.0, PhonemeSpan("", 0, 1.5))


def latent(value: float, *spans: PhonemeSpan) -> SpeechLatent:
    prosody = np.zeros(120, np.float32)
    return SpeechLatent(EMBEDDED, np.full((512, 60), value, np.float32), prosody, prosody, spans)


@pytest.fixture
def folder(corpora: Path, tmp_path: Path) -> Path:
    """A corpus of one film of one held-out person."""
    (tmp_path / "grid").mkdir()
    shutil.copy(corpora / "grid" / "s3" / "sbia1a.mp4", tmp_path / "grid" / "film.mp4")
    manifest = "speaker\tutterance\tfile\ttext\ns3\tsbia1a\tfilm.mp4\tset blue in a one again\n"
    (tmp_path / "grid" / "manifest.tsv").write_text(manifest, encoding="utf-8")
    return tmp_path


def films(folder: Path, reader: object) -> LipFilms:
    made = LipFilms(folder, cache=folder / "cache")
    made.__dict__["_reader"] = reader
    return made


@pytest.mark.weights
def test_a_film_is_looked_at_once(folder: Path, weights_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(weights.HOME_VARIABLE, str(weights_home))
    first = films(folder, Reader()).clips(("sound", "text"), lambda fraction, what: None)
    later = films(folder, None)
    later.__dict__["_models"] = None  # neither a detector nor a reader is needed any more
    second = later.clips(("sound", "text"), lambda fraction, what: None)
    for drive in ("sound", "text"):
        (one,), (other,) = first[drive], second[drive]
        assert one.person == "s3"
        assert len(one.frames) == len(one.mouth) == 75
        np.testing.assert_array_equal(one.mouth.opening, other.mouth.opening)
        np.testing.assert_array_equal(one.mouth.lips, other.mouth.lips)
        np.testing.assert_array_equal(one.latent.features, other.latent.features)
        assert one.latent.spans == other.latent.spans
    damaged = next((folder / "cache").glob("*-mesh.npz"))
    damaged.write_bytes(b"x")
    with pytest.raises(CodubError, match="damaged"):
        later.clips(("text",), lambda fraction, what: None)


def test_unknown_people_and_drives_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="held-out or same, not with 'others'"):
        LipFilms(tmp_path, "others").clips(("text",), lambda fraction, what: None)
    with pytest.raises(UsageError, match="not with 'thought'"):
        LipFilms(tmp_path).clips(("thought",), lambda fraction, what: None)
