"""Progress with an ETA, for a terminal or for a program that reads it."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Report = Callable[[float, str], None]


@contextmanager
def reporting(*, as_json: bool, quiet: bool = False) -> Iterator[Report]:
    """A callback for (fraction done, what is being done); everything goes to stderr."""
    if quiet:
        yield lambda _fraction, _what: None
    elif as_json:
        yield _JsonLines()
    else:
        with _bar() as report:
            yield report


class _JsonLines:
    """One JSON object a line: `{"fraction": 0.31, "what": "cue 3: face", "eta_s": 12}`."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, fraction: float, what: str) -> None:
        elapsed = time.monotonic() - self._started
        eta = round(elapsed * (1 - fraction) / fraction) if fraction > 0 else None
        line = json.dumps({"fraction": round(fraction, 4), "what": what, "eta_s": eta})
        print(line, file=sys.stderr, flush=True)  # noqa: T201  this is the protocol


@contextmanager
def _bar() -> Iterator[Report]:
    columns = (
        TextColumn("{task.percentage:3.0f} %"),
        BarColumn(bar_width=30),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=1.0)

        def report(fraction: float, what: str) -> None:
            progress.update(task, completed=fraction, description=what)

        yield report
