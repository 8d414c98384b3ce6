"""The viewer: original and take of one line, frame by frame or playing, one over the other or side by side."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QElapsedTimer, QRect, QSize, Qt, QThread, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from codub.errors import CodubError
from codub.timing import DELIVERY_RATE, frames_to_samples
from codub_panel.footage import Footage, Reel, load
from codub_panel.speaker import Speaker

_Pane = tuple[NDArray[np.uint8], float]  # a picture RGB and its shape, width / height
_BACKGROUND, _LABEL = QColor("#1b1c1e"), QColor("#f0f0f0")


class Mode(StrEnum):
    """What the viewer shows."""

    ORIGINAL = "original"
    TAKE = "take"
    SIDE_BY_SIDE = "side by side"
    DIFFERENCE = "difference"


class PictureView(QWidget):
    """Paints up to two pictures, upright, in the shape they are meant to have."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(320, 180)
        self.setAccessibleName(self.tr("Picture"))
        self._panes: list[tuple[str, QImage, float]] = []
        self._message = ""

    def sizeHint(self) -> QSize:
        """Room for two pictures."""
        return QSize(720, 405)

    def show_panes(self, panes: list[tuple[str, QImage, float]], message: str = "") -> None:
        """Show labelled images with their shapes (width / height), or a message where there is none."""
        self._panes, self._message = panes, message
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Each pane in its share of the width."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), _BACKGROUND)
        painter.setPen(_LABEL)
        if not self._panes:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._message)
        width = self.width() // max(len(self._panes), 1)
        for number, (label, image, aspect) in enumerate(self._panes):
            room = QRect(number * width, 0, width, self.height()).adjusted(4, 4, -4, -4)
            painter.drawImage(_fitted(room, aspect), image)
            painter.drawText(room.adjusted(6, 4, 0, 0), Qt.AlignmentFlag.AlignLeft, label)
        painter.end()


class _Loader(QThread):
    """Reads the pictures of a line; `loaded` carries original, take and what went wrong."""

    loaded = Signal(object, object, str)

    def __init__(self, original: Reel, take: Reel | None, owner: QWidget) -> None:
        super().__init__(owner)
        self._reels = (original, take)

    def run(self) -> None:
        """Read both sides, the original first."""
        try:
            original, take = (load(reel, self.isInterruptionRequested) for reel in self._reels)
        except CodubError as error:
            self.loaded.emit(Footage(), Footage(), str(error))
        else:
            self.loaded.emit(original, take, "")


