"""The loop goes on after a kill as if nothing had happened."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from codub.errors import CodubError
from codub.training import loop
from codub.training.loop import LoopConfig, read_metrics, run
from codub.training.processes import Processes


class Descent:
    """Noisy descent on a parabola; `stop` makes it fail like a killed process."""

    def __init__(self, stop: int | None = None) -> None:
        self.value, self.stop = torch.tensor([4.0]), stop

    def step(self, number: int) -> dict[str, float]:
        if number == self.stop:
            raise KeyboardInterrupt
        self.value = self.value * 0.9 + 0.1 * torch.randn(1)
        return {"loss": float(self.value**2)}

    def state(self) -> dict[str, Any]:
        return {"value": self.value}

    def load_state(self, state: dict[str, Any]) -> None:
        self.value = state["value"]

    def report(self, number: int, folder: Path) -> dict[str, float]:
        return {"seen": float(number)}


CONFIG = LoopConfig(steps=20, checkpoint_every=5, note_every=2)


def test_resumed_run_equals_uninterrupted(tmp_path: Path) -> None:
    torch.manual_seed(3)
    whole = Descent()
    run(whole, CONFIG, tmp_path / "whole")
    torch.manual_seed(3)
    with pytest.raises(KeyboardInterrupt):
        run(Descent(stop=13), CONFIG, tmp_path / "cut")
    torch.manual_seed(99)
    again = Descent()
    run(again, CONFIG, tmp_path / "cut")
    assert torch.equal(again.value, whole.value)
    assert read_metrics(tmp_path / "cut") == read_metrics(tmp_path / "whole")


def test_finished_run_is_not_run_again(tmp_path: Path) -> None:
    run(Descent(), CONFIG, tmp_path)
    run(Descent(stop=0), CONFIG, tmp_path)


def test_damaged_checkpoint_stops(tmp_path: Path) -> None:
    (tmp_path / loop.CHECKPOINT).write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(CodubError, match="cannot be taken up"):
        run(Descent(), CONFIG, tmp_path)


def test_loss_that_is_not_finite_stops(tmp_path: Path) -> None:
    class Broken(Descent):
        def step(self, number: int) -> dict[str, float]:
            return {"loss": float("nan")}

    with pytest.raises(CodubError, match="loss is nan"):
        run(Broken(), CONFIG, tmp_path)


def test_progress_tells_the_share_and_the_time_left(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    run(Descent(), CONFIG, tmp_path, lambda fraction, what: told.append((fraction, what)))
    assert [fraction for fraction, _ in told] == pytest.approx([n / 10 for n in range(1, 11)])
    assert "min left" in told[0][1]


def test_long_times_left_are_told_in_hours() -> None:
    assert [loop._duration(seconds) for seconds in (20, 3540, 7259, 400_000)] == [
        "0 min",
        "59 min",
        "2 h 01 min",
        "111 h 07 min",
    ]


def test_only_the_first_process_writes(tmp_path: Path) -> None:
    class Quiet(Processes):
        def wait(self) -> None:
            return

        def mean(self, values: Mapping[str, float]) -> dict[str, float]:
            return dict(values)

    told: list[str] = []
    run(Descent(), CONFIG, tmp_path / "second", lambda _, what: told.append(what), Quiet(rank=1, count=2))
    assert not told
    assert not list((tmp_path / "second").iterdir())
