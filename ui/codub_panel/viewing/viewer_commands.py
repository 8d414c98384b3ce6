"""What the viewer's commands do to its picture, its player and its sound."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from codub_panel.viewing.picture_view import Mode, PictureView
from codub_panel.viewing.player import Player
from codub_panel.viewing.soundtrack import Listening
from codub_panel.viewing.speaker import Speaker
from codub_panel.viewing.transport_bar import TransportBar

_WIPE_STEP = 0.05  # of the picture's width
_STRONGEST = 32  # times that a difference is amplified


class ViewerCommands(QWidget):
    """Methods without arguments for the registry of commands, and what they act on; `frame` is the line's first at 0.

    Who shows pictures and plays sounds says with `_moved`, `_show` and `_listen` what follows from a command.
    """

    moved = Signal(int)  # frame

    def __init__(self, parent: QWidget | None = None, speaker: Speaker | None = None) -> None:
        super().__init__(parent)
        self.speaker = speaker or Speaker(self)
        self.player = Player(self.speaker)
        self.picture = PictureView(self)
        self.bar = TransportBar(self)
        self.listening = Listening()
        self._single = 0  # the side that A/B last showed

    # Hooks

    def _moved(self) -> None:
        """The playhead moved, or plays, or stopped."""
        raise NotImplementedError

    def _show(self) -> None:
        """Something else is to be shown."""
        raise NotImplementedError

    def _listen(self) -> None:
        """Something else is to be heard."""
        raise NotImplementedError

    @property
    def mode(self) -> Mode:
        """What is shown of the two sides."""
        return self.picture.mode

    @property
    def frame(self) -> int:
        """Where the playhead stands, from the line's first frame."""
        return self.player.frame

    @property
    def playing(self) -> bool:
        """Whether the picture moves by itself."""
        return self.player.playing

    # Picture

    def show_mode(self, mode: Mode) -> None:
        """Show something else of the same frame."""
        self.picture.mode = mode
        if mode in (Mode.ORIGINAL, Mode.TAKE):
            self._single = 0 if mode is Mode.ORIGINAL else 1
        self._listen()
        self._show()

    def toggle(self) -> None:
        """A/B: one side, or the other, and its sound."""
        single = self.mode in (Mode.ORIGINAL, Mode.TAKE)
        self.show_mode(Mode.TAKE if single and self._single == 0 else Mode.ORIGINAL)

    def show_original(self) -> None:
        """The first side alone."""
        self.show_mode(Mode.ORIGINAL)

    def show_take(self) -> None:
        """The second side alone."""
        self.show_mode(Mode.TAKE)

    def show_side_by_side(self) -> None:
        """Both sides beside each other."""
        self.show_mode(Mode.SIDE_BY_SIDE)

    def show_wipe(self) -> None:
        """The second side over the first, to the right of a line."""
        self.show_mode(Mode.WIPE)

    def show_difference(self) -> None:
        """Where the sides differ."""
        self.show_mode(Mode.DIFFERENCE)

    def wipe_left(self) -> None:
        """Show more of the second side."""
        self.show_wipe()
        self.picture.move_wipe(self.picture.wipe - _WIPE_STEP)

    def wipe_right(self) -> None:
        """Show more of the first side."""
        self.show_wipe()
        self.picture.move_wipe(self.picture.wipe + _WIPE_STEP)

    def amplify_difference(self) -> None:
        """The difference 2, 4, 8, 16, 32 times; then 1 again."""
        self.picture.factor = 1 if self.picture.factor >= _STRONGEST else 2 * self.picture.factor
        self.show_difference()

    def zoom_in(self) -> None:
        """Larger."""
        self.picture.zoom_by(1.5)

    def zoom_out(self) -> None:
        """Smaller, down to all of the picture."""
        self.picture.zoom_by(1 / 1.5)

    def actual_size(self) -> None:
        """One screen pixel a picture's pixel, about the mouse; and back."""
        self.picture.toggle_actual_size()

    # Transport

    def go_to(self, frame: int) -> None:
        """Show a frame of the line or its rolls; stays within them."""
        if frame != self.frame:
            self.player.go_to(frame)
            self._moved()

    def step(self, frames: int) -> None:
        """Stop, and go on or back by exact frames."""
        self.player.step(frames)
        self._moved()

    def next_frame(self) -> None:
        """One frame on."""
        self.step(1)

    def previous_frame(self) -> None:
        """One frame back."""
        self.step(-1)

    def play(self) -> None:
        """Play on from here."""
        self.player.play()
        self._moved()

    def forward(self) -> None:
        """L: play; again: faster."""
        self.player.forward()
        self._moved()

    def backward(self) -> None:
        """J: backwards; again: faster."""
        self.player.backward()
        self._moved()

    def pause(self) -> None:
        """Stand still."""
        self.player.stop()
        self._moved()

    def play_or_pause(self) -> None:
        """What the space bar does."""
        self.pause() if self.playing else self.play()

    def home(self) -> None:
        """To the in point or the line's first frame, then to the first of all."""
        self.player.home()
        self._moved()

    def finish(self) -> None:
        """To the out point or the line's last frame, then to the last of all."""
        self.player.finish()
        self._moved()

    def set_in(self) -> None:
        """Play from here."""
        self.player.set_in()
        self._show()

    def set_out(self) -> None:
        """Play until here."""
        self.player.set_out()
        self._show()

    def set_range(self, first: int, last: int) -> None:
        """Play from one frame to another."""
        self.player.set_range(first, last)
        self._moved()

    def clear_marks(self) -> None:
        """Play the line with its rolls again."""
        self.player.clear_marks()
        self._show()

    def toggle_loop(self) -> None:
        """Go round, or stop at the end."""
        self.player.set_loop(not self.player.loop)
        self._show()

    def go_to_timecode(self) -> None:
        """Type a timecode."""
        self.bar.timecode.setFocus()
        self.bar.timecode.selectAll()

    @property
    def looping(self) -> bool:
        """Whether it goes round."""
        return self.player.loop

    # Sound

    @property
    def bed_heard(self) -> bool:
        """Whether music and effects are heard."""
        return self.listening.bed and not self.listening.solo

    @property
    def solo(self) -> bool:
        """Whether only the line is heard."""
        return self.listening.solo

    def toggle_bed(self) -> None:
        """Music and effects, or none."""
        self.listening = Listening(not self.bed_heard, False)
        self._listen()
        self._show()

    def toggle_solo(self) -> None:
        """Only the voice of the line, or all."""
        self.listening = Listening(self.listening.bed, not self.listening.solo)
        self._listen()
        self._show()
