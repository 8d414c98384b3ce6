"""The panel's window: shot list, viewer, takes; every action has a menu entry and a key."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import (
    QByteArray,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QSettings,
    Qt,
    QTimer,
)
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDockWidget,
    QHeaderView,
    QInputDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMainWindow,
    QProgressBar,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from codub.dubbing.record import ReviewState, TakeRecord
from codub.errors import CodubError
from codub_panel.commands import MENUS
from codub_panel.footage import original_reel, take_reel
from codub_panel.session import Line, PanelSession
from codub_panel.shots_model import COLUMNS, TARGET, FoundShots, ShotsModel, fit_text
from codub_panel.viewer import Mode, Viewer
from codub_panel.worker import DubWorker

_WIDTHS = {"#": 44, "In": 92, "Out": 92, "Speaker": 90, "Source": 300, "Target": 360, "Fit": 80, "State": 150}
_ASK_STORE_MS = 1000


class PanelWindow(QMainWindow):
    """Shows one session and hands the user's wishes to it and to the worker."""

    def __init__(self, session: PanelSession, write_timeline: Callable[[], object]) -> None:
        super().__init__()
        self.session = session
        self._write_timeline = write_timeline
        self.worker = DubWorker(self)
        self.worker.progressed.connect(session.report)
        self.worker.finished.connect(self._job_ended)
        self.model = ShotsModel(session, self)
        self.viewer = Viewer(self)
        self.takes = QListWidget(self)
        self.problem = QLabel(self)
        self._shown: object = ()
        self._listed: object = ()
        self._build()
        self._soon = QTimer(self, interval=0, singleShot=True)  # many changes, one look
        self._soon.timeout.connect(self._refresh)
        session.watch(lambda _row: self._soon.start())
        self._poll = QTimer(self, interval=_ASK_STORE_MS)
        self._poll.timeout.connect(session.refresh)
        self._poll.start()
        self.select_row(0)
        self._refresh()

    # Building

    def _build(self) -> None:
        self.setWindowTitle(f"codub: {self.session.job.project.name}")
        self._build_table()
        for name, widget in ((self.tr("Viewer"), self.viewer), (self.tr("Takes"), self.takes)):
            dock = QDockWidget(name, self)
            dock.setObjectName(name)
            dock.setWidget(widget)
            self.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, dock)
        self.takes.setAccessibleName(self.tr("Takes of the line"))
        self.takes.setMinimumHeight(90)
        self.takes.itemActivated.connect(lambda item: self._choose(item.data(Qt.ItemDataRole.UserRole)))
        self.progress = QProgressBar(self)
        self.progress.setMaximumWidth(360)
        self.stop_button = QPushButton(self.tr("Stop"), self)
        self.stop_button.clicked.connect(self.stop)
        self.statusBar().addPermanentWidget(self.progress)
        self.statusBar().addPermanentWidget(self.stop_button)
        for title, commands in MENUS.items():
            menu = self.menuBar().addMenu(self.tr(title))
            for command in commands:
                action = QAction(self.tr(command.text), self)
                action.setShortcuts([QKeySequence(key) for key in command.keys])
                action.triggered.connect(partial(self._perform, command.method))
                menu.addAction(action)
        self.resize(1280, 760)
        settings = QSettings("codub", "panel")
        self.restoreGeometry(_bytes(settings.value("geometry")))
        self.restoreState(_bytes(settings.value("docks")))

    def _build_table(self) -> None:
        self.table = QTableView(self)
        self.sorted = FoundShots(self.session, self)
        self.sorted.setSourceModel(self.model)
        self.table.setModel(self.sorted)
        self.table.setAccessibleName(self.tr("Lines"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for column, name in enumerate(COLUMNS):
            self.table.setColumnWidth(column, _WIDTHS.get(name, 60))
        self.table.horizontalHeader().setSectionResizeMode(TARGET, QHeaderView.ResizeMode.Stretch)
        self.table.selectionModel().selectionChanged.connect(self._selected)
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(self.tr("Search speaker, text, state ..."))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self.sorted.search)
        self.problem.setWordWrap(True)
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        centre = QWidget(self)
        layout = QVBoxLayout(centre)
        for widget in (self.filter, self.table, self.problem):
            layout.addWidget(widget)
        self.setCentralWidget(centre)

    # What is selected

    def selected_numbers(self) -> list[int]:
        """Cue numbers of the selected rows, in the order shown."""
        rows = sorted(self.table.selectionModel().selectedRows(), key=QModelIndex.row)
        return [self.session.lines[self.sorted.mapToSource(row).row()].cue.number for row in rows]

    def select_row(self, row: int) -> None:
        """Make a row of the list, as it is sorted now, the current one."""
        # Not QTableView.selectRow: that one looks at the Ctrl and Shift keys.
        flags = QItemSelectionModel.SelectionFlag
        index = self.sorted.index(row, 0)
        self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def current_line(self) -> Line | None:
        """The line the viewer shows: the first one selected."""
        numbers = self.selected_numbers()
        return self.session.lines[self.session.row(numbers[0])] if numbers else None

    def _selected(self, _now: QItemSelection, _before: QItemSelection) -> None:
        self._refresh()

    # Commands

    def _perform(self, method: str) -> None:
        try:
            if method.startswith("show_"):
                self.viewer.show_mode(Mode[method.removeprefix("show_").upper()])
            else:
                getattr(self, method)()
        except CodubError as error:
            self._tell(str(error))

    def dub_selected(self) -> None:
        """Dub the selected lines anew."""
        self._dub(self.selected_numbers())

    def dub_missing(self) -> None:
        """Dub every line that has no take of its present text."""
        self._dub([line.cue.number for line in self.session.lines if line.chosen is None or line.stale])

    def _dub(self, numbers: list[int]) -> None:
        missing = self.session.missing_consent(numbers)
        if missing:
            name = self.ask_consent(missing)
            if not name:
                self._tell(self.tr("Nothing was dubbed: nobody declared that the speakers agreed."))
                return
            self.session.consents.declare(missing, name)
        self.session.enqueue(numbers)
        self._start_next()

    def ask_consent(self, speakers: tuple[str, ...]) -> str:
        """Name of the person who declares that the speakers agreed; "" when nobody does."""
        names = ", ".join(speaker or self.tr("the speaker without a name") for speaker in speakers)
        question = self.tr("Have these people agreed that their voice and face are dubbed?")
        name, agreed = QInputDialog.getText(
            self, self.tr("Consent"), f"{question}\n\n{names}\n\n" + self.tr("Your name, to declare that they have:")
        )
        return name.strip() if agreed else ""

    def _start_next(self) -> None:
        if not self.worker.busy:
            command = self.session.next_command()
            if command is not None:
                self.worker.start(command)

    def _job_ended(self, problem: str) -> None:
        self.session.finished(problem)
        if problem:
            self._tell(problem.splitlines()[-1])
        self._start_next()

    def stop(self) -> None:
        """Stop dubbing now; finished takes are kept."""
        self.session.clear_queue()
        self.worker.cancel()

    def write_back(self) -> None:
        """Write the dubbed timeline with the takes as they are chosen now."""
        self._write_timeline()
        self._tell(f"{self.tr('Written:')} {self.session.job.output}")

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

    def _review(self, state: ReviewState) -> None:
        if not any([self.session.review(number, state) for number in self.selected_numbers()]):
            self._tell(self.tr("There is no take to judge yet: dub the line first (Ctrl+D)."))

    def next_take(self) -> None:
        """Choose the take after the chosen one."""
        self._choose_beside(1)

    def previous_take(self) -> None:
        """Choose the take before the chosen one."""
        self._choose_beside(-1)

    def _choose_beside(self, step: int) -> None:
        line = self.current_line()
        if line is not None and line.takes:
            at = line.takes.index(line.chosen) if line.chosen in line.takes else -1
            self._choose(line.takes[(at + step) % len(line.takes)])

    def _choose(self, take: TakeRecord) -> None:
        self.session.choose(take.cue, take)

    def search(self) -> None:
        """Go to the search field."""
        self.filter.setFocus()
        self.filter.selectAll()

    def play_or_pause(self) -> None:
        """Play or pause the line."""
        self.viewer.play_or_pause()

    def play(self) -> None:
        """Play the line."""
        self.viewer.play()

    def pause(self) -> None:
        """Pause the line."""
        self.viewer.pause()

    def next_frame(self) -> None:
        """One frame on."""
        self.viewer.step(1)

    def previous_frame(self) -> None:
        """One frame back."""
        self.viewer.step(-1)

    def toggle(self) -> None:
        """A/B."""
        self.viewer.toggle()

    # Showing

    def _refresh(self) -> None:
        line = self.current_line()
        self._show_takes(line)
        self._show_footage(line)
        self.problem.setText(line.problem if line is not None else "")
        self.problem.setVisible(bool(self.problem.text()))
        running = bool(self.session.running)
        self.progress.setVisible(running)
        self.stop_button.setVisible(running)
        fraction, what, eta = self.session.progress or (0.0, self.tr("starting"), None)
        self.progress.setValue(round(100 * fraction))
        self.progress.setFormat(f"%p %  {what}" + ("" if eta is None else f"  {eta:.0f} s"))

    def _show_takes(self, line: Line | None) -> None:
        listed = None if line is None else (line.takes, line.chosen)
        if listed == self._listed:
            return
        self._listed = listed
        self.takes.clear()
        for take in line.takes if line is not None else ():
            item = QListWidgetItem(_take_text(take, line is not None and take == line.chosen))
            item.setData(Qt.ItemDataRole.UserRole, take)
            self.takes.addItem(item)

    def _show_footage(self, line: Line | None) -> None:
        shown = (None,) if line is None else (line.cue.number, line.chosen and line.chosen.name)
        if shown == self._shown:
            return
        self._shown = shown
        if line is None:
            self.viewer.close_footage(self.tr("Choose a line."))
            return
        session = self.session
        take = None if line.chosen is None else take_reel(line, line.chosen, session.store, session.rate)
        self.viewer.open(original_reel(line, session.rate), take)

    def _tell(self, text: str) -> None:
        self.statusBar().showMessage(text.replace("\n", " "), 15_000)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the docks; stop the worker, whose finished takes are safe."""
        self._poll.stop()
        self._soon.stop()
        self.worker.stop_and_wait()
        self.viewer.close_footage()
        settings = QSettings("codub", "panel")
        settings.setValue("geometry", self.saveGeometry())
        settings.setValue("docks", self.saveState())
        super().closeEvent(event)


def _bytes(kept: object) -> QByteArray:
    return kept if isinstance(kept, QByteArray) else QByteArray()


def _take_text(take: TakeRecord, chosen: bool) -> str:
    scores = ", ".join(f"{name} {value:.2f}" for name, value in take.scores.items())
    fit = fit_text(take.fit.excess) if take.fit else ""
    facts = [take.state.value, f"seed {take.seed}", fit, scores, take.created[:16].replace("T", " "), take.comment]
    return f"{'●' if chosen else '○'} {take.take}   " + "   ".join(filter(None, facts))
