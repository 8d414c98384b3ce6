"""The viewer: two sides of one line, frame by frame or playing, with the sound of the side that is listened to."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from codub.errors import CodubError
from codub.media.clock import clock_timecode
from codub_panel.viewing.footage import ROLL, Reel, Stretch
from codub_panel.viewing.frame_buffer import FrameBuffer, Picture, Wanted
from codub_panel.viewing.picture_view import Mode, Pane
from codub_panel.viewing.position_bar import PositionBar
from codub_panel.viewing.reading import Reader
from codub_panel.viewing.soundtrack import Soundtrack, read_soundtrack
from codub_panel.viewing.speaker import Speaker
from codub_panel.viewing.timecode_entry import typed_timecode
from codub_panel.viewing.viewer_commands import ViewerCommands

_TICK_MS = 8
_STEPS = 128  # pixels: pictures are decoded anew only when the widget's size changes by as much
_AHEAD = 512  # frames that are decoded before they are shown, where there is memory for them

Explain = Callable[[Fraction], str]
"""From a second of the timeline to why there is no picture and what to do; "" where nothing is known."""


def _nothing_known(_seconds: Fraction) -> str:
    return ""


class Viewer(ViewerCommands):
    """Picture, position and transport. `frame` counts from the line's first frame; the rolls lie round it.

    Side 0 is the original, side 1 the take, or they are two takes that are compared.
    """

    sought = Signal(object)  # a second of the timeline outside of what is shown (Fraction)
    roll_changed = Signal(object)  # seconds (Fraction)
    _decoded = Signal()

    def __init__(self, parent: QWidget | None = None, speaker: Speaker | None = None) -> None:
        super().__init__(parent, speaker)
        self.position = PositionBar(self.player, self)
        self.roll = ROLL
        self._reels: tuple[Reel, ...] = ()
        self._tracks: tuple[Soundtrack, ...] = ()
        self._clock_start = Fraction(0)
        self._message, self._trouble = self.tr("Choose a line."), ""
        self._why: Explain = _nothing_known
        self._last: dict[int, tuple[int, Picture]] = {}
        self._build()
        self._reader = Reader(self)
        self._reader.arrived.connect(self._sounds_arrived)
        self._decoded.connect(self._arrived, Qt.ConnectionType.QueuedConnection)
        self._buffer = FrameBuffer(self._decoded.emit)
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._show()

    def _build(self) -> None:
        bar = self.bar
        buttons = [
            bar.button("home", self.tr("To the start"), "Home", self.home),
            bar.button("backward", self.tr("Play backwards"), "J", self.backward),
            bar.button("previous", self.tr("Previous frame"), self.tr("Left"), self.previous_frame),
            bar.button("play", self.tr("Play or pause"), self.tr("Space"), self.play_or_pause),
            bar.button("next", self.tr("Next frame"), self.tr("Right"), self.next_frame),
            bar.button("finish", self.tr("To the end"), "End", self.finish),
        ]
        self._play_button = buttons[3]
        self._switches = {
            "loop": bar.switch(self.tr("loop"), self.tr("Loop"), "Ctrl+L", self.toggle_loop),
            "bed": bar.switch(self.tr("M&&E"), self.tr("Music and effects"), "Shift+M", self.toggle_bed),
            "solo": bar.switch(self.tr("solo"), self.tr("Only the voice of the line"), "Shift+S", self.toggle_solo),
        }
        bar.lay_out(buttons, list(self._switches.values()))
        bar.mode_chosen.connect(self.show_mode)
        bar.timecode_typed.connect(self._typed)
        bar.roll_changed.connect(self._roll_typed)
        self.position.valueChanged.connect(self.go_to)
        self.picture.resized.connect(self._show)
        self.picture.zoomed.connect(self._show)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.picture, 1)
        inset = QHBoxLayout()
        inset.setContentsMargins(6, 4, 6, 0)
        inset.addWidget(self.position)
        layout.addLayout(inset)
        layout.addWidget(bar)

    # What is shown

    @property
    def frames(self) -> int:
        """Frames of the line."""
        return self.player.stretch.frames if self._reels else 0

    @property
    def shown_frames(self) -> dict[int, int]:
        """Frame of each side whose picture is on the screen; behind the playhead while decoding is late."""
        return {side: frame for side, (frame, _) in self._last.items() if side in self._sides()}

    def open(self, reels: Sequence[Reel], clock_start: Fraction = Fraction(0), why: Explain = _nothing_known) -> None:
        """Show another line: one side or two. Pictures and sounds are read in the background.

        `clock_start` is the timecode of the timeline's start in seconds, `why` says why there is no
        picture at a second of the timeline.
        """
        same = bool(self._reels) and reels[0].stretch == self._reels[0].stretch
        frame = self.frame if same else 0
        self.pause()
        self._reels, self._tracks, self._clock_start = tuple(reels), (), clock_start
        self._why = why
        self._trouble = ""
        self._last = {}
        self.player.load(reels[0].stretch)
        self.player.go_to(frame)
        self._buffer.load(self._reels)
        wanted = self._reels
        self._reader.read(lambda: tuple(read_soundtrack(reel) for reel in wanted))
        self._show()

    def close_footage(self, message: str = "") -> None:
        """Stop and let go of everything shown."""
        self.pause()
        self._reader.forget()
        self._reels, self._tracks, self._last, self._message, self._trouble = (), (), {}, message, ""
        self.player.load(Stretch(self.player.stretch.rate, Fraction(0), 0, 0, 0))
        self._buffer.load(())
        self._show()

    def close_dock(self) -> None:
        """Let go of files and threads."""
        self.close_footage()
        self._buffer.close()
        self._reader.close()

    def _listen(self) -> None:
        side = 0 if self.mode is Mode.ORIGINAL else 1
        if self._tracks:
            self.player.track = self._tracks[min(side, len(self._tracks) - 1)].heard(self.listening)

    def _sounds_arrived(self, result: object) -> None:
        if isinstance(result, CodubError):
            self._trouble = str(result)
        elif isinstance(result, tuple):
            self._tracks = result
            self._listen()
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows step by a frame, with Shift by ten, wherever in the viewer the focus is."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.step(step * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1))

    # Showing

    def _tick(self) -> None:
        if self.player.tick() or not self.playing:
            self._moved()

    def _arrived(self) -> None:
        # Most pictures come before they are due: only one that is awaited is shown.
        if any(self._last.get(side, (None,))[0] != self.frame for side in self._sides()):
            self._show()

    def _moved(self) -> None:
        if self.playing != self._timer.isActive():
            self._timer.start() if self.playing else self._timer.stop()
        self._show()
        self.moved.emit(self.frame)

    def _sides(self) -> tuple[int, ...]:
        if len(self._reels) < 2:
            return tuple(range(len(self._reels)))
        return {Mode.ORIGINAL: (0,), Mode.TAKE: (1,)}.get(self.mode, (0, 1))

    def _room(self) -> tuple[int, int] | None:
        """Pixels that a picture is decoded for; None for its own."""
        if self.picture.zoom is not None:
            return None
        ratio = self.picture.devicePixelRatioF()
        panes = 2 if self.mode is Mode.SIDE_BY_SIDE and len(self._reels) > 1 else 1
        width, height = self.picture.width() * ratio / panes, self.picture.height() * ratio
        return -int(-width // _STEPS) * _STEPS, -int(-height // _STEPS) * _STEPS

    def _show(self) -> None:
        sides = self._sides()
        self._buffer.want(Wanted(tuple(self.player.upcoming(_AHEAD)), sides, self._room()))
        self.picture.show_panes(tuple(self._pane(side) for side in sides), self._trouble or self._message)
        self.position.follow()
        self._show_bar()

    def _pane(self, side: int) -> Pane:
        reel, frame = self._reels[side], self.frame
        label = reel.label
        if len(self._reels) == 1 and self.mode is not Mode.ORIGINAL:
            label += self.tr("; no take yet")
        if reel.locate(frame) is None:
            self._last.pop(side, None)
            said = self._why(reel.stretch.seconds(frame)) or self.tr("There is no picture here.")
            return Pane(label, None, said)
        picture = self._buffer.get(side, frame)
        if picture is not None:
            self._last[side] = (frame, picture)
        elif problem := self._buffer.problem(side, frame):
            self._last.pop(side, None)
            return Pane(label, None, problem)
        # Late pictures: the one before stays until its successor is there.
        kept = self._last.get(side)
        return Pane(label, kept[1] if kept is not None else None, "" if kept is not None else self.tr("Reading ..."))

    def _show_bar(self) -> None:
        stretch, bar = self.player.stretch, self.bar
        at = self._clock_start + stretch.seconds(self.frame)
        if not bar.timecode.hasFocus() or self.playing:
            bar.timecode.setText(clock_timecode(at, stretch.rate) if self._reels else "")
        told = f"{self.frame + 1} / {self.frames}" if self._reels else ""
        if self.player.speed not in (0, 1):
            told += f"   {self.player.speed}\u00d7"
        if self.picture.zoom is not None:
            told += f"   {round(100 * self.picture.zoom)} %"
        late = max((abs(self.frame - frame) for frame in self.shown_frames.values()), default=0)
        if self.playing and late > abs(self.player.speed):
            told += "   " + self.tr("picture late")
        if self._trouble:
            told += "   " + self.tr("no sound")
            bar.told.setToolTip(self._trouble)
        bar.told.setText(told)
        bar.modes.setCurrentIndex(bar.modes.findData(self.mode))
        bar.set_shape(self._play_button, "pause" if self.playing else "play")
        for name, on in (("loop", self.looping), ("bed", self.bed_heard), ("solo", self.solo)):
            self._switches[name].setChecked(on)
        bar.roll.blockSignals(True)
        bar.roll.setValue(round(self.roll * stretch.rate))
        bar.roll.blockSignals(False)

    def _typed(self, text: str) -> None:
        stretch = self.player.stretch
        try:
            wanted = typed_timecode(text, self._clock_start + stretch.seconds(self.frame), stretch.rate)
        except ValueError:
            self.bar.timecode.selectAll()
            self.bar.told.setText(self.tr("no timecode at this rate"))
            return
        self.picture.setFocus()
        frame = stretch.frame(wanted - self._clock_start)
        if stretch.first <= frame < stretch.end:
            self.go_to(frame)
            self._show()
        else:
            self.sought.emit(wanted - self._clock_start)

    def _roll_typed(self, frames: int) -> None:
        self.roll = frames / self.player.stretch.rate
        self.roll_changed.emit(self.roll)
