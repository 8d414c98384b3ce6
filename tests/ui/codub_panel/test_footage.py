from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from codub.dubbing.record import TakeRecord
from codub.errors import MediaError
from codub.media.audio import write_wav
from codub_panel.footage import Footage, Pictures, Reel, load, original_reel, take_reel

RATE = Fraction(25)


def film(path: Path) -> Reel:
    return Reel((Pictures(path, 0, 75),), (), RATE, Fraction(3))


@pytest.fixture
def tone(tmp_path):
    """A second of sound whose sample at time t is t, as a take has it."""
    path = tmp_path / "tone.wav"
    write_wav(path, np.arange(48000, dtype=np.float32) / 48000)
    return path


def a_take(**changes: object) -> TakeRecord:
    return TakeRecord(cue=2, language="es", text="x", speaker="ANA", seed=0, profile="embedded", **changes)


def greys(footage: Footage) -> list[int]:
    return [round(float(picture.mean())) for picture in footage.pictures]


def test_a_line_shows_its_own_frames(session):
    footage = load(original_reel(session.lines[1], RATE))
    # The second line begins 20 frames into the clip, which begins 10 frames into the film; frame n is of grey 30 + n.
    assert greys(footage) == pytest.approx([60 + n for n in range(20)], abs=2)
    assert footage.aspects[0] == pytest.approx(64 / 36)
    assert footage.frames == 20
    assert len(footage.sound) == 20 * 1920


def test_a_take_shows_the_same_frames_of_its_own_film(session, films):
    kept = session.store.add(a_take(), {"video0-0": films / "dubbed.mp4"})
    footage = load(take_reel(session.lines[1], kept, session.store, RATE))
    # A take's film begins at the clip's first used frame; frame n is of grey 150 + n.
    assert greys(footage) == pytest.approx([170 + n for n in range(20)], abs=2)


def test_a_take_without_a_picture_shows_the_original(session):
    kept = session.store.add(a_take(), {})
    reel = take_reel(session.lines[1], kept, session.store, RATE)
    assert reel.pictures == original_reel(session.lines[1], RATE).pictures


def test_a_takes_sound_lies_where_the_line_is(session, tone):
    start = session.lines[1].cue.start + Fraction(1, 10)
    kept = session.store.add(a_take(start=start, duration=Fraction(1)), {"audio": tone})
    sound = load(take_reel(session.lines[1], kept, session.store, RATE)).sound
    assert not sound[:4800].any()
    np.testing.assert_allclose(sound[4800:], np.arange(len(sound) - 4800) / 48000, atol=1e-5)


def test_a_sound_that_begins_before_the_picture_is_cut(session, tone):
    start = session.lines[1].cue.start - Fraction(1, 4)
    kept = session.store.add(a_take(start=start, duration=Fraction(1)), {"audio": tone})
    sound = load(take_reel(session.lines[1], kept, session.store, RATE)).sound
    np.testing.assert_allclose(sound[:1000], 0.25 + np.arange(1000) / 48000, atol=1e-5)


def test_an_off_screen_line_has_sound_and_lasts_as_long_as_its_window(session, tone):
    line = session.lines[2]
    kept = session.store.add(a_take(start=line.cue.start, duration=Fraction(1)), {"audio": tone})
    footage = load(take_reel(line, kept, session.store, RATE))
    assert footage.pictures == ()
    assert footage.frames == 20
    assert footage.sound[24000] == pytest.approx(0.5, abs=1e-4)


def test_reading_can_be_stopped(films):
    assert load(film(films / "original.mp4"), lambda: True).pictures == ()


def test_a_missing_film_is_an_error_with_its_name(tmp_path):
    with pytest.raises(MediaError, match=r"gone\.mp4"):
        load(film(tmp_path / "gone.mp4"))


def test_pictures_are_small_enough_for_the_memory_whatever_their_number():
    from codub_panel.footage import _size

    assert _size(720, 576, 75) == (720, 576)
    assert _size(1920, 1080, 75)[0] <= 960
    width, height = _size(3840, 2160, 3000)
    assert width >= 240
    assert np.isclose(width / height, 16 / 9, rtol=0.02)
