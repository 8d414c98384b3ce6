"""Kinds of mouth are told by opening and width, on frames of which it is known what they show."""

import numpy as np

from codub.face.crop import LEFT_EYE
from codub.face.mesh import MOUTH_CORNERS, mouth_width
from codub.face.mouth_kinds import mouth_costs, pick_mouths

# closed, wide open, between, rounded, spread, and some that are nothing in particular
OPENINGS = np.array([0.01, 0.30, 0.16, 0.12, 0.13, 0.08, 0.21, 0.24])
WIDTHS = np.array([0.80, 0.80, 0.80, 0.55, 0.95, 0.74, 0.78, 0.82])


def test_each_kind_finds_its_frame() -> None:
    assert pick_mouths(OPENINGS, WIDTHS, 5) == (0, 1, 2, 3, 4)
    assert pick_mouths(OPENINGS, WIDTHS, 3) == (0, 1, 2)


def test_a_shut_narrow_mouth_is_not_the_rounded_one() -> None:
    openings, widths = np.append(OPENINGS, 0.0), np.append(WIDTHS, 0.54)
    assert pick_mouths(openings, widths, 4)[3] == 3


def test_three_more_lie_between_those() -> None:
    openings = np.append(np.linspace(0, 0.4, 41), [0.1, 0.2, 0.3])
    widths = np.append(np.full(41, 0.8), [0.6, 0.6, 0.6])
    ajar, wider, pursed = (int(i) for i in mouth_costs(openings, widths, 8)[5:].argmin(1))
    assert abs(openings[ajar] - 0.1) < 0.02
    assert abs(openings[wider] - 0.3) < 0.02
    assert pursed == 41
    assert pick_mouths(openings, widths, 8)[3] == 42


def test_further_kinds_lie_between_and_no_frame_serves_twice() -> None:
    chosen = pick_mouths(OPENINGS, WIDTHS, 8)
    assert len(set(chosen)) == 8
    assert mouth_costs(OPENINGS, WIDTHS, 11).shape == (11, 8)


def test_one_frame_serves_all_kinds() -> None:
    assert pick_mouths([0.1], [0.8], 5) == (0,) * 5


def test_width_is_measured_in_eye_distances() -> None:
    points = np.zeros((2, 468, 2), np.float32)
    points[:, list(LEFT_EYE), 0] = 50
    points[:, MOUTH_CORNERS[1], 1] = 40, 30
    np.testing.assert_allclose(mouth_width(points), [0.8, 0.6])
