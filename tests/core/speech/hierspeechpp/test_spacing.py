"""Symbols among their blanks: what is silent, what is held, what was given."""

import numpy as np

from codub.speech.hierspeechpp.spacing import Spacing, given, held


def _drawn(symbols):
    spacing = Spacing.of(tuple(symbols))
    return "".join("." if quiet else "#" for quiet in spacing.quiet), spacing.first, spacing.last


def test_the_blank_before_a_line_and_the_mark_behind_it_are_its_edges():
    # _ a _ b _ . _
    assert _drawn("ab.") == (".####..", 1, 5)
    assert _drawn("ab") == (".####", 1, 5)  # the last blank ends the last sound
    assert _drawn(" ab!? ") == ("...####......", 3, 7)


def test_punctuation_is_a_pause_and_a_space_is_none():
    # _ a _ , _ sp _ b _ sp _ c _
    assert _drawn("a, b c") == (".##....######", 1, 13)


def test_timing_has_the_edges_outside():
    durations = np.array([4, 3, 1, 5, 2, 6, 3])
    timing = Spacing.of(tuple("ab.")).timing(durations)
    assert (timing.lead, timing.tail) == (4, 9)
    assert timing.core.tolist() == [0, 3, 1, 5, 2, 0, 0]
    assert timing.edge.tolist() == [4, 0, 0, 0, 0, 6, 3]
    heard = Spacing.of(tuple("ab.")).heard(durations)
    assert heard.tolist() == [False] * 4 + [True] * 11 + [False] * 9


def test_wanted_seconds_are_shared_with_the_blank_behind():
    durations = np.array([4, 3, 1, 5, 2, 6, 3])
    kept = held(durations, (0.16, None, 0.001))
    assert kept[1:3].tolist() == [6, 2]
    assert np.isnan(kept[[0, 3, 4]]).all()
    assert kept[5:].tolist() == [1, 1]  # a frame each at least
    assert given(np.array([0, 6, 2, 5, 2, 0, 0])) == [0.16, 0.14, 0.0]
