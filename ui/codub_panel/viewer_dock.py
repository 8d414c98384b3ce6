"""The viewer on the desk: it shows the line in hand, and the playhead goes with its frame."""

from fractions import Fraction

from PySide6.QtCore import QObject

from codub_panel.desk import Desk
from codub_panel.footage import obstacle, original_reel, take_reel
from codub_panel.session import PanelSession
from codub_panel.viewer import Viewer


def make_viewer(session: PanelSession, desk: Desk) -> Viewer:
    """A viewer that follows the desk."""
    viewer = Viewer()
    follower = _Follower(session, desk, viewer)
    desk.changed.connect(follower.look)
    desk.sought.connect(follower.seek)
    viewer.moved.connect(follower.moved)
    viewer.sought.connect(desk.seek)
    viewer.roll_changed.connect(follower.look_again)
    return viewer


class _Follower(QObject):
    def __init__(self, session: PanelSession, desk: Desk, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._session, self._desk, self._viewer = session, desk, viewer
        self._shown: object = ()

    def look(self) -> None:
        """Show the line in hand if it is another one, or has another take."""
        line, viewer, session = self._desk.line, self._viewer, self._session
        compared = self._desk.compared
        shown: tuple[object, ...] = (None,)
        if line is not None:
            near = (other.name for other in compared)
            shown = (line.cue.number, line.cue.start, line.cue.end, line.chosen and line.chosen.name, *near)
        if shown == self._shown:
            return
        fresh = shown[0] != (self._shown[0] if isinstance(self._shown, tuple) and self._shown else None)
        self._shown = shown
        if line is None:
            viewer.close_footage(viewer.tr("Choose a line."))
            return
        if len(compared) == 2:
            reels = [take_reel(session, line, take, viewer.roll, f"take {take.take}") for take in compared]
        else:
            reels = [original_reel(session, line, viewer.roll)]
            if line.chosen is not None:
                reels.append(take_reel(session, line, line.chosen, viewer.roll, f"take {line.chosen.take}"))
        off_screen = viewer.tr("This line is spoken off screen: there is no picture to change.")
        viewer.open(reels, session.start, obstacle(session, line.cue.start) or ("" if line.parts else off_screen))
        if fresh:
            self._desk.point(line.cue.start)

    def look_again(self) -> None:
        """Show the line in hand with what lies round it anew."""
        self._shown = ()
        self.look()

    def moved(self, frame: int) -> None:
        """Take the playhead along."""
        if self._viewer.frames:
            self._desk.point(self._viewer.player.stretch.seconds(frame))

    def seek(self, seconds: Fraction) -> None:
        """Go to a moment of the line in hand."""
        self.look()
        if self._viewer.frames:
            self._viewer.go_to(self._viewer.player.stretch.frame(seconds))
