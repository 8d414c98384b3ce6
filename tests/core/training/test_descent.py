"""Steps down a loss: torch's own AdamW, an epoch's rate, a clipped gradient, an overflow that costs one step only."""

import pytest
import torch
from torch import nn

from codub.errors import UsageError
from codub.training.descent import Descent, DescentConfig, mixed


def line() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(3, 1)


def test_it_is_adamw_whose_rate_falls_by_epochs() -> None:
    config = DescentConfig(learning_rate=0.1, gamma=0.5)
    ours, theirs, x = line(), line(), torch.randn(5, 3)
    descent = Descent(list(ours.parameters()), config)
    optimizer = torch.optim.AdamW(theirs.parameters(), 0.1, betas=(0.8, 0.99), eps=1e-9, weight_decay=0.01)
    for epoch in range(3):
        noted = descent.step(ours(x).square().mean(), epoch)
        optimizer.zero_grad()
        theirs(x).square().mean().backward()
        norm = torch.cat([weight.grad.flatten() for weight in theirs.parameters()]).norm()
        optimizer.param_groups[0]["lr"] = 0.1 * 0.5**epoch
        optimizer.step()
        assert noted["gradient"] == pytest.approx(float(norm), rel=1e-5)
    assert torch.equal(ours.weight, theirs.weight)


def test_the_gradient_is_clipped_but_noted_whole() -> None:
    layer = line()
    descent = Descent(list(layer.parameters()), DescentConfig(clip=0.5))
    noted = descent.step(100 * layer(torch.ones(1, 3)).sum(), 0)
    assert noted["gradient"] > 100
    held = torch.cat([weight.grad.flatten() for weight in layer.parameters()])
    assert float(held.norm()) == pytest.approx(0.5, rel=1e-4)


def test_an_overflow_in_float16_costs_one_step() -> None:
    layer, x = line(), torch.ones(1, 3)
    descent = Descent(list(layer.parameters()), DescentConfig(), "float16")
    before = layer.weight.detach().clone()
    assert descent.step(layer(x).sum() * 1e36, 0) == {"overflows": 1.0}
    assert torch.equal(layer.weight, before)
    assert descent.step(layer(x).sum(), 0)["gradient"] == pytest.approx(2.0, rel=1e-3)
    assert not torch.equal(layer.weight, before)


def test_it_goes_on_from_its_state() -> None:
    layers, x = [line(), line()], torch.ones(1, 3)
    one, two = (Descent(list(layer.parameters()), DescentConfig(), "float16") for layer in layers)
    one.step(layers[0](x).sum(), 0)
    two.load_state_dict(one.state_dict())
    layers[1].load_state_dict(layers[0].state_dict())
    for descent, layer in ((one, layers[0]), (two, layers[1])):
        descent.step(layer(x).sum(), 1)
    assert torch.equal(layers[0].weight, layers[1].weight)


def test_networks_compute_in_the_precision_asked_for() -> None:
    cpu = torch.device("cpu")
    for name, kind in (("float32", torch.float32), ("bfloat16", torch.bfloat16), ("float16", torch.float16)):
        with mixed(cpu, name):
            assert line()(torch.ones(1, 3)).dtype is kind
    with pytest.raises(UsageError, match="no precision 'int8'"):
        mixed(cpu, "int8")
