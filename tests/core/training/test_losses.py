"""Losses against values worked out by hand."""

import math

import pytest
import torch

from codub.training import losses


def test_weighted_l1_counts_places_by_weight() -> None:
    true = torch.zeros(1, 3, 1, 2)
    made = torch.tensor([0.2, 0.6]).expand(1, 3, 1, 2)
    weight = torch.tensor([[[[1.0, 3.0]]]])
    assert float(losses.weighted_l1(made, true, weight)) == pytest.approx((0.2 + 3 * 0.6) / 4)


def test_gradient_l1_sees_steps_and_not_levels() -> None:
    flat = torch.full((1, 3, 4, 4), 0.3)
    weight = torch.ones(1, 1, 4, 4)
    assert float(losses.gradient_l1(flat + 0.5, flat, weight)) == pytest.approx(0, abs=1e-6)
    stepped = flat.clone()
    stepped[..., 2:] += 0.3
    # One of the three horizontal steps is 0.3 off, no vertical one.
    assert float(losses.gradient_l1(stepped, flat, weight)) == pytest.approx(0.1, abs=1e-6)


def test_mixing_is_the_entropy_under_the_mask() -> None:
    blend = torch.zeros(1, 4, 1, 2)
    blend[0, :, 0, 0] = 0.25
    blend[0, 2, 0, 1] = 1
    mask = torch.tensor([[[[1.0, 1.0]]]])
    assert float(losses.mixing(blend, mask)) == pytest.approx(math.log(4) / 2, abs=1e-4)
    assert float(losses.mixing(blend, torch.tensor([[[[0.0, 1.0]]]]))) == pytest.approx(0, abs=1e-4)


def test_hinge() -> None:
    real, made = torch.tensor([2.0, 0.5]), torch.tensor([-2.0, 0.0])
    assert float(losses.hinge_discriminator(real, made)) == pytest.approx(0.25 + 0.5)
    assert float(losses.hinge_mismatch(made)) == pytest.approx((0 + 1) / 2)
    assert float(losses.hinge_generator(made)) == pytest.approx(1.0)


def similarities(*values: float) -> list[torch.Tensor]:
    return [torch.tensor([value]) for value in values]


def test_stabilized_sync_is_the_published_formula_without_its_epsilon() -> None:
    made, true, reference = similarities(0.5, 0.8, 0.2)
    a, b = 0.3, 0.6
    expected = -math.log(1 - a / (a + b))
    assert float(losses.stabilized_sync(made, true, reference)) == pytest.approx(expected, rel=1e-5)


def test_stabilized_sync_costs_nothing_at_the_truth_and_stays_finite() -> None:
    assert float(losses.stabilized_sync(*similarities(0.8, 0.8, 0.2))) == 0
    same = losses.stabilized_sync(*similarities(0.1, 0.8, 0.8))
    assert float(same) == pytest.approx(math.log(1 + 0.7 / 0.05), rel=1e-5)


def test_stabilized_sync_moves_only_the_made_score() -> None:
    made, true, reference = (value.requires_grad_() for value in similarities(0.5, 0.8, 0.2))
    losses.stabilized_sync(made, true, reference).backward()
    assert made.grad is not None
    # d/dx log(1 + |x - y| / b) = sign(x - y) / (b + a)
    assert float(made.grad) == pytest.approx(-1 / 0.9, rel=1e-5)
    assert true.grad is None
    assert reference.grad is None


def test_vanilla_sync() -> None:
    assert float(losses.vanilla_sync(torch.tensor([1.0, math.exp(-1)]))) == pytest.approx(0.5, rel=1e-5)


def test_mouth_weight_peaks_over_the_mouth() -> None:
    weight = losses.mouth_weight(80, 5.0)[0, 0]
    assert weight[34, 40] == pytest.approx(5, abs=0.05)
    assert weight[0, 0] == pytest.approx(1, abs=0.01)
    assert weight[79, 40] == pytest.approx(1, abs=0.05)
