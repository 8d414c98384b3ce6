"""The queue: which lines wait to be dubbed, in which order, and what the worker says of the one it has."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from codub.dubbing.deliveries import delivery_values
from codub.dubbing.takes import TakesStore
from codub.speech.model import PLAIN
from codub_panel.project.board import Board, Ground, Job
from codub_panel.project.history import Change, History
from codub_panel.project.line import Line, LineState

Request = dict[str, Any]
"""What the worker is asked for, as JSON has it (see `codub.jobs.worker`)."""


class DubQueue(Board):
    """Lines wait here until the worker takes them, one at a time, so that a new order takes effect at once.

    The order, whether the queue rests, and which line the worker has are on the disk: after a crash the line that
    was in work waits first in the queue, unless its take was kept.
    """

    def __init__(self, lines: Sequence[Line], store: TakesStore, job: Job, ground: Ground) -> None:
        self.history = History()
        self.progress: tuple[float, str, float | None] | None = None
        self._stopping = False
        self._current = 0
        super().__init__(lines, store, job, ground)
        self._running = 0
        self._recover()

    @property
    def queue(self) -> tuple[int, ...]:
        """Cue numbers that wait, the next one first."""
        return self._remembered.queue

    @property
    def running(self) -> tuple[int, ...]:
        """The cue that the worker has; empty when it has none."""
        return (self._running,) if self._running else ()

    @property
    def paused(self) -> bool:
        """Whether the queue rests: what runs goes on, what waits stays."""
        return self._remembered.paused

    @property
    def stopping(self) -> bool:
        """Whether the line in work was cancelled: its worker is to stop now."""
        return self._stopping

    def enqueue(self, numbers: Iterable[int]) -> None:
        """Put lines at the end of the queue, each once; the one in work is not taken twice."""
        taken = {*self.queue, *self.running}
        added = [number for number in dict.fromkeys(numbers) if number not in taken]
        self._put_queue((*self.queue, *added))

    def move_in_queue(self, number: int, to: int) -> None:
        """Let a waiting line be the `to`-th of the queue, 0 the next one; undoable."""
        if number not in self.queue:
            return
        order = [other for other in self.queue if other != number]
        order.insert(max(0, to), number)
        self._reorder(f"move of line {number} in the queue", tuple(order))

    def shift_in_queue(self, numbers: Iterable[int], step: int) -> None:
        """Let waiting lines come one place earlier (`step` -1) or later (1), side by side ones together; undoable."""
        wanted, order = set(numbers), list(self.queue[::-step])
        for place in range(1, len(order)):
            if order[place] in wanted and order[place - 1] not in wanted:
                order[place - 1], order[place] = order[place], order[place - 1]
        if tuple(order[::-step]) != self.queue:
            self._reorder("new order of the queue", tuple(order[::-step]))

    def pause_queue(self) -> None:
        """Let the queue rest after the line in work; kept over a restart."""
        self._remember(paused=True)
        self._tell(None)

    def resume_queue(self) -> None:
        """Go on with the queue."""
        self._remember(paused=False)
        self._tell(None)

    def toggle_queue(self) -> None:
        """Let the queue rest, or go on."""
        self.resume_queue() if self.paused else self.pause_queue()

    def cancel(self, numbers: Iterable[int] | None = None) -> None:
        """Take lines (None: all) out of the queue, undoable; the one in work among them is stopped at once.

        A stopped line keeps its takes and is as it was before.
        """
        wanted = {*self.queue, *self.running} if numbers is None else set(numbers)
        left = tuple(number for number in self.queue if number not in wanted)
        if left != self.queue:
            self._reorder("cancelling of waiting lines", left)
        if self._running in wanted and self._running:
            self._stopping = True
            self._tell(self.row(self._running))

    def clear_queue(self) -> None:
        """Forget what waits; what runs is the worker's."""
        self.cancel(self.queue)

    # For the worker

    def next_request(self) -> Request | None:
        """The first waiting line as the worker wants it, which is now in work; None: nothing waits, or it rests.

        A line whose text, window or delivery changed since its chosen take is said with that take's seed; an
        unchanged one gets a reading of its own.
        """
        if self._running or self.paused or not self.queue:
            return None
        number, *waiting = self.queue
        line = self.line(number)
        self._running, self._stopping = number, False
        self._remember(queue=tuple(waiting), running=number, takes_before=len(line.takes))
        self.progress = None
        self._mark({number: LineState.RUNNING})
        return self._request(line)

    def rehearsal(self, number: int) -> Request:
        """What a worker is asked for to say a line as it is now; its queue is not touched."""
        return self._request(self.line(number))

    def report(self, fraction: float, what: str, eta: float | None) -> None:
        """The worker said how far it is with its line (0 to 1), at what, and how many seconds it expects to need."""
        self.progress = (fraction, what, eta)
        self._tell(self.row(self._running) if self._running else None)

    def hear(self, number: int, path: Path) -> None:
        """The voice of a line is there as a sound file, before its picture; it goes when the take arrives."""
        self._set(number, heard=path)
        self._tell(self.row(number))

    def failed(self, number: int, problem: str) -> None:
        """Something of a line failed (0: of the one in work): its voice, or only its picture; it stands on the line."""
        number = number or self._running
        if number in self._rows:
            told = [said for said in (self.line(number).problem, problem) if said]
            self._set(number, problem="\n".join(dict.fromkeys(told)))
            self._tell(self.row(number))

    def finished(self, problem: str = "") -> None:
        """The worker is done with its line; `problem` says why it was given up where the line got no take by then.

        A line that was cancelled has no problem.
        """
        problem = "" if self._stopping else problem
        number, self._running, self._stopping, self.progress = self._running, 0, False, None
        if not number:
            return
        before = self._remembered.takes_before
        self._remember(running=0, takes_before=0)
        self._revision = -1
        self.refresh()
        line = self.line(number)
        got_one = len(line.takes) > before
        self._set(number, pending=None, heard=None, problem=line.problem or ("" if got_one else problem))
        self._tell(self.row(number))

    def _request(self, line: Line) -> Request:
        job, number = self.job, line.cue.number
        request: Request = {
            "do": "dub",
            "write": False,  # the timeline is written when the user says so
            "project": str(job.project),
            "lines": str(self.spoken_lines()),
            "output": str(job.output),
            "language": job.language or self.language,
            "profile": job.profile,
            "cues": [number],
            "seed": _seed(line),
        }
        if job.source_lines is not None:
            request["source_lines"] = str(job.source_lines)
        if line.delivery != PLAIN:
            request["deliveries"] = {str(number): delivery_values(line.delivery)}
        return request

    def _recover(self) -> None:
        """Bring back what waited when the panel was closed or killed."""
        was = self._remembered
        queue = [number for number in was.queue if number in self._rows]
        if was.running in self._rows and len(self.line(was.running).takes) <= was.takes_before:
            queue.insert(0, was.running)
        self._put_queue(tuple(dict.fromkeys(queue)), running=0, takes_before=0)

    def _reorder(self, name: str, order: tuple[int, ...]) -> None:
        before = self.queue
        dropped = set(before) - set(order)

        def redo() -> None:
            now = self.queue
            self._put_queue((*(n for n in order if n in now), *(n for n in now if n not in before)))

        def undo() -> None:  # what was dubbed meanwhile does not wait again
            now = self.queue
            back = (n for n in before if (n in now or n in dropped) and n != self._running)
            self._put_queue((*back, *(n for n in now if n not in before)))

        self.history.do(Change(name, redo, undo))

    def _put_queue(self, queue: tuple[int, ...], **others: Any) -> None:
        gone = set(self.queue) - set(queue) - {self._running}
        self._remember(queue=queue, **others)
        self._mark({n: None for n in gone if n in self._rows} | dict.fromkeys(queue, LineState.QUEUED))

    def _mark(self, states: Mapping[int, LineState | None]) -> None:
        changed = [number for number, pending in states.items() if self.line(number).pending is not pending]
        for number in changed:
            self._set(number, pending=states[number], problem="")
        if changed:
            self._tell(self.row(changed[0]) if len(changed) == 1 else None)


def _seed(line: Line) -> int:
    if line.chosen is not None and line.stale:
        return line.chosen.seed
    return max((take.seed + 1 for take in line.takes), default=0)
