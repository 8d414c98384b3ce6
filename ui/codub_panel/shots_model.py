"""The shot list as Qt sees it: one row a line, the target text editable in place."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor

from codub_panel.session import Line, LineState, PanelSession

Index = QModelIndex | QPersistentModelIndex

COLUMNS = ("#", "In", "Out", "Speaker", "Source", "Target", "Fit", "State", "Takes")
TARGET, FIT, STATE = COLUMNS.index("Target"), COLUMNS.index("Fit"), COLUMNS.index("State")

# Chosen for contrast on white and on dark grey alike.
_COLOURS = {
    LineState.QUEUED: QColor("#8a6d00"),
    LineState.RUNNING: QColor("#0a6ebd"),
    LineState.REVIEW: QColor("#9a5b00"),
    LineState.APPROVED: QColor("#1f8a3b"),
    LineState.NEEDS_WORK: QColor("#c0392b"),
}


class ShotsModel(QAbstractTableModel):
    """A view on the session's lines; asks, and never keeps anything of its own."""

    def __init__(self, session: PanelSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        session.watch(self._changed)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's name and default
        """Lines."""
        return 0 if parent.isValid() else len(self._session.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column titles."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self.tr(COLUMNS[section])
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Only the target text is editable."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == TARGET else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows, and what a screen reader says."""
        line = self._session.lines[index.row()]
        column = index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(line, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{COLUMNS[column]}: {self._text(line, column)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._explanation(line, column)
        if role == Qt.ItemDataRole.ForegroundRole and column == STATE:
            return _COLOURS.get(line.state)
        if role == Qt.ItemDataRole.ForegroundRole and column == FIT and line.misfit > 0:
            return _COLOURS[LineState.NEEDS_WORK]
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Give a line another text."""
        if role != Qt.ItemDataRole.EditRole or index.column() != TARGET:
            return False
        self._session.edit(self._session.lines[index.row()].cue.number, str(value))
        return True

    def _text(self, line: Line, column: int) -> str:
        cue = line.cue
        match COLUMNS[column]:
            case "#":
                return str(cue.number)
            case "In":
                return self._session.timecode(cue.start)
            case "Out":
                return self._session.timecode(cue.end)
            case "Speaker":
                return cue.speaker
            case "Source":
                return cue.source_text
            case "Target":
                return cue.text
            case "Fit":
                return fit_text(line.misfit)
            case "State":
                return line.state.value + (" (failed)" if line.problem else " (text changed)" if line.stale else "")
        return str(len(line.takes)) if line.takes else ""

    def _explanation(self, line: Line, column: int) -> str | None:
        if column == STATE and line.problem:
            return line.problem
        if column == FIT:
            told = "measured on the take" if line.chosen is not None and not line.stale else "estimated from the text"
            return f"{fit_text(line.misfit)}, {told}; the window is {float(line.cue.window):.2f} s"
        return None

    def _changed(self, row: int | None) -> None:
        last = len(self._session.lines) - 1
        first, until = (0, last) if row is None else (row, row)
        if last >= 0:
            self.dataChanged.emit(self.index(first, 0), self.index(until, len(COLUMNS) - 1))


class FoundShots(QSortFilterProxyModel):
    """The lines that have every word searched for, in speaker, text, number or state."""

    def __init__(self, session: PanelSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._words: list[str] = []

    def search(self, words: str) -> None:
        """Show only what matches."""
        self.beginFilterChange()
        self._words = words.casefold().split()
        self.endFilterChange()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Whether a line is shown."""
        line = self._session.lines[row]
        cue = line.cue
        text = f"{cue.number} {cue.speaker} {cue.source_text} {cue.text} {line.state}".casefold()
        return all(word in text for word in self._words)


def fit_text(misfit: float) -> str:
    """`fits`, `0.4 s long` or `0.7 s short`."""
    if abs(misfit) < 0.05:
        return "fits"
    return f"{abs(misfit):.1f} s {'long' if misfit > 0 else 'short'}"
