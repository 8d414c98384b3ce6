"""The docks round the work: laid out from the registry, filled for each project, remembered for each kind of it."""

from zlib import crc32

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QWidget

from codub_panel.docks import DOCKS
from codub_panel.language import from_registry

# A layout is of these docks and of no others: one that another version kept is not restored.
_LAYOUT = crc32(" ".join(described.name for described in DOCKS).encode()) & 0x7FFFFFFF


class Docking:
    """One QDockWidget for each dock of the registry; they float, tab and nest, and stand empty on the start page."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._docks = {described.name: QDockWidget(from_registry(described.title), window) for described in DOCKS}
        window.setDockNestingEnabled(True)
        # What lies on the right is a column: it has the window's whole height.
        window.setCorner(Qt.Corner.TopRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        for described in DOCKS:
            dock = self._docks[described.name]
            dock.setObjectName(described.name)
            window.addDockWidget(described.area, dock)
            if described.beside:
                window.tabifyDockWidget(self._docks[described.beside], dock)
            dock.setVisible(described.shown)
        for described in DOCKS:
            if described.shown and not described.beside:
                self._docks[described.name].raise_()
        self._toggles = {described.name: self._toggle(described.name) for described in DOCKS}
        self._original = window.saveState(_LAYOUT)
        self._sizes = {described.name: described.size for described in DOCKS}

    def toggle(self, name: str) -> QAction:
        """The action that shows a dock that is out of sight, behind a tab too, and hides one in sight."""
        return self._toggles[name]

    def _toggle(self, name: str) -> QAction:
        # Qt's own action hides a dock that lies behind a tab, where the user asks to see it.
        dock = self._docks[name]
        action = QAction(dock.windowTitle(), self._window)
        action.setCheckable(True)
        action.triggered.connect(lambda: dock.hide() if _in_sight(dock) else self.bring(name))
        dock.visibilityChanged.connect(action.setChecked)
        return action

    def dock(self, name: str) -> QDockWidget:
        """A dock, whatever is in it."""
        return self._docks[name]

    def bring(self, name: str) -> None:
        """Show a dock that is out of sight; any other name is let be."""
        dock = self._docks.get(name)
        if dock is not None and not _in_sight(dock):
            dock.show()
            dock.raise_()

    def fill(self, widgets: dict[str, QWidget], kind: str) -> None:
        """Put a project's widgets in, and lay the docks out as projects of this kind had them last."""
        for name, widget in widgets.items():
            self._docks[name].setWidget(widget)
        kept = QSettings("codub", "panel").value(f"layouts/{kind}")
        # Either or: two layouts restored in a row leave the first one's tabs standing.
        if not (isinstance(kept, QByteArray) and self._window.restoreState(kept, _LAYOUT)):
            self.reset()
        self._enable(True)

    def empty(self) -> None:
        """Take all away: no project is open."""
        self._take_away()
        self._enable(False)

    def remember(self, kind: str) -> None:
        """Keep the layout for projects of this kind."""
        QSettings("codub", "panel").setValue(f"layouts/{kind}", self._window.saveState(_LAYOUT))

    def reset(self) -> None:
        """Lay them out as at first."""
        self._take_away()
        self._window.restoreState(self._original, _LAYOUT)
        QTimer.singleShot(0, self._window, self._resize)  # what was just shown has no size yet

    def _take_away(self) -> None:
        for dock in self._docks.values():
            self._window.removeDockWidget(dock)
        # Qt leaves the tabs of docks that shared a place standing over whatever comes.
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.hide()

    def _resize(self) -> None:
        wide = {name: size[0] for name, size in self._sizes.items() if size[0]}
        high = {name: size[1] for name, size in self._sizes.items() if size[1]}
        for sizes, way in ((wide, Qt.Orientation.Horizontal), (high, Qt.Orientation.Vertical)):
            self._window.resizeDocks([self._docks[name] for name in sizes], list(sizes.values()), way)

    def _enable(self, on: bool) -> None:
        for action in self._toggles.values():
            action.setEnabled(on)


def _in_sight(dock: QDockWidget) -> bool:
    """Qt calls a dock behind a tab visible, too, and keeps it outside the window."""
    return dock.isVisible() and not dock.visibleRegion().isEmpty()
