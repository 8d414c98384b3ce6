"""The shot list on the desk: search, the table of lines, what can be done with those selected."""

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QLineEdit, QTableView, QVBoxLayout, QWidget

from codub.dubbing.record import ReviewState
from codub_panel.desk import Desk
from codub_panel.notice import Notice
from codub_panel.session import PanelSession
from codub_panel.shots_model import COLUMNS, TARGET, FoundShots, ShotsModel

_WIDTHS = {"#": 44, "In": 92, "Out": 92, "Speaker": 90, "Source": 300, "Target": 360, "Fit": 80, "State": 150}


class ShotList(QWidget):
    """One row a line. What is selected here is what the desk has in hand."""

    def __init__(self, session: PanelSession, desk: Desk) -> None:
        super().__init__()
        self._session, self._desk = session, desk
        self.model = ShotsModel(session, self)
        self.sorted = FoundShots(session, self)
        self.sorted.setSourceModel(self.model)
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(self.tr("Search speaker, text, state ..."))
        self.filter.setAccessibleName(self.tr("Search the lines"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self.sorted.search)
        self.table = self._table()
        self.problem = QLabel(self)
        self.problem.setWordWrap(True)
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        for widget in (self.filter, self.table, self.problem):
            layout.addWidget(widget)
        desk.changed.connect(self._look)
        current = session.current
        if current is not None:
            self.select_row(self.sorted.mapFromSource(self.model.index(session.row(current), 0)).row())

    def _table(self) -> QTableView:
        table = QTableView(self)
        table.setModel(self.sorted)
        table.setAccessibleName(self.tr("Lines"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for column, name in enumerate(COLUMNS):
            table.setColumnWidth(column, _WIDTHS.get(name, 60))
        table.horizontalHeader().setSectionResizeMode(TARGET, QHeaderView.ResizeMode.Stretch)
        table.selectionModel().selectionChanged.connect(self._selected)
        return table

    def select_row(self, row: int) -> None:
        """Make a row of the list, as it is sorted now, the current one."""
        # Not QTableView.selectRow: that one looks at the Ctrl and Shift keys.
        flags = QItemSelectionModel.SelectionFlag
        index = self.sorted.index(row, 0)
        self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def dub_selected(self) -> None:
        """Dub the selected lines anew."""
        self._desk.want(list(self._desk.numbers))

    def dub_missing(self) -> None:
        """Dub every line that has no take of its present text."""
        self._desk.want([line.cue.number for line in self._session.lines if line.chosen is None or line.stale])

    def edit_text(self) -> None:
        """Edit the current line's text in place."""
        rows = self.table.selectionModel().selectedRows(TARGET)
        if rows:
            self.table.setFocus()
            self.table.setCurrentIndex(rows[0])
            self.table.edit(rows[0])

    def approve(self) -> None:
        """Approve the chosen takes of the selected lines."""
        self._review(ReviewState.APPROVED)

    def reject(self) -> None:
        """Send the chosen takes of the selected lines back."""
        self._review(ReviewState.REJECTED)

    def search(self) -> None:
        """Go to the search field."""
        self.filter.setFocus()
        self.filter.selectAll()

    def _review(self, state: ReviewState) -> None:
        if not any([self._session.review(number, state) for number in self._desk.numbers]):
            self._desk.tell(Notice(self.tr("There is no take to judge yet."), fix=self.tr("Dub the line first.")))

    def _selected(self, _now: QItemSelection, _before: QItemSelection) -> None:
        rows = sorted(self.table.selectionModel().selectedRows(), key=QModelIndex.row)
        lines = self._session.lines
        self._desk.take_up(tuple(lines[self.sorted.mapToSource(row).row()].cue.number for row in rows))

    def _look(self) -> None:
        numbers = self._desk.numbers
        line = self._desk.line
        self.problem.setText(line.problem if line is not None else "")
        self.problem.setVisible(bool(self.problem.text()))
        if len(numbers) == 1 and not self._is_selected(numbers[0]):
            index = self.sorted.mapFromSource(self.model.index(self._session.row(numbers[0]), 0))
            if index.isValid():
                self.select_row(index.row())
                self.table.scrollTo(index)

    def _is_selected(self, number: int) -> bool:
        rows = self.table.selectionModel().selectedRows()
        return any(self._session.lines[self.sorted.mapToSource(row).row()].cue.number == number for row in rows)
