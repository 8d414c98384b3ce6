"""The viewer on the desk: it shows the line in hand, and the playhead goes with its frame."""

from fractions import Fraction

from PySide6.QtCore import QObject

from codub_panel.desk import Desk
from codub_panel.project.session import Line, PanelSession
from codub_panel.viewing.footage import obstacle, original_reel, take_reel, voice_reel
from codub_panel.viewing.viewer import Viewer


def make_viewer(session: PanelSession, desk: Desk) -> Viewer:
    """A viewer that follows the desk."""
    viewer = Viewer()
    follower = _Follower(session, desk, viewer)
    desk.changed.connect(follower.look)
    desk.sought.connect(follower.seek)
    desk.ranged.connect(follower.select)
    viewer.moved.connect(follower.moved)
    viewer.sought.connect(desk.seek)
    viewer.roll_changed.connect(follower.look_again)
    return viewer


class _Follower(QObject):
    def __init__(self, session: PanelSession, desk: Desk, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._session, self._desk, self._viewer = session, desk, viewer
        self._shown: tuple[object, ...] = ()

    def look(self) -> None:
        """Show the line in hand if it is another one, or has another take."""
        line, viewer, session = self._desk.line, self._viewer, self._session
        shown = (None,) if line is None else _shown(line)
        if shown == self._shown:
            return
        fresh = shown[:1] != self._shown[:1]
        self._shown, at = shown, self._desk.playhead
        if line is None:
            viewer.close_footage(viewer.tr("Choose a line."))
            return
        a, b = line.compared
        if a is not None and b is not None:
            reels = [take_reel(session, line, take, viewer.roll, f"{viewer.tr('take')} {take.take}") for take in (a, b)]
        else:
            reels = [original_reel(session, line, viewer.roll, viewer.tr("original"))]
            if line.heard is not None:
                label = viewer.tr("new voice; its picture is being made")
                reels.append(voice_reel(session, line, line.heard, viewer.roll, label))
            elif line.chosen is not None:
                label = f"{viewer.tr('take')} {line.chosen.take}"
                reels.append(take_reel(session, line, line.chosen, viewer.roll, label))
        off_screen = viewer.tr("This line is spoken off screen: there is no picture to change.")
        viewer.open(reels, session.start, lambda at: obstacle(session, at) or ("" if line.parts else off_screen))
        if fresh:
            self._desk.point(line.cue.start)
        else:  # its window was moved: stand where it stood
            viewer.go_to(viewer.player.stretch.frame(at))

    def look_again(self) -> None:
        """Show the line in hand with what lies round it anew."""
        self._shown = ()
        self.look()

    def moved(self, frame: int) -> None:
        """Take the playhead along."""
        if self._viewer.frames:
            self._desk.point(self._viewer.player.stretch.seconds(frame))

    def select(self, span: tuple[Fraction, Fraction] | None) -> None:
        """Play a selected stretch round and round."""
        stretch = self._viewer.player.stretch
        if span is None:
            self._viewer.clear_marks()
        else:
            self._viewer.set_range(stretch.frame(span[0]), stretch.frame(span[1]))

    def seek(self, seconds: Fraction) -> None:
        """Go to a moment of the line in hand."""
        self.look()
        if self._viewer.frames:
            self._viewer.go_to(self._viewer.player.stretch.frame(seconds))


def _shown(line: Line) -> tuple[object, ...]:
    """What the viewer's pictures and sounds depend on."""
    chosen = None if line.chosen is None else line.chosen.name
    return line.cue.number, line.cue.start, line.cue.end, chosen, line.marks, line.heard
