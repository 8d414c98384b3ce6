"""Sound goes and comes back without a step, and pieces fade as the whole does."""

from fractions import Fraction

import numpy as np
import pytest

from codub.media.fading import CROSSFADE, kept_outside

RATE = 8000
FADE = int(CROSSFADE * RATE)
SPANS = ((Fraction(1, 4), Fraction(1, 2)), (Fraction(51, 100), Fraction(3, 5)))


def test_nothing_is_kept_inside_and_everything_away_from_the_spans() -> None:
    kept = kept_outside(SPANS, 0, RATE, RATE)
    assert not kept[2000:4000].any()
    assert (kept[: 2000 - FADE] == 1).all()
    assert (kept[4800 + FADE :] == 1).all()
    assert np.abs(np.diff(kept)).max() < 0.02


def test_a_floor_is_kept_inside() -> None:
    assert kept_outside(SPANS, 0, RATE, RATE, floor=0.25).min() == pytest.approx(0.25)


def test_pieces_are_those_of_the_whole() -> None:
    whole = kept_outside(SPANS, 0, RATE, RATE)
    pieces = [kept_outside(SPANS, first, 700, RATE) for first in range(0, RATE, 700)]
    assert np.array_equal(np.concatenate(pieces)[:RATE], whole)
