"""The panel's window: a shell round the start page or one open project, built from the registries."""

from functools import partial
from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QDialog, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from codub.errors import CodubError
from codub.jobs.sample import copy_sample
from codub.timeline.relinks import add_relinks
from codub_panel.command_list import CommandList
from codub_panel.desk import Desk
from codub_panel.dispatch import Dispatch
from codub_panel.docking import Docking
from codub_panel.docks import DOCKS
from codub_panel.keys_page import KeysPage
from codub_panel.language import from_registry
from codub_panel.menus import Menus
from codub_panel.notice import Notice, notes_notice
from codub_panel.notice_bar import NoticeBar
from codub_panel.project.opening import open_session
from codub_panel.project.outlet import Outlet
from codub_panel.project.project_files import ProjectFiles, source_beside
from codub_panel.project.recent import remember_project
from codub_panel.project.session import PanelSession
from codub_panel.relink import RelinkDialog, missing_media, missing_notice
from codub_panel.shots.shot_list import ShotList
from codub_panel.start_page import StartPage
from codub_panel.status import StatusLine
from codub_panel.theme import themes
from codub_panel.workplace import Workplace

SAMPLE_PLACE = platformdirs.user_documents_path() / "codub"
WINDOW_MENU = "&Window"


class PanelWindow(QMainWindow):
    """Shows the start page, or one session, and hands the user's wishes to whoever does them."""

    def __init__(self, session: PanelSession | None = None, outlet: Outlet | None = None) -> None:
        super().__init__()
        themes()
        self.place: Workplace | None = None
        self.start = StartPage(self)
        self.start.chosen.connect(self.open_project)
        self.start.waits.connect(self.close_project)
        self.start.sample_wanted.connect(partial(self.perform, "window.open_sample"))
        self.notices = NoticeBar(self)
        self.notices.asked.connect(self.perform)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.start)
        centre = QWidget(self)
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notices)
        layout.addWidget(self.pages)
        self.setCentralWidget(centre)
        self.setAcceptDrops(True)
        self.docking = Docking(self)
        self.menus = Menus(self, self.perform, self._look)
        for described in DOCKS:
            self.menus.add(WINDOW_MENU, described.name, self.docking.toggle(described.name), (described.key,))
        self.status = StatusLine(self)
        self.status.stop.connect(partial(self.perform, "window.stop"))
        self.setStatusBar(self.status)
        self.resize(1440, 940)
        kept = QSettings("codub", "panel").value("geometry")
        if isinstance(kept, QByteArray):
            self.restoreGeometry(kept)
        self._show_start()
        if session is not None and outlet is not None:
            self.show_project(session, outlet)

    # What is open; only while a project is

    @property
    def session(self) -> PanelSession:
        """The session of the open project."""
        return self._open.session

    @property
    def desk(self) -> Desk:
        """The desk of the open project."""
        return self._open.desk

    @property
    def dispatch(self) -> Dispatch:
        """What gives the worker its work."""
        return self._open.dispatch

    @property
    def lines(self) -> ShotList:
        """The shot list of the open project."""
        return self._open.lines

    @property
    def _open(self) -> Workplace:
        assert self.place is not None, "no project is open"
        return self.place

    def target(self, name: str) -> object:
        """Who does the commands of this target, see `Command`."""
        always = {"window": self, "start": self.start, "colours": themes()}
        if name in always:
            return always[name]
        return {"session": self._open.session, "lines": self._open.lines, **self._open.widgets}[name]

    # Opening and closing

    def open_project(self, timeline: Path, lines: Path) -> bool:
        """Open a project in this window, instead of what is open; False where it cannot be, which is told."""
        QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            session, outlet = open_session(timeline, lines, source_lines=source_beside(lines))
        except CodubError as error:
            self.tell(Notice.of(error))
            return False
        finally:
            QGuiApplication.restoreOverrideCursor()
        self.show_project(session, outlet)
        files = timeline.absolute(), lines.absolute()
        remember_project(*files)
        self.lines.pictured.connect(lambda picture: remember_project(*files, picture))
        return True

    def show_project(self, session: PanelSession, outlet: Outlet) -> None:
        """Show a session that was opened; whatever was open is closed."""
        self._close_place()
        self.notices.put_away()
        self.place = Workplace(session, outlet, self)
        self.pages.addWidget(self.place.lines)
        self.pages.setCurrentWidget(self.place.lines)
        self.place.lines.setFocus()  # letters are commands here, and words in the search field
        self.docking.fill(self.place.widgets, self.place.kind)
        self.setWindowTitle(f"{session.job.project.name} · {session.job.lines.name} — codub")
        self.place.desk.changed.connect(self._look)
        self.place.desk.told.connect(self.tell)
        self._look()
        self.place.desk.changed.emit()
        first_word = missing_notice(session) or notes_notice(session.notes)
        if first_word is not None:
            self.tell(first_word)

    def close_project(self) -> None:
        """Back to the start page."""
        self._close_place()
        self._show_start()

    def _close_place(self) -> None:
        if self.place is None:
            return
        self.docking.remember(self.place.kind)
        place, self.place = self.place, None
        place.close()
        self.pages.removeWidget(place.lines)
        for widget in (place.lines, *place.widgets.values()):
            widget.deleteLater()

    def _show_start(self) -> None:
        self.setWindowTitle("codub")
        self.pages.setCurrentWidget(self.start)
        self.start.refresh()
        self.docking.empty()
        self._look()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files of a project are welcome everywhere in the window."""
        if ProjectFiles().with_files(_files(event)) != ProjectFiles():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Both files open the project; one waits for the other on the start page."""
        event.acceptProposedAction()
        self.start.take(_files(event))

    # Commands

    def perform(self, name: str) -> None:
        """Do the command of this name, e.g. `window.write_back`; what goes wrong is told."""
        command = self.menus.commands[name]
        self.docking.bring(command.target)
        try:
            getattr(self.target(command.target), command.method)()
        except CodubError as error:
            self.tell(Notice.of(error))
        self._look()

    def tell(self, notice: Notice) -> None:
        """Say something in the bar above the work."""
        command = self.menus.commands.get(notice.command)
        self.notices.show_notice(notice, from_registry(command.text) if command else "")

    def open_sample(self) -> None:
        """Open the sample project, in a copy that is the user's own."""
        folder = copy_sample(SAMPLE_PLACE)
        self.open_project(folder / "timeline.otio", folder / "lines.es.srt")

    def list_commands(self) -> None:
        """Search in all commands."""
        self.command_list = CommandList(self.menus.listed, self)
        self.command_list.move(self.mapToGlobal(self.rect().center()) - self.command_list.rect().center())
        self.command_list.show()

    def show_keys(self) -> None:
        """Show the page of keys."""
        self.keys_page = KeysPage(self.menus.listed, self)
        self.keys_page.show()

    def relink(self) -> None:
        """Ask where the missing media lies, keep it, and open the project anew with it."""
        session = self.session
        missing = missing_media(session.placement)
        if not missing:
            self.tell(Notice(self.tr("All media of this timeline is there.")))
            return
        dialog = RelinkDialog(missing, session.job.project.parent, self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            add_relinks(session.store.folder, dialog.found)
            self.open_project(session.job.project, session.job.lines)

    def reset_layout(self) -> None:
        """Put every dock back where it lay at first."""
        self.docking.reset()
        self.setFocus()
        if self.place is not None:
            self.place.lines.setFocus()

    def stop(self) -> None:
        """Stop dubbing now; finished takes are kept."""
        self._open.dispatch.stop()

    # Showing

    def _look(self) -> None:
        self.menus.update(self.target, open_project=self.place is not None)
        self.status.show_session(None if self.place is None else self.place.session)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout; stop the worker, whose finished takes are safe."""
        self._close_place()
        QSettings("codub", "panel").setValue("geometry", self.saveGeometry())
        super().closeEvent(event)


def _files(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
