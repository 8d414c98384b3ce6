"""The panel's window: a shell round one open project, built from the registries of docks and commands."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QByteArray, QSettings, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import QDockWidget, QMainWindow, QProgressBar, QPushButton

from codub.errors import CodubError
from codub_panel.commands import MENUS, Command
from codub_panel.desk import Desk
from codub_panel.dispatch import Dispatch
from codub_panel.docks import DOCKS
from codub_panel.notice import Notice
from codub_panel.session import PanelSession
from codub_panel.shot_list import ShotList

_ASK_STORE_MS = 1000


class PanelWindow(QMainWindow):
    """Shows one session and hands the user's wishes to whoever does them."""

    def __init__(self, session: PanelSession, write_timeline: Callable[[], object]) -> None:
        super().__init__()
        self.session = session
        self._write_timeline = write_timeline
        self.desk = Desk(session, self)
        self.dispatch = Dispatch(session, self.desk, self)
        self.lines = ShotList(session, self.desk)
        self.setCentralWidget(self.lines)
        self.setWindowTitle(f"codub: {session.job.project.name}")
        self._docks = {dock.name: self._add_dock(dock.name) for dock in DOCKS}
        self._targets: dict[str, object] = {"window": self, "session": session, "lines": self.lines}
        self._targets |= {name: dock.widget() for name, dock in self._docks.items()}
        self._build_menus()
        self._build_status()
        self.desk.changed.connect(self._look)
        self.desk.told.connect(self._tell)
        self._poll = QTimer(self, interval=_ASK_STORE_MS)
        self._poll.timeout.connect(session.refresh)
        self._poll.start()
        self.resize(1280, 760)
        self._original_layout = self.saveState()
        settings = QSettings("codub", "panel")
        self.restoreGeometry(_bytes(settings.value("geometry")))
        self.restoreState(_bytes(settings.value(self._layout_key)))
        self.desk.changed.emit()

    @property
    def _layout_key(self) -> str:
        """Where the layout is remembered: each kind of project (editor) has its own."""
        return f"layouts/{self.session.job.project.suffix.lstrip('.').lower()}"

    def target(self, name: str) -> object:
        """Who does the commands of this target: "window", "session", "lines", or a dock's widget."""
        return self._targets[name]

    # Building

    def _add_dock(self, name: str) -> QDockWidget:
        described = next(dock for dock in DOCKS if dock.name == name)
        dock = QDockWidget(self.tr(described.title), self)
        dock.setObjectName(name)
        dock.setWidget(described.make(self.session, self.desk))
        self.addDockWidget(described.area, dock)
        dock.setVisible(described.shown)
        return dock

    def _build_menus(self) -> None:
        for title, commands in MENUS.items():
            menu = self.menuBar().addMenu(self.tr(title))
            for command in commands:
                action = QAction(self.tr(command.text), self)
                action.setObjectName(command.name)
                action.setShortcuts([QKeySequence(key) for key in command.keys])
                action.triggered.connect(partial(self._perform, command))
                menu.addAction(action)
        for described in DOCKS:
            action = self._docks[described.name].toggleViewAction()
            action.setShortcut(QKeySequence(described.key))
            menu.addAction(action)

    def _build_status(self) -> None:
        self.progress = QProgressBar(self)
        self.progress.setMaximumWidth(360)
        self.stop_button = QPushButton(self.tr("Stop"), self)
        self.stop_button.clicked.connect(self.stop)
        self.statusBar().addPermanentWidget(self.progress)
        self.statusBar().addPermanentWidget(self.stop_button)

    # Commands

    def _perform(self, command: Command) -> None:
        try:
            getattr(self.target(command.target), command.method)()
        except CodubError as error:
            self._tell(Notice.of(error))

    def stop(self) -> None:
        """Stop dubbing now; finished takes are kept."""
        self.dispatch.stop()

    def write_back(self) -> None:
        """Write the dubbed timeline with the takes as they are chosen now."""
        self._write_timeline()
        self._tell(Notice(f"{self.tr('Written:')} {self.session.job.output}"))

    def reset_layout(self) -> None:
        """Put every dock back where it lay at first."""
        self.restoreState(self._original_layout)

    # Showing

    def _look(self) -> None:
        running = bool(self.session.running)
        self.progress.setVisible(running)
        self.stop_button.setVisible(running)
        fraction, what, eta = self.session.progress or (0.0, self.tr("starting"), None)
        self.progress.setValue(round(100 * fraction))
        self.progress.setFormat(f"%p %  {what}" + ("" if eta is None else f"  {eta:.0f} s"))

    def _tell(self, notice: Notice) -> None:
        self.statusBar().showMessage(str(notice).replace("\n", " "), 15_000)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the docks; stop the worker, whose finished takes are safe."""
        self._poll.stop()
        self.dispatch.close()
        for dock in self._docks.values():
            close = getattr(dock.widget(), "close_dock", None)
            if close is not None:
                close()
        settings = QSettings("codub", "panel")
        settings.setValue("geometry", self.saveGeometry())
        settings.setValue(self._layout_key, self.saveState())
        super().closeEvent(event)


def _bytes(kept: object) -> QByteArray:
    return kept if isinstance(kept, QByteArray) else QByteArray()