class Viewer(QWidget):
    """Picture, position and transport. `frame` counts from the line's first frame."""

    moved = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mode = Mode.SIDE_BY_SIDE
        self.frame = 0
        self.picture = PictureView(self)
        self.speaker = Speaker(self)
        self._position = QSlider(Qt.Orientation.Horizontal, self)
        self._position.setAccessibleName(self.tr("Position"))
        self._position.valueChanged.connect(self.go_to)
        self._told = QLabel(self)
        bar = QHBoxLayout()
        bar.addWidget(self._position, 1)
        bar.addWidget(self._told)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.picture, 1)
        layout.addLayout(bar)
        self._original, self._take = Footage(), Footage()
        self._message = self.tr("Choose a line.")
        self._loader: _Loader | None = None
        self._timer = QTimer(self, interval=8)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._clock = QElapsedTimer()
        self._started_at = 0
        self._show()

    @property
    def frames(self) -> int:
        """Frames of the line."""
        return max(self._original.frames, self._take.frames)

    @property
    def playing(self) -> bool:
        """Whether the picture moves by itself."""
        return self._timer.isActive()

    def open(self, original: Reel, take: Reel | None) -> None:
        """Show another line; its pictures and sounds are read in the background."""
        off_screen = self.tr("This line is spoken off screen: there is no picture to change.")
        self.close_footage(self.tr("Reading the pictures ...") if original.pictures else off_screen)
        self._loader = _Loader(original, take, self)
        self._loader.loaded.connect(self._loaded)
        self._loader.start()

    def close_footage(self, message: str = "") -> None:
        """Stop and let go of everything shown."""
        self.pause()
        if self._loader is not None:
            self._loader.loaded.disconnect(self._loaded)
            self._loader.requestInterruption()
            self._loader.wait()
            self._loader.deleteLater()
            self._loader = None
        self._original, self._take, self._message = Footage(), Footage(), message
        self.frame = 0
        self._show()

    def show_mode(self, mode: Mode) -> None:
        """Show something else of the same frame."""
        self.mode = mode
        if self.playing:
            self.play()
        self._show()

    def show_original(self) -> None:
        """Show the original."""
        self.show_mode(Mode.ORIGINAL)

    def show_take(self) -> None:
        """Show the take."""
        self.show_mode(Mode.TAKE)

    def show_side_by_side(self) -> None:
        """Show the original beside the take."""
        self.show_mode(Mode.SIDE_BY_SIDE)

    def show_difference(self) -> None:
        """Show what differs between them."""
        self.show_mode(Mode.DIFFERENCE)

    def toggle(self) -> None:
        """A/B: the original, or the take."""
        self.show_mode(Mode.TAKE if self.mode is Mode.ORIGINAL else Mode.ORIGINAL)

    def go_to(self, frame: int) -> None:
        """Show a frame of the line; stays within it."""
        frame = max(0, min(frame, self.frames - 1))
        if frame != self.frame:
            self.frame = frame
            self._show()
            self.moved.emit(frame)

    def step(self, frames: int) -> None:
        """Stop, and go on or back by exact frames."""
        self.pause()
        self.go_to(self.frame + frames)

    def next_frame(self) -> None:
        """One frame on."""
        self.step(1)

    def previous_frame(self) -> None:
        """One frame back."""
        self.step(-1)

    def close_dock(self) -> None:
        """The project is closed."""
        self.close_footage()

    def play(self) -> None:
        """Play on from here, round and round, with the sound of what is shown."""
        if self.frames:
            shown = self._original if self.mode is Mode.ORIGINAL or not self._take.frames else self._take
            self.speaker.play(shown.sound[frames_to_samples(self.frame, self._original.rate, DELIVERY_RATE) :])
            self._started_at = self.frame
            self._clock.start()
            self._timer.start()

    def pause(self) -> None:
        """Stand still."""
        self._timer.stop()
        self.speaker.stop()

    def play_or_pause(self) -> None:
        """What the space bar does."""
        self.pause() if self.playing else self.play()

    def _tick(self) -> None:
        # By the clock and not by counting ticks: a late tick skips a frame, it does not slow the film.
        frame = self._started_at + int(self._clock.elapsed() * self._original.rate / 1000)
        self.go_to(frame % self.frames)
        if frame >= self.frames:
            self.play()

    def _loaded(self, original: Footage, take: Footage, problem: str) -> None:
        self._original, self._take, self._message = original, take, problem or self._message
        self._show()

    def _show(self) -> None:
        before, after = _pane(self._original, self.frame), _pane(self._take, self.frame)
        wanted = {
            Mode.ORIGINAL: [(self.tr("original"), before)],
            Mode.TAKE: [(self.tr("take"), after)]
            if after is not None
            else [(self.tr("original; no take yet"), before)],
            Mode.SIDE_BY_SIDE: [(self.tr("original"), before), (self.tr("take"), after)],
            Mode.DIFFERENCE: [(self.tr("difference x 4"), _difference(before, after))],
        }[self.mode]
        panes = [(label, _image(pane[0]), pane[1]) for label, pane in wanted if pane is not None]
        self.picture.show_panes(panes, self._message)
        self._position.blockSignals(True)
        self._position.setRange(0, max(0, self.frames - 1))
        self._position.setValue(self.frame)
        self._position.blockSignals(False)
        self._told.setText(f"{self.frame + 1} / {self.frames}  {self.mode}" if self.frames else "")


def _pane(footage: Footage, frame: int) -> _Pane | None:
    return (footage.pictures[frame], footage.aspects[frame]) if frame < len(footage.pictures) else None


def _difference(before: _Pane | None, after: _Pane | None) -> _Pane | None:
    if before is None or after is None or before[0].shape != after[0].shape:
        return None
    apart = np.abs(before[0].astype(np.int16) - after[0]) * 4
    return np.minimum(apart, 255).astype(np.uint8), before[1]


def _image(picture: NDArray[np.uint8]) -> QImage:
    height, width = picture.shape[:2]
    return QImage(np.ascontiguousarray(picture).data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def _fitted(room: QRect, aspect: float) -> QRect:
    width = min(room.width(), round(room.height() * aspect))
    height = min(room.height(), round(room.width() / aspect))
    fitted = QRect(0, 0, width, height)
    fitted.moveCenter(room.center())
    return fitted
