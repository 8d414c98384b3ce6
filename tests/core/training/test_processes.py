"""What a process is told by its launcher; what two do together is tested in speech_stack/test_runs.py."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from codub.errors import UsageError
from codub.training.processes import ALONE, joined, on_device, require_alone


def test_a_process_alone_averages_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    layer = nn.Linear(2, 2)
    ALONE.average_gradients(layer.parameters())
    assert layer.weight.grad is None
    assert ALONE.mean({"loss": 1.5}) == {"loss": 1.5}
    with joined("cpu") as processes:
        assert (processes.first, processes.count, processes.device.type) == (True, 1, "cpu")
    require_alone("The speech encoder")


def test_half_a_launcher_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(UsageError, match="RANK is not set"), joined("cpu"):
        pass
    with pytest.raises(UsageError, match="The speech encoder trains in one process, but 4"):
        require_alone("The speech encoder")


@dataclass(frozen=True)
class Inner:
    noise: Tensor


@dataclass(frozen=True)
class Outer:
    sound: Tensor
    inner: Inner


def test_a_batch_goes_to_another_device_whole() -> None:
    moved = on_device(Outer(torch.ones(2), Inner(torch.ones(3))), torch.device("meta"))
    assert {moved.sound.device.type, moved.inner.noise.device.type} == {"meta"}
