"""The shot list on the desk: the finder, the table of lines, what can be done with those selected."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QSettings, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QMenu, QTableView, QVBoxLayout, QWidget

from codub.dubbing.record import ReviewState
from codub_panel.desk import Desk
from codub_panel.notice import Notice
from codub_panel.project.session import PanelSession
from codub_panel.project.sounds import Sounds
from codub_panel.shots.finder import Finder
from codub_panel.shots.shot_delegate import ShotDelegate
from codub_panel.shots.shots_model import TARGET, Column, ShotsModel
from codub_panel.shots.thumbnails import Key, Thumbnails, kept_path, key_of

_WIDTHS = {
    Column.NUMBER: 48, Column.PICTURE: 104, Column.IN: 92, Column.OUT: 92, Column.SPEAKER: 84, Column.SOURCE: 240,
    Column.TARGET: 300, Column.FIT: 96, Column.STATE: 128, Column.SCORES: 96, Column.TAKES: 60,
}  # fmt: skip
_ROW, _SMALL_ROW = 62, 28  # pixels
_HEADER = "list/header"


class ShotList(QWidget):
    """One row a line. What is selected here is what the desk has in hand."""

    pictured = Signal(Path)  # a picture of the project is on the disk

    def __init__(self, session: PanelSession, desk: Desk) -> None:
        super().__init__()
        self._session, self._desk = session, desk
        self.model = ShotsModel(session, self)
        self.pictures = Thumbnails(session.store.folder, self)
        self.pictures.ready.connect(self._picture_ready)
        self._first_picture = next((key for line in session.lines if (key := key_of(line)) is not None), None)
        self.finder = Finder(self)
        self.finder.list_speakers(line.cue.speaker for line in session.lines)
        self.finder.chosen.connect(self.model.choose)
        self.table = self._table()
        self.problem = QLabel(self)
        self.problem.setWordWrap(True)
        self.problem.setMargin(8)
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (self.finder, self.table, self.problem):
            layout.addWidget(widget)
        self.setFocusProxy(self.table)
        desk.changed.connect(self._look)
        self.model.modelReset.connect(self._listed_anew)
        current = session.current
        self.select_row(0 if current is None else max(self.model.row_of(current), 0))
        self._tell_count()

    def _table(self) -> QTableView:
        table = QTableView(self)
        table.setModel(self.model)
        sounds = Sounds(self._session.job, self._session.store.folder)
        table.setItemDelegate(ShotDelegate(self.pictures, sounds, self))
        table.setAccessibleName(self.tr("Lines"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(_ROW)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(36)
        for column, width in _WIDTHS.items():
            table.setColumnWidth(column, width)
        kept = QSettings("codub", "panel").value(_HEADER)
        if isinstance(kept, QByteArray):
            header.restoreState(kept)
        header.setSectionResizeMode(TARGET, QHeaderView.ResizeMode.Stretch)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._offer_columns)
        header.setSortIndicator(Column.NUMBER, Qt.SortOrder.AscendingOrder)
        table.setSortingEnabled(True)
        table.selectionModel().selectionChanged.connect(self._selected)
        return table

    # What is listed and selected

    def select_row(self, row: int) -> None:
        """Make a row of the list, as it is sorted now, the current one."""
        # Not QTableView.selectRow: that one looks at the Ctrl and Shift keys.
        flags = QItemSelectionModel.SelectionFlag
        index = self.model.index(row, 0)
        self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def select_cues(self, numbers: tuple[int, ...]) -> None:
        """Select the rows of these cues, as far as they are listed, and show the first."""
        rows = [row for number in numbers if (row := self.model.row_of(number)) >= 0]
        chosen = QItemSelection()
        for row in rows:
            chosen.select(self.model.index(row, 0), self.model.index(row, len(Column) - 1))
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().select(chosen, flags.ClearAndSelect | flags.Rows)
        if rows:
            index = self.model.index(rows[0], 0)
            self.table.selectionModel().setCurrentIndex(index, flags.NoUpdate)
            self.table.scrollTo(index)

    def _listed_anew(self) -> None:
        """The rows are others now: the lines in hand stay in hand, or the first one listed is taken up."""
        numbers = self._desk.numbers
        self.select_cues(numbers)
        if not self.table.selectionModel().hasSelection():
            self.select_row(0)
        self._tell_count()

    def _tell_count(self) -> None:
        self.finder.tell(self.model.rowCount(), len(self._session.lines))

    def _selected(self, _now: QItemSelection, _before: QItemSelection) -> None:
        rows = sorted(self.table.selectionModel().selectedRows(), key=QModelIndex.row)
        self._desk.take_up(tuple(self.model.line(row.row()).cue.number for row in rows))

    def _offer_columns(self, at: QPoint) -> None:
        menu = QMenu(self)
        header = self.table.horizontalHeader()
        for column in Column:
            action = menu.addAction(str(self.model.headerData(column, Qt.Orientation.Horizontal)))
            action.setCheckable(True)
            action.setChecked(not header.isSectionHidden(column))
            action.setEnabled(column is not TARGET)
            action.toggled.connect(lambda shown, column=column: header.setSectionHidden(column, not shown))
        menu.exec(header.mapToGlobal(at))

    @property
    def small_rows(self) -> bool:
        """Whether rows are low and have no picture."""
        return self.table.verticalHeader().defaultSectionSize() == _SMALL_ROW

    def toggle_small_rows(self) -> None:
        """Low rows without pictures, for a panel beside an editor; or high ones again."""
        small = not self.small_rows
        self.table.verticalHeader().setDefaultSectionSize(_SMALL_ROW if small else _ROW)
        self.table.horizontalHeader().setSectionHidden(Column.PICTURE, small)

    # Commands

    def dub_selected(self) -> None:
        """Dub the selected lines anew."""
        self._desk.want(list(self._desk.numbers))

    def dub_missing(self) -> None:
        """Dub every line that has no take of its present text."""
        self._desk.want([line.cue.number for line in self._session.lines if line.chosen is None or line.stale])

    def sooner(self) -> None:
        """Let the selected lines wait one place less."""
        self._session.shift_in_queue(self._desk.numbers, -1)

    def later(self) -> None:
        """Let the selected lines wait one place more."""
        self._session.shift_in_queue(self._desk.numbers, 1)

    def cancel_selected(self) -> None:
        """Take the selected lines out of the queue; one in work is stopped at once."""
        self._session.cancel(self._desk.numbers)

    def edit_text(self) -> None:
        """Edit the current line's text in place."""
        rows = self.table.selectionModel().selectedRows(TARGET)
        if rows:
            self.table.setFocus()
            self.table.selectionModel().setCurrentIndex(rows[0], QItemSelectionModel.SelectionFlag.NoUpdate)
            self.table.edit(rows[0])

    def approve(self) -> None:
        """Approve the chosen takes of the selected lines."""
        self._review(ReviewState.APPROVED)

    def reject(self) -> None:
        """Send the chosen takes of the selected lines back."""
        self._review(ReviewState.REJECTED)

    def _review(self, state: ReviewState) -> None:
        if not any([self._session.review(number, state) for number in self._desk.numbers]):
            self._desk.tell(
                Notice(
                    self.tr("There is no take to judge yet."),
                    fix=self.tr("Dub the line first."),
                    command="lines.dub_selected",
                )
            )

    def next_line(self) -> None:
        """Go to the line below."""
        self._go(1)

    def previous_line(self) -> None:
        """Go to the line above."""
        self._go(-1)

    def _go(self, step: int) -> None:
        row = self.table.currentIndex().row() + step
        if 0 <= row < self.model.rowCount():
            self.select_row(row)
            self.table.scrollTo(self.model.index(row, 0))

    def search(self) -> None:
        """Go to the search field."""
        self.finder.words.setFocus()
        self.finder.words.selectAll()

    def show_all(self) -> None:
        """List every line again."""
        self.finder.clear()

    # Showing

    def _look(self) -> None:
        line = self._desk.line
        self.problem.setText(line.problem if line is not None else "")
        self.problem.setVisible(bool(self.problem.text()))
        numbers = self._desk.numbers
        if self.table.state() != QAbstractItemView.State.EditingState:
            self.model.arrange(keep=numbers)
        listed = {row for number in numbers if (row := self.model.row_of(number)) >= 0}
        # Somebody else took lines up: what is marked here is what a command will work on.
        if listed and listed != {row.row() for row in self.table.selectionModel().selectedRows()}:
            self.select_cues(numbers)

    def _picture_ready(self, key: Key) -> None:
        # Only what is on the screen asked for its picture, so painting it anew is cheap; which row it was may be many.
        self.table.viewport().update()
        if key == self._first_picture:
            self.pictured.emit(kept_path(self._session.store.folder, key))

    def close_dock(self) -> None:
        """The project is closed."""
        QSettings("codub", "panel").setValue(_HEADER, self.table.horizontalHeader().saveState())
        self.pictures.close()
