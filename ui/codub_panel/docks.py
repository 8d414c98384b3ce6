"""Every dock of the panel, once: its name, its title, where it lies, what makes its widget."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from codub_panel.cast.speakers_view import SpeakersView
from codub_panel.desk import Desk
from codub_panel.language import QT_TRANSLATE_NOOP
from codub_panel.project.session import PanelSession
from codub_panel.send_back import SendBack
from codub_panel.shots.takes_view import TakesView
from codub_panel.shots.timeline_strip import TimelineStrip
from codub_panel.sound.delivery_view import DeliveryView
from codub_panel.sound.sound_dock import SoundDock
from codub_panel.viewing.viewer_dock import make_viewer

Area = Qt.DockWidgetArea


@dataclass(frozen=True)
class Dock:
    """One dock. `name` is its object name, under which layouts are remembered and commands find its widget.

    `make` gets the session (state, Qt-free) and the desk (the lines in hand, the playhead, notices) and returns the
    widget. A widget that has a method `close_dock` is told when its project is closed. `key` shows or hides the dock.
    `beside` names a dock that it shares its place with, as a tab. `size` is the width and height that it begins
    with, in pixels of a window of 1440 x 940; 0 for whatever is left.
    """

    name: str
    title: str
    area: Qt.DockWidgetArea
    make: Callable[[PanelSession, Desk], QWidget]
    key: str
    shown: bool = True
    beside: str = ""
    size: tuple[int, int] = (0, 0)


DOCKS = (
    Dock(
        "viewer", QT_TRANSLATE_NOOP("registry", "Viewer"), Area.TopDockWidgetArea, make_viewer, "Alt+1", size=(900, 370)
    ),
    Dock("takes", QT_TRANSLATE_NOOP("registry", "Takes"), Area.TopDockWidgetArea, TakesView, "Alt+2", size=(540, 370)),
    Dock(
        "timeline",
        QT_TRANSLATE_NOOP("registry", "Timeline"),
        Area.BottomDockWidgetArea,
        TimelineStrip,
        "Alt+8",
        size=(0, 170),
    ),
    Dock(
        "send_back",
        QT_TRANSLATE_NOOP("registry", "Send back"),
        Area.BottomDockWidgetArea,
        SendBack,
        "Alt+9",
        shown=False,
        beside="timeline",
    ),
    Dock(
        "sound",
        QT_TRANSLATE_NOOP("registry", "Sound"),
        Area.BottomDockWidgetArea,
        SoundDock,
        "Alt+5",
        beside="timeline",
    ),
    Dock(
        "delivery",
        QT_TRANSLATE_NOOP("registry", "Delivery"),
        Area.TopDockWidgetArea,
        DeliveryView,
        "Alt+6",
        beside="takes",
    ),
    Dock(
        "speakers",
        QT_TRANSLATE_NOOP("registry", "Cast"),
        Area.RightDockWidgetArea,
        SpeakersView,
        "Alt+7",
        shown=False,
    ),
)
