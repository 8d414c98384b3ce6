"""The perceptual loss against values worked out by hand, and the networks that look."""

import pytest
import torch
from torch import Tensor

from codub.training.perceptual import ExpertFeatures, FeatureNetwork, feature_distance, perceptual
from codub.training.sync import SyncExpert
from codub.training.sync_figures import FRAMES, mouths_of


def test_distance_is_relative_to_the_true_maps_and_every_depth_counts_alike() -> None:
    true = [torch.tensor([[[[1.0, -3.0]]]]), torch.full((1, 2, 1, 1), 100.0)]
    made = [torch.tensor([[[[2.0, -3.0]]]]), torch.full((1, 2, 1, 1), 150.0)]
    # |1| + 0 over 1 + 3, and 50 over 100.
    assert float(feature_distance(made, true, 1)) == pytest.approx((0.25 + 0.5) / 2)
    # 1 + 0 over 1 + 9, and 2500 over 10000.
    assert float(feature_distance(made, true, 2)) == pytest.approx((0.1 + 0.25) / 2)


class Brightness(FeatureNetwork):
    """Two maps: the picture, and its mean."""

    title, power = "brightness", 1

    def forward(self, pictures: Tensor) -> list[Tensor]:
        return [pictures, pictures.mean((1, 2, 3), keepdim=True)]


def test_only_the_made_picture_is_moved_towards_the_true_one() -> None:
    made, true = (torch.full((2, 3, 4, 4), value).requires_grad_() for value in (0.5, 0.4))
    loss = perceptual(made, true, Brightness())
    assert float(loss.detach()) == pytest.approx(0.25, rel=1e-5)
    loss.backward()
    assert true.grad is None
    assert made.grad is not None
    # Either depth: one over the 96 or the 2 places it means over, over 0.4, all over two depths.
    assert made.grad.sum() == pytest.approx((1 / 0.4 + 1 / 0.4) / 2, rel=1e-5)


def test_the_expert_sees_a_mouth_that_stands_still() -> None:
    torch.manual_seed(0)
    expert = SyncExpert(4, 3).eval()
    pictures = torch.rand(2, 3, 80, 80)
    maps = ExpertFeatures(expert)(pictures)
    assert [tuple(each.shape[1:]) for each in maps] == [(32, 32, 32), (64, 16, 16), (96, 8, 8), (128, 4, 4)]
    still = mouths_of(pictures)[:, None].expand(-1, FRAMES, -1, -1, -1).flatten(1, 2) * 2 - 1
    deepest = expert.sight[:-3](still)
    torch.testing.assert_close(maps[-1], deepest, rtol=1e-4, atol=1e-5)


def test_the_expert_is_not_taught() -> None:
    torch.manual_seed(0)
    expert = SyncExpert(4, 3).eval().requires_grad_(False)
    made = torch.rand(1, 3, 80, 80, requires_grad=True)
    perceptual(made, torch.rand(1, 3, 80, 80), ExpertFeatures(expert)).backward()
    assert made.grad is not None
    assert made.grad.abs().max() > 0
    assert not made.grad[..., 0, :].any()
    assert all(parameter.grad is None for parameter in expert.parameters())
