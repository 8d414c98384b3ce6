"""What is on the desk: the lines in hand, the playhead, what is asked for and told. Docks watch it, not each other."""

from fractions import Fraction

from PySide6.QtCore import QObject, QTimer, Signal

from codub_panel.notice import Notice
from codub_panel.project.outlet import Outlet
from codub_panel.project.session import Line, PanelSession


class Desk(QObject):
    """Stands between the docks of one open project. The session is the state; this is only what is in hand."""

    changed = Signal()  # other lines in hand, or something of the session changed: look again
    pointed = Signal(object)  # the playhead stands at this second of the timeline (Fraction)
    sought = Signal(object)  # somebody wants the playhead at this second of the timeline (Fraction)
    wanted = Signal(list)  # cue numbers to be dubbed
    rehearsed = Signal(int)  # number of a cue to be heard as it is now
    ranged = Signal(object)  # a stretch of the timeline was selected, (start, end) in seconds (Fraction), or None
    told = Signal(object)  # a Notice

    def __init__(self, session: PanelSession, parent: QObject | None = None, outlet: Outlet | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.outlet = outlet  # where the dub goes
        self.playhead = Fraction(0)
        self._numbers: tuple[int, ...] = ()
        session.watch(lambda _row: self._soon())
        self._pending = False

    @property
    def numbers(self) -> tuple[int, ...]:
        """Cue numbers of the lines in hand, as listed."""
        return self._numbers

    @property
    def line(self) -> Line | None:
        """The line that is looked at: the first one in hand, as the session has it now."""
        return self.session.lines[self.session.row(self._numbers[0])] if self._numbers else None

    def take_up(self, numbers: tuple[int, ...]) -> None:
        """Have other lines in hand."""
        if numbers != self._numbers:
            self._numbers = numbers
            if numbers:
                self.session.set_current(numbers[0])
            self._soon()

    def point(self, seconds: Fraction) -> None:
        """Say where the playhead stands."""
        self.playhead = seconds
        self.pointed.emit(seconds)

    def seek(self, seconds: Fraction) -> None:
        """Ask for the line spoken at a second of the timeline (the nearest one), and for that moment of it."""
        lines = self.session.lines
        if lines:
            nearest = min(lines, key=lambda line: _distance(line, seconds))
            self.take_up((nearest.cue.number,))
            self.sought.emit(seconds)

    def select_range(self, span: tuple[Fraction, Fraction] | None) -> None:
        """Say that a stretch of the timeline was selected, to be played round and round; None: no longer."""
        self.ranged.emit(span)

    def want(self, numbers: list[int]) -> None:
        """Ask for these lines to be dubbed."""
        self.wanted.emit(numbers)

    def tell(self, notice: Notice) -> None:
        """Say something to the user, in place."""
        self.told.emit(notice)

    def _soon(self) -> None:
        # Many changes, one look: a worker's report touches many lines.
        if not self._pending:
            self._pending = True
            QTimer.singleShot(0, self, self._look)

    def _look(self) -> None:
        self._pending = False
        self.changed.emit()


def _distance(line: Line, seconds: Fraction) -> tuple[Fraction, Fraction]:
    """How far a line is from a second; of two that meet there, the one that begins there is nearer."""
    return max(line.cue.start - seconds, seconds - line.cue.end, Fraction(0)), -line.cue.start
