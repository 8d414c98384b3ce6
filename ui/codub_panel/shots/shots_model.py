"""The shot list as Qt sees it: one row a line, in the order and choice asked for; the target text is editable."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from codub_panel.language import QT_TRANSLATE_NOOP, from_registry
from codub_panel.project.session import Line, LineState, PanelSession
from codub_panel.shots.state_marks import state_word

Index = QModelIndex | QPersistentModelIndex
LINE_ROLE = Qt.ItemDataRole.UserRole + 1  # the Line of a row


class Column(IntEnum):
    """What a column shows."""

    NUMBER = 0
    PICTURE = 1
    IN = 2
    OUT = 3
    SPEAKER = 4
    SOURCE = 5
    TARGET = 6
    FIT = 7
    STATE = 8
    SCORES = 9
    TAKES = 10


TARGET, FIT, STATE = Column.TARGET, Column.FIT, Column.STATE
TITLES = {
    Column.NUMBER: QT_TRANSLATE_NOOP("registry", "#"),
    Column.PICTURE: QT_TRANSLATE_NOOP("registry", "Picture"),
    Column.IN: QT_TRANSLATE_NOOP("registry", "In"),
    Column.OUT: QT_TRANSLATE_NOOP("registry", "Out"),
    Column.SPEAKER: QT_TRANSLATE_NOOP("registry", "Speaker"),
    Column.SOURCE: QT_TRANSLATE_NOOP("registry", "Source"),
    Column.TARGET: QT_TRANSLATE_NOOP("registry", "Target"),
    Column.FIT: QT_TRANSLATE_NOOP("registry", "Fit"),
    Column.STATE: QT_TRANSLATE_NOOP("registry", "State"),
    Column.SCORES: QT_TRANSLATE_NOOP("registry", "Scores"),
    Column.TAKES: QT_TRANSLATE_NOOP("registry", "Takes"),
}
_FITS_S = 0.05  # seconds that nobody hears


class FitKind(IntEnum):
    """How a line goes into its window."""

    FITS = 0
    LONG = 1
    SHORT = 2

    @classmethod
    def of(cls, seconds: float) -> "FitKind":
        """The kind of a misfit."""
        return cls.FITS if abs(seconds) < _FITS_S else cls.LONG if seconds > 0 else cls.SHORT


@dataclass(frozen=True)
class Choice:
    """Which lines are listed: those that have every word in number, speaker, texts or state; None asks for nothing."""

    words: tuple[str, ...] = ()
    state: LineState | None = None
    speaker: str | None = None
    fit: FitKind | None = None

    def accepts(self, line: Line) -> bool:
        """Whether a line is listed."""
        if self.state is not None and line.state is not self.state:
            return False
        if self.speaker is not None and line.cue.speaker != self.speaker:
            return False
        if self.words:
            cue = line.cue
            text = f"{cue.number} {cue.speaker} {cue.source_text} {cue.text} {state_word(line.state)}".casefold()
            if not all(word in text for word in self.words):
                return False
        return self.fit is None or FitKind.of(line.misfit) is self.fit


_KEYS: dict[Column, Callable[[Line], Any]] = {
    Column.NUMBER: lambda line: line.cue.number,
    Column.PICTURE: lambda line: line.cue.start,
    Column.IN: lambda line: line.cue.start,
    Column.OUT: lambda line: line.cue.end,
    Column.SPEAKER: lambda line: (line.cue.speaker.casefold(), line.cue.start),
    Column.SOURCE: lambda line: line.cue.source_text.casefold(),
    Column.TARGET: lambda line: line.cue.text.casefold(),
    Column.FIT: lambda line: line.misfit,
    Column.STATE: lambda line: (list(LineState).index(line.state), line.cue.start),
    Column.SCORES: lambda line: tuple(line.chosen.scores.values()) if line.chosen else (),
    Column.TAKES: lambda line: len(line.takes),
}


class ShotsModel(QAbstractTableModel):
    """A view on the session's lines: it keeps their order and choice, and nothing else of its own.

    Sorted and chosen here and not in a proxy: 10,000 lines are sorted in some milliseconds by Python's own sort, and
    in seconds by a proxy that asks for two cells a comparison.
    """

    def __init__(self, session: PanelSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.choice = Choice()
        self._sorted_by, self._descending = Column.NUMBER, False
        self._plain = True  # every line, in the session's order
        self._order = list(range(len(session.lines)))
        self._row_of = {at: at for at in self._order}
        session.watch(self._changed)

    # What is listed

    def line(self, row: int) -> Line:
        """The line in a row."""
        return self._session.lines[self._order[row]]

    def row_of(self, number: int) -> int:
        """Row of a cue, -1 where it is not listed."""
        return self._row_of.get(self._session.row(number), -1)

    def choose(self, choice: Choice) -> None:
        """List other lines."""
        self.choice = choice
        self._plain = False
        self.arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """List them in another order."""
        self._sorted_by, self._descending = Column(max(column, 0)), order == Qt.SortOrder.DescendingOrder
        self._plain = False
        self.arrange()

    def arrange(self, keep: tuple[int, ...] = ()) -> None:
        """List what is to be listed as the lines are now; the cues in `keep` stay, chosen or not."""
        if self._plain:
            return
        lines, accepts = self._session.lines, self.choice.accepts
        kept = {self._session.row(number) for number in keep}
        order = [at for at, line in enumerate(lines) if at in kept or accepts(line)]
        key = _KEYS[self._sorted_by]
        order.sort(key=lambda at: key(lines[at]), reverse=self._descending)
        if order != self._order:
            self.beginResetModel()
            self._order = order
            self._row_of = {at: row for row, at in enumerate(order)}
            self.endResetModel()

    # What Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's name and default
        """Lines listed."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Columns."""
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column titles."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return from_registry(TITLES[Column(section)])
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Only the target text is editable."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == TARGET else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows, and what a screen reader says."""
        line = self.line(index.row())
        column = Column(index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(line, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{from_registry(TITLES[column])}: {self._text(line, column)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._explanation(line, column)
        return line if role == LINE_ROLE else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Give a line another text."""
        if role != Qt.ItemDataRole.EditRole or index.column() != TARGET:
            return False
        self._session.edit(self.line(index.row()).cue.number, str(value))
        return True

    def _text(self, line: Line, column: Column) -> str:
        cue = line.cue
        match column:
            case Column.NUMBER:
                return str(cue.number)
            case Column.IN:
                return self._session.timecode(cue.start)
            case Column.OUT:
                return self._session.timecode(cue.end)
            case Column.SPEAKER:
                return cue.speaker
            case Column.SOURCE:
                return cue.source_text
            case Column.TARGET:
                return cue.text
            case Column.FIT:
                return fit_text(line.misfit)
            case Column.STATE:
                return state_word(line.state) + self._note(line)
            case Column.SCORES:
                return scores_text(line)
            case Column.TAKES:
                return str(len(line.takes)) if line.takes else ""
        return ""

    def _note(self, line: Line) -> str:
        if line.problem:
            return self.tr(" (failed)")
        if line.state is LineState.QUEUED and line.cue.number in self._session.queue:
            return f" {self._session.queue.index(line.cue.number) + 1}"
        return self.tr(" (edited)") if line.stale and line.pending is None else ""

    def _explanation(self, line: Line, column: Column) -> str | None:
        if column is STATE and line.problem:
            return line.problem
        if column is FIT:
            measured = line.chosen is not None and not line.stale
            told = self.tr("measured on the take") if measured else self.tr("estimated from the text")
            window = self.tr("the window is {seconds} s").format(seconds=f"{float(line.cue.window):.2f}")
            return f"{fit_text(line.misfit)}, {told}; {window}"
        return self._text(line, column) if column in (Column.SOURCE, TARGET) else None

    def _changed(self, row: int | None) -> None:
        if row is None:
            first, until = 0, len(self._order) - 1
        else:
            first = until = self._row_of.get(row, -1)
        if 0 <= first <= until:
            self.dataChanged.emit(self.index(first, 0), self.index(until, len(Column) - 1))


_FIT_WORDS = {
    FitKind.FITS: QT_TRANSLATE_NOOP("registry", "fits"),
    FitKind.LONG: QT_TRANSLATE_NOOP("registry", "{seconds} s long"),
    FitKind.SHORT: QT_TRANSLATE_NOOP("registry", "{seconds} s short"),
}


def fit_text(misfit: float) -> str:
    """`fits`, `0.4 s long` or `0.7 s short`."""
    return from_registry(_FIT_WORDS[FitKind.of(misfit)]).format(seconds=f"{abs(misfit):.1f}")


def scores_text(line: Line) -> str:
    """The chosen take's scores, a word and a number each."""
    scores = {} if line.chosen is None else line.chosen.scores
    return "  ".join(f"{name} {value:.2f}" for name, value in scores.items())
