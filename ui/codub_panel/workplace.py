"""One open project in the window: its session, desk and dispatch, and a widget for the list and for every dock."""

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from codub_panel.desk import Desk
from codub_panel.dispatch import Dispatch
from codub_panel.docks import DOCKS
from codub_panel.project.outlet import Outlet
from codub_panel.project.session import PanelSession
from codub_panel.shots.shot_list import ShotList

_ASK_STORE_MS = 1000


class Workplace(QObject):
    """Made when a project is opened; `close` ends it and everything that it started."""

    def __init__(self, session: PanelSession, outlet: Outlet, window: QWidget) -> None:
        super().__init__(window)
        self.session = session
        self.desk = Desk(session, self, outlet)
        self.dispatch = Dispatch(session, self.desk, window)
        self.lines = ShotList(session, self.desk)
        self.widgets = {dock.name: dock.make(session, self.desk) for dock in DOCKS}
        self._poll = QTimer(self, interval=_ASK_STORE_MS)
        self._poll.timeout.connect(session.refresh)
        self._poll.start()

    @property
    def kind(self) -> str:
        """What kind of project it is, by the editor it comes from: each kind has its own layout."""
        return self.session.job.project.suffix.lstrip(".").lower()

    def close(self) -> None:
        """Stop the worker, whose finished takes are safe, and let go of every file."""
        self._poll.stop()
        self.dispatch.close()
        for widget in (self.lines, *self.widgets.values()):
            close = getattr(widget, "close_dock", None)
            if close is not None:
                close()
        self.session.store.close()
        self.deleteLater()
