"""What the panel shows and does, without Qt: the lines, their takes, the queue; widgets watch it."""

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from codub.dubbing.consent import ConsentLedger
from codub.dubbing.plan import AudioPart, ShotPart
from codub.dubbing.record import ReviewState, TakeRecord
from codub.dubbing.takes import TakesStore
from codub.media.clock import clock_timecode
from codub.timeline.cues import Cue
from codub.timeline.placed import Placement
from codub_panel.edits import LineEdits
from codub_panel.fit import misfit

Watcher = Callable[[int | None], None]
"""Called with the row that changed, or None when any may have."""

_RUN_CODUB = "from codub.cli.main import main; main()"
_CUE_NAMED = re.compile(r"\bcue (\d+)\b", re.IGNORECASE)


class LineState(StrEnum):
    """Where a line stands."""

    NEW = "new"
    QUEUED = "queued"
    RUNNING = "running"
    REVIEW = "review"
    APPROVED = "approved"
    NEEDS_WORK = "needs work"


_OF_TAKE = {
    ReviewState.REVIEW: LineState.REVIEW,
    ReviewState.APPROVED: LineState.APPROVED,
    ReviewState.REJECTED: LineState.NEEDS_WORK,
}


@dataclass(frozen=True)
class Line:
    """One row: a cue (its text as edited), whose voice, its pictures and sound, its takes, what went wrong last."""

    cue: Cue
    voice: str = ""
    parts: tuple[ShotPart, ...] = ()
    sounds: tuple[AudioPart, ...] = ()
    takes: tuple[TakeRecord, ...] = ()
    chosen: TakeRecord | None = None
    pending: LineState | None = None
    problem: str = ""

    @property
    def state(self) -> LineState:
        """Queue first, then what the reviewer made of the chosen take."""
        if self.pending is not None:
            return self.pending
        return LineState.NEW if self.chosen is None else _OF_TAKE[self.chosen.state]

    @property
    def stale(self) -> bool:
        """Whether the text was changed since the chosen take was spoken."""
        return self.chosen is not None and self.chosen.text != self.cue.text

    @property
    def misfit(self) -> float:
        """Seconds too long (above 0) or too short: measured on the chosen take, else estimated from the text."""
        if self.chosen is not None and self.chosen.fit is not None and not self.stale:
            return self.chosen.fit.excess
        return misfit(self.cue.text, self.cue.language, self.cue.window)


@dataclass(frozen=True)
class Job:
    """What `codub dub` needs to know besides the cues: files as the user named them, further options as they are."""

    project: Path
    lines: Path
    output: Path
    options: tuple[str, ...] = ()


