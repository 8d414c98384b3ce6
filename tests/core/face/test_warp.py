"""A known flow moves a picture by a known distance, at any resolution."""

import numpy as np
import pytest
import torch

from codub.face.model import MouthMotion
from codub.face.moved import apply
from codub.face.warp import compose, warp


def picture(size: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(1, 1, 3, size, size, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("size", [16, 64])
def test_flow_of_whole_pixels_is_a_shift(size: int) -> None:
    reference = picture(size)
    flow = torch.zeros(1, 1, 2, 16, 16)
    flow[:, :, 0], flow[:, :, 1] = 3 / size, -2 / size
    moved = warp(reference, flow)
    # A place shows what lies 3 pixels to its right and 2 above it.
    torch.testing.assert_close(moved[..., 2:, :-3], reference[..., :-2, 3:], rtol=0, atol=1e-5)


def test_edge_colour_repeats_outside() -> None:
    reference = picture(8)
    flow = torch.zeros(1, 1, 2, 8, 8)
    flow[:, :, 0] = 0.5
    moved = warp(reference, flow)
    torch.testing.assert_close(moved[..., 5:], reference[..., -1:].expand(-1, -1, -1, -1, 3))


def test_blend_mixes_references_and_colour() -> None:
    references = torch.stack([torch.full((3, 4, 4), 0.2), torch.full((3, 4, 4), 0.6)])[None]
    blend = torch.tensor([0.5, 0.25, 0.25])[None, :, None, None].expand(1, 3, 4, 4)
    made = compose(references, torch.zeros(1, 2, 2, 4, 4), blend, torch.ones(1, 3, 4, 4))
    torch.testing.assert_close(made, torch.full((1, 3, 4, 4), 0.5 * 0.2 + 0.25 * 0.6 + 0.25))


def motion(mask: np.ndarray, size: int = 8) -> MouthMotion:
    blend = np.zeros((1, 2, size, size), np.float32)
    blend[:, 0] = 1
    zeros = np.zeros((1, 1, 2, size, size), np.float32)
    return MouthMotion(zeros, blend, np.zeros((1, 3, size, size), np.float32), mask)


def test_target_stays_where_the_mask_is_empty_and_reference_shows_where_it_is_full() -> None:
    rng = np.random.default_rng(0)
    reference, target = rng.integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    mask = np.zeros((8, 8), np.float32)
    mask[:, 4:] = 1
    made = apply(motion(mask), reference[None], target)
    np.testing.assert_array_equal(made[:, :14], target[:, :14])
    np.testing.assert_array_equal(made[:, 18:], reference[:, 18:])


def test_same_motion_at_twice_the_resolution_moves_twice_the_pixels() -> None:
    ramp = np.broadcast_to(np.arange(64, dtype=np.uint8)[None, :, None] * 3, (64, 64, 3)).copy()
    still = motion(np.ones((8, 8), np.float32))
    moving = MouthMotion(still.flow + np.float32(0.125), still.blend, still.colour, still.mask)
    made = apply(moving, ramp[None], ramp)
    # An eighth of 64 pixels is 8 pixels, 3 grey steps each.
    assert np.abs(made[20:40, 10:50, 0].astype(int) - ramp[20:40, 10:50, 0] - 24).max() <= 1


def test_strips_give_what_all_references_give_together() -> None:
    """`compose` samples bicubically, over the whole crop; the picture is as smooth as a face."""
    random = torch.Generator().manual_seed(0)
    shape = torch.rand(3, 3, 9, 9, generator=random)
    references = torch.nn.functional.interpolate(shape, size=160, mode="bicubic").mul(255).clamp(0, 255).byte()
    flow, colour = (torch.rand(1, 3, c, 8, 8, generator=random).squeeze(2) for c in (2, 1))
    blend = torch.softmax(2 * torch.randn(1, 4, 8, 8, generator=random), 1)
    flow = (flow - 0.5) / 10
    moving = MouthMotion(flow.numpy(), blend.numpy(), colour.numpy(), np.ones((8, 8), np.float32))
    pictures = references.permute(0, 2, 3, 1).numpy()
    made = apply(moving, pictures, pictures[0])
    truth = compose(references[None].float(), flow, blend, 255 * colour, bicubic=True)[0].permute(1, 2, 0)
    assert np.abs(made - truth.numpy()).mean() < 0.4  # of which rounding is 0.25
    assert np.abs(made - truth.numpy()).max() < 2


def test_a_painted_picture_is_enlarged_bicubically() -> None:
    """The head `rgb`: no reference has a share, and the plate is larger than what was painted."""
    place = (np.arange(16) + 0.5) / 16
    painted = np.broadcast_to(0.5 + 0.4 * np.sin(2 * np.pi * 2 * place), (1, 3, 16, 16)).astype(np.float32)
    blend = np.zeros((1, 2, 16, 16), np.float32)
    blend[:, 1] = 1
    whole = MouthMotion(np.zeros((1, 1, 2, 16, 16), np.float32), blend, painted, np.ones((16, 16), np.float32))
    target = np.zeros((64, 64, 3), np.uint8)
    made = apply(whole, target[None], target)
    finer = (np.arange(64) + 0.5) / 64
    truth = 255 * (0.5 + 0.4 * np.sin(2 * np.pi * 2 * finer))
    error = np.abs(made[32, 8:56, 1] - truth[8:56]).max()
    bilinear = np.abs(255 * np.interp(finer, place, painted[0, 0, 0]) - truth)[8:56].max()
    assert error < 0.4 * bilinear
