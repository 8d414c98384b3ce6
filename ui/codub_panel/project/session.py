"""What the panel shows and does, without Qt: the lines, their takes, the queue; widgets watch it.

Every method that changes something has it on the disk when it returns, and can be undone unless it says otherwise.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from fractions import Fraction

from codub.dubbing.consent import ConsentLedger
from codub.dubbing.record import ReviewState, TakeRecord, delivery_of
from codub.errors import UsageError
from codub.speech.model import PLAIN, Delivery
from codub_panel.project.board import Ground, Job, Reshoot, Watcher
from codub_panel.project.dub_queue import DubQueue, Request
from codub_panel.project.edits import LineEdit, to_milliseconds
from codub_panel.project.history import Change
from codub_panel.project.line import Line, LineState

__all__ = ["Ground", "Job", "Line", "LineState", "PanelSession", "Request", "Reshoot", "Watcher"]

SHORTEST_WINDOW = Fraction(1, 5)  # s: below that no line can be said


class PanelSession(DubQueue):
    """The state of one open project. Every change goes through here and is told to the watchers.

    `lines` are in the order of the subtitles; a row is a `Line`, replaced as a whole when anything of it changes.
    """

    # Undo

    @property
    def undo_name(self) -> str:
        """What `undo` would take back, e.g. "edit of line 4"; "" when there is nothing."""
        return self.history.undo_name

    @property
    def redo_name(self) -> str:
        """What `redo` would make again; "" when there is nothing."""
        return self.history.redo_name

    def undo(self) -> str:
        """Take back the last change; its name, "" when there was none."""
        return self.history.undo()

    def redo(self) -> str:
        """Make again what was undone last; its name, "" when there was none."""
        return self.history.redo()

    def together(self, name: str) -> AbstractContextManager[None]:
        """Changes made in the `with` block are undone as one, named `name`, e.g. "approval of 20 lines"."""
        return self.history.together(name)

    # Lines

    @property
    def current(self) -> int | None:
        """Cue number of the line that was in hand last, kept over a restart; None where there is no line."""
        number = self._current or self._remembered.current
        return number if number in self._rows else next(iter(self._rows), None)

    def set_current(self, number: int) -> None:
        """Note which line is in hand; not undoable, and on the disk after the next `refresh` only."""
        self._current = number

    def refresh(self) -> None:
        """Take in what other processes put into the store since the last call; cheap when that is nothing."""
        super().refresh()
        if self._current:
            self._remember(current=self._current)

    def edit(self, number: int, text: str) -> None:
        """Give a line another text; blank space is folded, an empty text is not taken.

        Durations set for single sounds belong to the text before and go with it.
        """
        text = " ".join(text.split())
        if text and text != self.line(number).cue.text:
            own = text == self.original(number).text
            delivery = self.line(number).delivery.of_any_text()
            self._change(number, f"edit of line {number}", text=None if own else text, delivery=delivery)

    def set_delivery(self, number: int, delivery: Delivery) -> None:
        """Say how the next take of a line is to be said.

        Changes of one line in quick succession, as a slider makes them, are undone as one.
        """
        if delivery != self.line(number).delivery:
            self._change(number, f"delivery of line {number}", gesture=True, delivery=delivery)

    def reset_delivery(self, number: int, *names: str) -> None:
        """Back to the default: of the named controls ("pace", "durations" ...), or of all."""
        plain = {name: getattr(PLAIN, name) for name in names}
        self.set_delivery(number, replace(self.line(number).delivery, **plain) if names else PLAIN)

    def set_window(self, number: int, start: Fraction | None = None, end: Fraction | None = None) -> None:
        """Let a cue begin or end at another second of the timeline, to the millisecond; None: as it is.

        Raises:
            UsageError: the window would be shorter than 0.2 s or begin before the timeline.
        """
        cue, came = self.line(number).cue, self.original(number)
        low = cue.start if start is None else to_milliseconds(start)
        high = cue.end if end is None else to_milliseconds(end)
        if low < 0 or high - low < SHORTEST_WINDOW:
            raise UsageError(
                f"Line {number} cannot last from {float(low):.3f} s to {float(high):.3f} s.",
                fix=f"Give it {float(SHORTEST_WINDOW)} s at least, inside the timeline.",
            )
        if (low, high) != (cue.start, cue.end):
            self._change(
                number,
                f"window of line {number}",
                gesture=True,
                start=None if low == came.start else low,
                end=None if high == came.end else high,
            )

    def reset_window(self, number: int) -> None:
        """Back to the times of the subtitles."""
        came = self.original(number)
        self.set_window(number, came.start, came.end)

    def note(self, number: int, text: str) -> None:
        """Keep a remark on a line; "" takes it away. Takes have remarks of their own: `comment`."""
        if text != self.line(number).comment:
            self._change(number, f"remark on line {number}", comment=text)

    def adopt(self, number: int, take: TakeRecord) -> None:
        """Make the delivery of a take the line's own, to go on from there."""
        self.set_delivery(number, delivery_of(take))

    # Takes

    def choose(self, number: int, take: TakeRecord | None) -> None:
        """Make a take the chosen one; None: no take, the original plays."""
        line = self.line(number)
        if take != line.chosen:
            name = f"choice of {'no take' if take is None else f'take {take.take}'} of line {number}"
            self._do(name, self._chooser(number, take), self._chooser(number, line.chosen))

    def review(self, number: int, state: ReviewState, take: TakeRecord | None = None) -> bool:
        """Approve a take (None: the chosen one), send it back, or open it again; False where there is none."""
        take = take or self.line(number).chosen
        if take is None:
            return False
        if take.state is not state:
            name = {ReviewState.APPROVED: "approval", ReviewState.REJECTED: "rejection"}.get(state, "reopening")
            self._do(f"{name} of line {number}", self._reviewer(take, state), self._reviewer(take, take.state))
        return True

    def star(self, number: int, take: TakeRecord, starred: bool | None = None) -> None:
        """Mark a take as worth remembering, or not; None turns the mark over."""
        starred = not take.starred if starred is None else starred
        if starred != take.starred:
            name = f"star of take {take.take} of line {number}"
            self._do(name, self._starrer(take, starred), self._starrer(take, take.starred))

    def comment(self, number: int, take: TakeRecord, text: str) -> None:
        """Keep a remark on a take; "" takes it away."""
        if text != take.comment:
            name = f"comment on take {take.take} of line {number}"
            self._do(name, self._commenter(take, text), self._commenter(take, take.comment))

    def mark(self, number: int, side: str, take: TakeRecord | None) -> None:
        """Mark a take of a line as "A" or "B" of a comparison (see `Line.compared`); None takes the mark away.

        Kept over a restart, not undoable.
        """
        place = ("A", "B").index(side)
        marks = list(self.line(number).marks)
        marks[place] = None if take is None else take.take
        self._set(number, marks=tuple(marks))
        kept = {key: value for key, value in self._remembered.marks.items() if key != str(number)}
        if any(marks):
            kept[str(number)] = [mark or 0 for mark in marks]
        self._remember(marks=kept)
        self._tell(self.row(number))

    # Consent

    @property
    def consents(self) -> ConsentLedger:
        """Who agreed to be dubbed."""
        return ConsentLedger(self.store.folder, self.job.project.parent)

    def missing_consent(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """Speakers of these lines for whom nobody has declared that they agreed."""
        return self.consents.missing(self.line(number).voice for number in numbers)

    # Changes

    def _change(self, number: int, name: str, *, gesture: bool = False, **values: object) -> None:
        before = self.edits.of(self.original(number))
        after: LineEdit = replace(before, **values)  # type: ignore[arg-type]
        key = (name, *sorted(values)) if gesture else None
        self.history.do(
            Change(name, lambda: self._put_edit(number, after), lambda: self._put_edit(number, before), key)
        )

    def _do(self, name: str, redo: Callable[[], None], undo: Callable[[], None]) -> None:
        self.history.do(Change(name, redo, undo))

    def _chooser(self, number: int, take: TakeRecord | None) -> Callable[[], None]:
        language = self.line(number).cue.language

        def choose() -> None:
            if take is None:
                self.store.deselect(number, language)
            else:
                self.store.select(number, take.take, language)
            self._changed(number)

        return choose

    def _reviewer(self, take: TakeRecord, state: ReviewState) -> Callable[[], None]:
        return lambda: self._then_look(take, self.store.set_state(take.cue, take.take, state, take.language))

    def _starrer(self, take: TakeRecord, starred: bool) -> Callable[[], None]:
        return lambda: self._then_look(take, self.store.star(take.cue, take.take, starred, take.language))

    def _commenter(self, take: TakeRecord, text: str) -> Callable[[], None]:
        return lambda: self._then_look(take, self.store.comment(take.cue, take.take, text, take.language))

    def _then_look(self, take: TakeRecord, _written: TakeRecord) -> None:
        self._changed(take.cue)
