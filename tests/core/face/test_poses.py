"""Frames whose surroundings change steadily are not looked at; what they would have shown is mixed."""

import numpy as np
import pytest
import torch

from codub.face.poses import PoseLooks, all_looks, few_looks

SEEN = np.ones((16, 16), np.bool_)


def face(level: float) -> np.ndarray:
    return np.full((16, 16, 3), level, np.uint8)


def film(*levels: float) -> np.ndarray:
    return np.stack([face(level) for level in levels])


@pytest.mark.parametrize("count", [1, 2, 8, 25])
def test_of_a_still_face_the_first_and_the_last_frame_are_enough(count: int) -> None:
    assert set(few_looks(film(*[90] * count), SEEN).looked) == {0, count - 1}


def test_steady_change_needs_no_more_looks_and_a_sudden_one_does() -> None:
    assert few_looks(film(*range(60, 140, 10)), SEEN).looked == (0, 7)
    assert {2, 3} <= set(few_looks(film(60, 60, 60, 140, 140, 140, 140, 140), SEEN).looked)
    assert 5 in few_looks(film(60, 60, 60, 60, 60, 140, 60, 60), SEEN).looked


def test_what_the_encoder_does_not_see_does_not_count() -> None:
    pictures = film(*[90] * 8)
    pictures[3, 4:12, 4:12] = 250
    hidden = SEEN.copy()
    hidden[4:12, 4:12] = False
    assert few_looks(pictures, hidden).looked == (0, 7)
    assert 3 in few_looks(pictures, SEEN).looked


def test_between_two_looks_maps_are_mixed_and_at_them_they_are_their_own() -> None:
    maps = torch.tensor([0.0, 4.0, 10.0])[:, None, None, None].expand(-1, 2, 3, 3)
    looks = PoseLooks(6, (0, 4, 5))
    wanted = torch.tensor([0.0, 1, 2, 3, 4, 10])[:, None, None, None].expand(-1, 2, 3, 3)
    torch.testing.assert_close(looks.of_all(maps), wanted)
    torch.testing.assert_close(looks.add_to(torch.ones(6, 2, 3, 3), maps), 1 + wanted)
    torch.testing.assert_close(all_looks(3).of_all(maps), maps)
