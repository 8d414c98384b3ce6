"""The one training loop: steps, checkpoints that survive a kill, metrics, remaining time."""

import json
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from codub.errors import CodubError
from codub.files import replacing
from codub.training.board import Board
from codub.training.processes import ALONE, Processes

Progress = Callable[[float, str], None]

CHECKPOINT = "checkpoint.pt"
METRICS = "metrics.jsonl"


class Task(Protocol):
    """What is trained. A step depends on nothing but its number, the state and torch's random generator."""

    def step(self, number: int) -> dict[str, float]:
        """Do step `number`; what to note down."""
        ...

    def state(self) -> dict[str, Any]:
        """Everything a later process needs to go on: tensors, numbers and text in plain containers."""
        ...

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave."""
        ...

    def report(self, number: int, folder: Path) -> dict[str, float]:
        """Measure after `number` steps, leave samples in the folder; what to note down."""
        ...


@dataclass(frozen=True)
class LoopConfig:
    """How long, and how often it is looked at. `checkpoint_every` in steps."""

    steps: int
    checkpoint_every: int = 100
    note_every: int = 10


def run(
    task: Task,
    config: LoopConfig,
    folder: Path,
    progress: Progress = lambda fraction, what: None,
    processes: Processes = ALONE,
    enough: Callable[[], bool] = lambda: False,
) -> int:
    """Train up to `config.steps`, from the checkpoint in `folder` where there is one; how many steps were done in all.

    A run that was killed and taken up again ends with the same weights as one that was not. Of several processes all
    step, and the first writes: checkpoints, `metrics.jsonl` with means over all of them, samples, TensorBoard's events.
    At each checkpoint `enough` may say that it is time to stop.

    Raises:
        CodubError: the checkpoint is damaged, or the loss is not finite.
    """
    folder.mkdir(parents=True, exist_ok=True)
    start = _resume(task, folder)
    if processes.first:
        _forget_metrics_from(folder, start)
    with Board(folder, start) if processes.first else nullcontext() as board:
        return _go_on(task, config, _Notes(folder, board, processes, progress, enough), start)


@dataclass
class _Notes:
    """Where a process notes what it did; all but the first are silent."""

    folder: Path
    board: Board | None
    processes: Processes
    progress: Progress
    enough: Callable[[], bool]

    def note(self, step: int, values: dict[str, float]) -> None:
        if self.board is not None:
            _note(self.folder, {"step": step, **values})
            self.board.scalars(step, values)

    def report(self, task: Task, step: int) -> None:
        """Only the first process measures; the others wait for it."""
        if self.board is not None:
            self.note(step, task.report(step, self.folder))
            self.board.samples(step, self.folder)
            _save(task, step, self.folder)
        self.processes.wait()


def _go_on(task: Task, config: LoopConfig, notes: _Notes, start: int) -> int:
    began = time.monotonic()
    for number in range(start, config.steps):
        noted = task.step(number)
        _stop_unless_finite(noted, number, notes.folder)
        done = number + 1
        if done % config.note_every == 0:
            noted = notes.processes.mean(noted)
            notes.note(done, noted)
            left = (time.monotonic() - began) / (done - start) * (config.steps - done)
            what = f"step {done} of {config.steps}, {_duration(left)} left, {_text(noted)}"
            if notes.processes.first:
                notes.progress(done / config.steps, what)
        if done % config.checkpoint_every == 0 or done == config.steps:
            notes.report(task, done)
            if notes.enough():
                return done
    return max(start, config.steps)


def _stop_unless_finite(noted: dict[str, float], number: int, folder: Path) -> None:
    bad = [name for name, value in noted.items() if value != value or abs(value) == float("inf")]
    if bad:
        raise CodubError(
            f"Training stopped at step {number}: {bad[0]} is {noted[bad[0]]}.",
            fix=f"Go on from '{folder / CHECKPOINT}' with a lower learning rate.",
        )


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"


def read_metrics(folder: Path) -> list[dict[str, float]]:
    """Everything noted down in a run's folder, in order."""
    path = folder / METRICS
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]


def _save(task: Task, done: int, folder: Path) -> None:
    held = {"step": done, "task": task.state(), "random": torch.get_rng_state()}
    with replacing(folder / CHECKPOINT) as temporary:
        torch.save(held, temporary)


def _resume(task: Task, folder: Path) -> int:
    path = folder / CHECKPOINT
    if not path.is_file():
        return 0
    try:
        held = torch.load(path, weights_only=True, map_location="cpu")
        task.load_state(held["task"])
        torch.set_rng_state(held["random"])
        return int(held["step"])
    except (OSError, RuntimeError, KeyError, EOFError, ValueError) as error:
        raise CodubError(
            f"The checkpoint '{path}' cannot be taken up.",
            cause=str(error).splitlines()[0],
            fix="Train in another folder, or delete it to start again.",
        ) from error


def _note(folder: Path, values: dict[str, float]) -> None:
    with (folder / METRICS).open("a", encoding="utf-8") as file:
        file.write(json.dumps(values) + "\n")


def _forget_metrics_from(folder: Path, step: int) -> None:
    """Drop what a killed run noted after its last checkpoint: those steps are done again."""
    kept = [values for values in read_metrics(folder) if values["step"] <= step]
    with replacing(folder / METRICS) as temporary:
        temporary.write_text("".join(json.dumps(values) + "\n" for values in kept), encoding="utf-8")


def _text(noted: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in noted.items())
