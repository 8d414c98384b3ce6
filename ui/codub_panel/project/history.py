"""Undo and redo: every change of the panel's state is one small command with a name."""

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_SOON = 0.8  # s: changes of one control that follow each other this closely are one gesture


@dataclass(frozen=True)
class Change:
    """One change: `name` says what ("edit of line 4"); `redo` makes it, `undo` takes it back, both at once durable.

    Changes with the same `gesture` in quick succession (a slider being dragged) are undone together; None: never.
    """

    name: str
    redo: Callable[[], None]
    undo: Callable[[], None]
    gesture: Hashable = None


class History:
    """What was done and undone in this run. A change that fails is not in it, and leaves the others as they were."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._done: list[Change] = []
        self._undone: list[Change] = []
        self._last = -_SOON
        self._open: list[Change] | None = None

    @property
    def undo_name(self) -> str:
        """What undo would take back, e.g. "edit of line 4"; "" when there is nothing."""
        return self._done[-1].name if self._done else ""

    @property
    def redo_name(self) -> str:
        """What redo would make again; "" when there is nothing."""
        return self._undone[-1].name if self._undone else ""

    def do(self, change: Change) -> None:
        """Make a change and remember it; what was undone before cannot be redone any more."""
        change.redo()
        self._undone.clear()
        if self._open is not None:
            self._open.append(change)
            return
        now = self._clock()
        before = self._done[-1] if self._done else None
        same = before is not None and change.gesture is not None and before.gesture == change.gesture
        if before is not None and same and now - self._last < _SOON:
            self._done.pop()
            change = Change(change.name, change.redo, before.undo, change.gesture)
        self._last = now
        self._done.append(change)

    def undo(self) -> str:
        """Take back the last change; its name, "" when there is none."""
        return self._move(self._done, self._undone, "undo")

    def redo(self) -> str:
        """Make again what was undone last; its name, "" when there is none."""
        return self._move(self._undone, self._done, "redo")

    @contextmanager
    def together(self, name: str) -> Iterator[None]:
        """Remember the changes made in the block as one, named `name`."""
        if self._open is not None:  # inside another one: part of that
            yield
            return
        self._open = []
        try:
            yield
        finally:
            changes, self._open = tuple(self._open), None
            if changes:
                self._done.append(changes[0] if len(changes) == 1 else _joined(name, changes))

    def _move(self, source: list[Change], target: list[Change], way: str) -> str:
        if not source:
            return ""
        change = source[-1]
        (change.undo if way == "undo" else change.redo)()
        target.append(source.pop())
        self._last = -_SOON
        return change.name


def _joined(name: str, changes: tuple[Change, ...]) -> Change:
    def redo() -> None:
        for change in changes:
            change.redo()

    def undo() -> None:
        for change in reversed(changes):
            change.undo()

    return Change(name, redo, undo)
