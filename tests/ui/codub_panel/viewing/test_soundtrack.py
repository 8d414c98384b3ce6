from fractions import Fraction

import numpy as np
import pytest

from codub.errors import MediaError
from codub.media.audio import write_wav
from codub_panel.viewing.footage import Heard, Reel, Stretch
from codub_panel.viewing.soundtrack import Listening, read_soundtrack

RATE = Fraction(30000, 1001)
STRETCH = Stretch(RATE, Fraction(2), 30, -15, 45)


@pytest.fixture
def wav(tmp_path):
    def make(name: str, level: float, seconds: int = 10):
        path = tmp_path / f"{name}.wav"
        write_wav(path, np.full(48000 * seconds, level, np.float32))
        return path

    return make


@pytest.fixture
def reel(wav):
    sound = Heard(wav("talk", 0.1), Fraction(0), Fraction(10), Fraction(0))
    music = Heard(wav("music", 0.01), Fraction(0), Fraction(10), Fraction(0))
    line = (Fraction(2), Fraction(5, 2))
    return Reel("original", STRETCH, (), (sound,), (music,), (line,))


def sample(seconds: Fraction | float) -> int:
    """Number of the sample at a second of the timeline."""
    return round(float(seconds - STRETCH.span[0]) * 48000)


def test_layers_are_as_long_as_the_stretch_to_the_sample(reel):
    track = read_soundtrack(reel)
    assert {len(layer) for layer in (track.voice, track.rest, track.bed)} == {round(60 / RATE * 48000)}


def test_the_layers_of_the_original_add_up_to_it(reel):
    track = read_soundtrack(reel)
    np.testing.assert_allclose(track.heard(Listening(bed=False)), 0.1, atol=1e-6)
    np.testing.assert_allclose(track.heard(Listening()), 0.11, atol=1e-6)
    solo = track.heard(Listening(solo=True))
    assert solo[sample(2.2), 0] == pytest.approx(0.1)
    assert not solo[: sample(1.97)].any()


def test_a_take_takes_the_originals_place(reel, wav):
    voice = Heard(wav("take", 0.5), Fraction(0), Fraction(1, 4), Fraction(9, 4))
    beside = Heard(wav("next", 0.3), Fraction(0), Fraction(1), Fraction(3))
    track = read_soundtrack(
        Reel("take", STRETCH, (), reel.original, reel.bed, reel.silenced, voice, (beside,), dubbed=True)
    )
    dry = track.heard(Listening(bed=False))[:, 1]
    assert dry[sample(1.9)] == pytest.approx(0.1)
    assert dry[sample(2.1)] == 0  # the original is gone, the take is not there yet
    assert dry[sample(2.25) : sample(2.5)] == pytest.approx(0.5, abs=1e-6)
    assert dry[sample(3.1)] == pytest.approx(0.4)
    assert not track.heard(Listening(solo=True))[sample(3.1)].any()


def test_a_take_whose_sound_is_gone_is_silent_and_not_the_original(reel):
    track = read_soundtrack(Reel("take", STRETCH, (), reel.original, (), reel.silenced, None, dubbed=True))
    assert not track.heard(Listening())[sample(2.1) : sample(2.4)].any()


def test_a_missing_sound_is_an_error_with_its_name(tmp_path):
    gone = Heard(tmp_path / "gone.wav", Fraction(0), Fraction(1), Fraction(2))
    with pytest.raises(MediaError, match=r"gone\.wav"):
        read_soundtrack(Reel("take", STRETCH, (), (gone,), (), ()))
