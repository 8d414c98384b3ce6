"""The window in which a face is chosen in the footage: a clip, a frame of it, the faces found there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from codub.dubbing.cast.clip_faces import ClipFaces
from codub.errors import CodubError
from codub.face.pointing import FaceBox
from codub.media.probe import probe
from codub.media.video import Frame, read_frames
from codub.timeline.placed import PlacedClip
from codub_panel.cast.face_pick import FacePick
from codub_panel.viewing.reading import Reader


@dataclass(frozen=True)
class Footage:
    """A clip to choose in: `found` gives what was found in it by now, `start` the frame of the media shown first.

    `speaking` says which faces are taken for the speaker, and why any face is or is not.
    """

    clip: PlacedClip
    start: int
    found: Callable[[], ClipFaces | None]
    speaking: Callable[[ClipFaces], dict[int, str]] = lambda _found: {}
    reason: Callable[[ClipFaces, int], str] = lambda _found, _identity: ""


@dataclass(frozen=True)
class Chosen:
    """What was chosen: the clip, the frame of its media, and the face there."""

    clip: PlacedClip
    frame: int
    box: FaceBox


class FacePicker(QDialog):
    """Left and right go from frame to frame, up and down from face to face; Enter or a click chooses."""

    def __init__(
        self, title: str, question: str, footage: Sequence[Footage], choose: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.picked: Chosen | None = None
        self._footage = tuple(footage)
        self._faces: ClipFaces | None = None
        self._reader = Reader(self)
        self._reader.arrived.connect(self._arrived)
        self.view = FacePick(self)
        self.view.chosen.connect(self._choose)
        self.view.pointed.connect(self._say)
        self.clips = QComboBox(self)
        self.clips.setAccessibleName(self.tr("Clip"))
        for each in self._footage:
            self.clips.addItem(f"{each.clip.name}   {each.clip.media.name}")
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setAccessibleName(self.tr("Frame of the clip"))
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.number = QSpinBox(self)
        self.number.setAccessibleName(self.tr("Frame number in the media"))
        self.why = QLabel(self)
        self.why.setWordWrap(True)
        asked = QLabel(question, self)
        asked.setWordWrap(True)
        self.use = QPushButton(choose, self)
        self.use.setProperty("primary", True)
        self.use.clicked.connect(self._use)
        self.cancel = QPushButton(self.tr("Cancel"), self)
        self.cancel.clicked.connect(self.reject)
        for button in (self.use, self.cancel):
            button.setAutoDefault(False)
        top, row, foot = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        top.addWidget(asked, 1)
        top.addWidget(self.clips)
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        foot.addWidget(self.why, 1)
        foot.addWidget(self.use)
        foot.addWidget(self.cancel)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(self.view, 1)
        layout.addLayout(row)
        layout.addLayout(foot)
        self.clips.currentIndexChanged.connect(self._open)
        self.slider.valueChanged.connect(self.number.setValue)
        self.number.valueChanged.connect(self.slider.setValue)
        self.number.valueChanged.connect(self._show)
        self.resize(820, 640)
        self._open(0)
        self.view.setFocus()

    @property
    def clip(self) -> Footage:
        """The clip that is shown."""
        return self._footage[max(0, self.clips.currentIndex())]

    def refresh(self) -> None:
        """Look again at what was found."""
        self._faces = self.clip.found()
        self._show_faces()

    def _open(self, _place: int) -> None:
        clip = self.clip.clip
        first, last = clip.first_frame, clip.first_frame + clip.frame_count - 1
        for control in (self.slider, self.number):
            control.blockSignals(True)
            control.setRange(first, last)
            control.setValue(min(max(self.clip.start, first), last))
            control.blockSignals(False)
        self.refresh()
        self._show(self.number.value())

    def _show(self, frame: int) -> None:
        self._show_faces()
        self._reader.read(partial(_read, self.clip.clip.media, frame))

    def _show_faces(self) -> None:
        found = self._faces
        if found is None:
            self.view.show_faces(())
            self.why.setText(self.tr("Faces are being looked for ..."))
            return
        self.view.show_faces(found.boxes(self.number.value()), frozenset(self.clip.speaking(found)))
        self._say(self.view.boxes[self.view.hand] if self.view.hand is not None else None)

    def _arrived(self, result: object) -> None:
        if isinstance(result, CodubError):
            self.view.show_frame(None, 16 / 9, str(result))
        elif isinstance(result, tuple):
            self.view.show_frame(*result)

    def _say(self, box: FaceBox | None) -> None:
        self.use.setEnabled(box is not None)
        if box is None or self._faces is None:
            self.why.setText("" if self._faces is None else self.tr("No face is found in this frame; go to another."))
            return
        place = self.view.boxes.index(box) + 1
        reason = self.clip.speaking(self._faces).get(box.identity) or self.clip.reason(self._faces, box.identity)
        face = self.tr("Face {number}").format(number=place)
        self.why.setText(f"{face}: {reason}" if reason else face)

    def _use(self) -> None:
        if self.view.hand is not None:
            self._choose(self.view.boxes[self.view.hand])

    def _choose(self, box: FaceBox) -> None:
        self.picked = Chosen(self.clip.clip, self.number.value(), box)
        self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right: the frame before and after; with Shift ten of them."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        self.number.setValue(self.number.value() + step * far)

    def done(self, result: int) -> None:
        """Wait for the frame that is being read."""
        self._reader.close()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        """The same as Cancel."""
        self.reject()
        super().closeEvent(event)


def _read(media: Path, frame: int) -> tuple[Frame, float]:
    info = probe(media).require_video()
    picture = next(read_frames(media, frame, 1))
    return picture, info.width * float(info.sample_aspect) / info.height
