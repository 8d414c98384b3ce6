"""The viewer on the desk: it shows the line in hand, and the playhead goes with its frame."""

from fractions import Fraction

from PySide6.QtCore import QObject

from codub.timing import frames_to_seconds
from codub_panel.desk import Desk
from codub_panel.footage import original_reel, take_reel
from codub_panel.session import Line, PanelSession
from codub_panel.viewer import Viewer


def make_viewer(session: PanelSession, desk: Desk) -> Viewer:
    """A viewer that follows the desk."""
    viewer = Viewer()
    follower = _Follower(session, desk, viewer)
    desk.changed.connect(follower.look)
    desk.sought.connect(follower.seek)
    viewer.moved.connect(follower.moved)
    return viewer


class _Follower(QObject):
    def __init__(self, session: PanelSession, desk: Desk, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._session, self._desk, self._viewer = session, desk, viewer
        self._shown: object = ()

    def look(self) -> None:
        """Show the line in hand if it is another one, or has another take."""
        line = self._desk.line
        shown = (None,) if line is None else (line.cue.number, line.chosen and line.chosen.name)
        if shown == self._shown:
            return
        self._shown = shown
        if line is None:
            self._viewer.close_footage(self._viewer.tr("Choose a line."))
            return
        session = self._session
        take = None if line.chosen is None else take_reel(line, line.chosen, session.store, session.rate)
        self._viewer.open(original_reel(line, session.rate), take)
        self._desk.point(line.cue.start)

    def moved(self, frame: int) -> None:
        """Take the playhead along."""
        line = self._desk.line
        if line is not None:
            start, rate = self._first(line)
            self._desk.point(start + frames_to_seconds(frame, rate))

    def seek(self, seconds: Fraction) -> None:
        """Go to a moment of the line in hand."""
        self.look()
        line = self._desk.line
        if line is not None:
            start, rate = self._first(line)
            self._viewer.go_to(int((seconds - start) * rate))

    def _first(self, line: Line) -> tuple[Fraction, Fraction]:
        """Timeline second of the first frame shown, and frames/s."""
        if not line.parts:
            return line.cue.start, self._session.rate
        return line.cue.start + line.parts[0].offset, line.parts[0].rate