class PanelSession:
    """The state of one open project. Every change goes through here and is told to the watchers."""

    def __init__(
        self,
        lines: Sequence[Line],
        store: TakesStore,
        job: Job,
        *,
        rate: Fraction,
        start: Fraction = Fraction(0),
        placement: Placement | None = None,
    ) -> None:
        self.edits = LineEdits(store.folder)
        self._original = {line.cue.number: line.cue for line in lines}
        self.lines = [replace(line, cue=self.edits.applied(line.cue)) for line in lines]
        self.store = store
        self.job = job
        self.rate = rate
        self.start = start
        self.placement = placement  # all that plays on the timeline, and what cannot
        self.progress: tuple[float, str, float | None] | None = None
        self._queue: list[int] = []
        self._running: tuple[int, ...] = ()
        self._takes_before: dict[int, int] = {}
        self._revision = -1
        self._rows = {line.cue.number: row for row, line in enumerate(self.lines)}
        self._watchers: list[Watcher] = []
        self.refresh()

    def watch(self, watcher: Watcher) -> None:
        """Tell `watcher` of every change from now on."""
        self._watchers.append(watcher)

    def row(self, number: int) -> int:
        """Row of a cue."""
        return self._rows[number]

    def timecode(self, seconds: Fraction) -> str:
        """Timeline time as the editor's clock shows it."""
        return clock_timecode(self.start + seconds, self.rate)

    def refresh(self) -> None:
        """Take in what other processes put into the store since the last call; cheap when that is nothing."""
        revision = self.store.revision()
        if revision == self._revision:
            return
        self._revision = revision
        takes: dict[tuple[int, str], list[TakeRecord]] = {}
        for record in self.store.list():
            takes.setdefault((record.cue, record.language), []).append(record)
        chosen = self.store.selections()
        for row, line in enumerate(self.lines):
            key = (line.cue.number, line.cue.language)
            self.lines[row] = replace(line, takes=tuple(takes.get(key, ())), chosen=chosen.get(key))
        self._tell(None)

    # Text

    def edit(self, number: int, text: str) -> None:
        """Give a line another text; kept at once, in a copy of the subtitles beside the takes."""
        row = self.row(number)
        line = self.lines[row]
        text = " ".join(text.split())
        if not text or text == line.cue.text:
            return
        self.lines[row] = replace(line, cue=replace(line.cue, text=text))
        self.edits.change(self._original[number], text)
        self._tell(row)

    # Takes

    def choose(self, number: int, take: TakeRecord) -> None:
        """Make a take the chosen one."""
        self.store.select(number, take.take, take.language)
        self._changed(number)

    def review(self, number: int, state: ReviewState) -> bool:
        """Approve or reject the chosen take; False where there is none."""
        chosen = self.lines[self.row(number)].chosen
        if chosen is None:
            return False
        self.store.set_state(number, chosen.take, state, chosen.language)
        self._changed(number)
        return True

    def comment(self, number: int, take: TakeRecord, text: str) -> None:
        """Keep a remark on a take."""
        self.store.comment(number, take.take, text, take.language)
        self._changed(number)

    # Consent

    @property
    def consents(self) -> ConsentLedger:
        """Who agreed to be dubbed."""
        return ConsentLedger(self.store.folder, self.job.project.parent)

    def missing_consent(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """Speakers of these lines for whom nobody has declared that they agreed."""
        return self.consents.missing(self.lines[self.row(number)].voice for number in numbers)

    # Dubbing

    @property
    def running(self) -> tuple[int, ...]:
        """Cues that the worker was given."""
        return self._running

    def enqueue(self, numbers: Iterable[int]) -> None:
        """Put lines at the end of the queue, each once."""
        taken = {*self._queue, *self._running}
        added = [number for number in dict.fromkeys(numbers) if number not in taken]
        self._queue += added
        self._mark(added, LineState.QUEUED)

    def next_command(self) -> list[str] | None:
        """The command that dubs everything in the queue, which is now the worker's; None when there is nothing."""
        if self._running or not self._queue:
            return None
        self._running, self._queue = tuple(self._queue), []
        self._takes_before = {number: len(self.lines[self.row(number)].takes) for number in self._running}
        lines = self.job.lines
        if self.edits:
            lines = self.edits.write_subtitles(lines.stem, [line.cue for line in self.lines])
        cues = [part for number in self._running for part in ("--cue", str(number))]
        command = [sys.executable, "-c", _RUN_CODUB, "dub", str(self.job.project), str(lines)]
        return [*command, "-o", str(self.job.output), "--progress-json", *self.job.options, *cues]

    def report(self, fraction: float, what: str, eta: float | None) -> None:
        """The worker said how far it is; what it names as `cue N` is the running line."""
        self.progress = (fraction, what, eta)
        named = _CUE_NAMED.search(what)
        current = int(named[1]) if named else -1
        if current in self._running:
            for number in self._running:
                if number != current and self.lines[self.row(number)].pending is LineState.RUNNING:
                    self._mark([number], None)
            self._mark([current], LineState.RUNNING)
        self.refresh()

    def finished(self, problem: str = "") -> None:
        """The worker is gone; `problem` says why where it failed, and stands on the lines that got no take."""
        done, self._running, self.progress = self._running, (), None
        self._revision = -1
        self.refresh()
        for number in done:
            row = self.row(number)
            got_one = len(self.lines[row].takes) > self._takes_before[number]
            self.lines[row] = replace(self.lines[row], pending=None, problem="" if got_one else _about(number, problem))
        self._tell(None)

    def clear_queue(self) -> None:
        """Forget what waits; what runs is the worker's."""
        waiting, self._queue = self._queue, []
        self._mark(waiting, None)

    def _mark(self, numbers: Sequence[int], pending: LineState | None) -> None:
        rows = [row for row in map(self.row, numbers) if self.lines[row].pending is not pending]
        for row in rows:
            self.lines[row] = replace(self.lines[row], pending=pending, problem="")
        if rows:
            self._tell(rows[0] if len(rows) == 1 else None)

    def _changed(self, number: int) -> None:
        row = self.row(number)
        language = self.lines[row].cue.language
        takes, chosen = self.store.list(number, language), self.store.selected(number, language)
        self.lines[row] = replace(self.lines[row], takes=takes, chosen=chosen)
        self._tell(row)

    def _tell(self, row: int | None) -> None:
        for watcher in self._watchers:
            watcher(row)


def _about(number: int, problem: str) -> str:
    """What the worker said of one cue, or its last words where it named none."""
    lines = [line.strip() for line in problem.splitlines()]
    own = [line for line in lines if re.search(rf"\bcue {number}\b", line, re.IGNORECASE)]
    return "\n".join(dict.fromkeys(own or lines[-4:]))
