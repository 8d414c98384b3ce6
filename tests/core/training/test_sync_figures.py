"""Figures of a sync expert whose judgement is known."""

import numpy as np
import pytest
import torch
from tests.made_faces import made_face
from torch import Tensor

from codub.latent import EMBEDDED
from codub.training.face_data import as_latent
from codub.training.sync_figures import FURTHEST, SyncCheck, likest_offsets, sync_check, sync_figures

COUNT = 75


def check(late: int = 0) -> SyncCheck:
    """Mouths each of its own brightness, and windows that tell the brightness of the frame `late` before."""
    light = torch.arange(COUNT)
    mouths = (2 * light).to(torch.uint8)[:, None, None, None].expand(-1, 3, 8, 8)
    return SyncCheck("made", mouths, (light - late).float()[:, None, None])


def look(mouths: Tensor) -> Tensor:
    """The frame that is the middle of five, as an angle."""
    return circle(mouths[:, 2, 0, 0, 0] * 255 / 2)


def listen(windows: Tensor) -> Tensor:
    return circle(windows[:, 0, 0])


def circle(frames: Tensor) -> Tensor:
    angle = frames * 0.05
    return torch.stack([angle.cos(), angle.sin()], 1)


def test_who_sees_and_hears_exactly_is_never_wrong() -> None:
    assert sync_figures(look, listen, [check()]) == {"in_sync": 1.0, "offset_found": 1.0}


@pytest.mark.parametrize(("late", "found"), [(1, 1.0), (2, 0.0)])
def test_an_offset_of_one_frame_is_as_good_as_none(late: int, found: float) -> None:
    assert sync_figures(look, listen, [check(late), check(late)])["offset_found"] == found


def test_who_cannot_tell_is_right_by_half() -> None:
    figures = sync_figures(look, lambda windows: torch.ones(len(windows), 2), [check()])
    assert figures["in_sync"] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("late", [-FURTHEST, -3, 0, 7])
def test_the_offset_is_found_in_every_second(late: int) -> None:
    places = torch.arange(71)
    scores = -(places[None] - places[:, None] - late).abs().float()
    assert likest_offsets(scores) == [late] * 4


def test_a_check_is_a_clip_with_what_is_heard_at_its_own_times() -> None:
    clip = made_face("c-1", "c", 0)
    spoken = np.arange(40, dtype=np.float32)
    made = sync_check(clip, as_latent(EMBEDDED, np.tile(spoken, (EMBEDDED.channels, 1))), 3)
    assert made.mouths.shape == (len(clip), 3, 64, 64)
    assert made.mouths.dtype == torch.uint8
    # Frame i is exposed at (i + 1/2) / 25 s, where vector (i + 1/2) / 25 * 40 - 1/2 stands.
    wanted = (np.arange(len(clip)) + 0.5) * 1.6 - 0.5
    np.testing.assert_allclose(made.windows[:, 0, 1], wanted, atol=1e-4)
