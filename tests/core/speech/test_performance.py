import numpy as np
import pytest

from codub.speech.activity import Interval
from codub.speech.performance import Performance, mapped, matched_pauses, melody


def test_a_melody_is_semitones_round_the_median_straight_across_gaps() -> None:
    f0 = np.full(200, 200.0)
    f0[100:] = 400.0
    f0[90:110] = 0.0
    found = melody(f0, 200.0, 100)
    assert found[20] == pytest.approx(0, abs=0.01)
    assert found[180] == pytest.approx(10, abs=0.01)  # an octave is a tracker's jump: clipped
    assert 2 < found[100] < 8
    assert np.all(np.diff(found) >= -1e-9)


def test_as_many_phrases_are_laid_onto_each_other_one_by_one() -> None:
    values = np.linspace(0, 3, 301)  # the value is the second
    times = np.arange(400) / 100
    phrases = (Interval(0.0, 1.0), Interval(2.0, 3.0))
    onto = (Interval(0.5, 2.5), Interval(3.0, 3.5))
    found = mapped(values, phrases, onto, times)
    assert found[50] == pytest.approx(0.0)
    assert found[150] == pytest.approx(0.5)
    assert found[325] == pytest.approx(2.5)
    assert found[20] == found[280] == 0


def test_other_numbers_of_phrases_lay_speech_onto_speech() -> None:
    values = np.linspace(0, 3, 301)
    times = np.arange(300) / 100
    found = mapped(values, (Interval(0.0, 1.0), Interval(2.0, 3.0)), (Interval(0.5, 2.5),), times)
    assert found[100] == pytest.approx(0.5)
    assert found[200] == pytest.approx(2.5)


def test_pauses_are_matched_by_their_place_in_the_speech() -> None:
    original = Performance((Interval(0, 1), Interval(1.6, 2.6), Interval(2.9, 3.9)), np.zeros(390), np.zeros(390))
    assert matched_pauses(original, (Interval(0, 1), Interval(1.1, 2), Interval(2.1, 3))) == {
        0: pytest.approx(0.6),
        1: pytest.approx(0.3),
    }
    one = matched_pauses(original, (Interval(0, 2.1), Interval(2.2, 3.2)))
    assert one == {0: pytest.approx(0.3)}
    assert matched_pauses(original, (Interval(0, 0.1), Interval(0.2, 3))) == {}
