from fractions import Fraction

import numpy as np
import pytest

from codub.dubbing.record import TakeRecord
from codub.errors import MediaError
from codub_panel.footage import Source, load, original_sources, take_sources


def test_a_line_shows_its_own_frames(session):
    footage = load(original_sources(session.lines[1].parts), Fraction(25))
    # The second line begins 20 frames into the clip, which begins 10 frames into the film; frame n is of grey 30 + n.
    assert [round(float(p.mean())) for p in footage.pictures] == pytest.approx([60 + n for n in range(20)], abs=2)
    assert footage.aspects[0] == pytest.approx(64 / 36)


def test_a_take_shows_the_same_frames_of_its_own_film(session, films):
    record = TakeRecord(cue=2, language="es", text="x", speaker="ANA", seed=0, profile="embedded")
    kept = session.store.add(record, {"video0-0": films / "dubbed.mp4"})
    footage = load(take_sources(session.lines[1].parts, kept, session.store), Fraction(25))
    # A take's film begins at the clip's first used frame; frame n is of grey 150 + n.
    assert [round(float(p.mean())) for p in footage.pictures] == pytest.approx([170 + n for n in range(20)], abs=2)


def test_a_take_without_a_picture_shows_the_original(session):
    record = TakeRecord(cue=2, language="es", text="x", speaker="ANA", seed=0, profile="embedded")
    kept = session.store.add(record, {})
    assert take_sources(session.lines[1].parts, kept, session.store) == original_sources(session.lines[1].parts)


def test_reading_can_be_stopped(films):
    assert load((Source(films / "original.mp4", 0, 75),), Fraction(25), lambda: True).pictures == ()


def test_a_missing_film_is_an_error_with_its_name(tmp_path):
    with pytest.raises(MediaError, match=r"gone\.mp4"):
        load((Source(tmp_path / "gone.mp4", 0, 5),), Fraction(25))


def test_pictures_are_small_enough_for_the_memory_whatever_their_number():
    from codub_panel.footage import _size

    assert _size(720, 576, 75) == (720, 576)
    assert _size(1920, 1080, 75)[0] <= 960
    width, height = _size(3840, 2160, 3000)
    assert width >= 240
    assert np.isclose(width / height, 16 / 9, rtol=0.02)
