"""A frame with the faces found in it: one is chosen by a click or by keys."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from codub.face.pointing import FaceBox, nearest_box

_INK, _PAPER = QColor("#ffffff"), QColor(16, 20, 26, 205)


class FacePick(QWidget):
    """Paints one frame (RGB uint8) and a numbered box round each face; the chosen one is marked.

    Tab, the arrows or a digit go from face to face, Enter or a click chooses.
    """

    chosen = Signal(object)  # FaceBox
    pointed = Signal(object)  # FaceBox in hand, or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: tuple[FaceBox, ...] = ()
        self.speaking: frozenset[int] = frozenset()
        self.hand: int | None = None  # place in `boxes`
        self._picture: QImage | None = None
        self._aspect = 16 / 9
        self._message = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(320, 240)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Faces of the frame"))

    def sizeHint(self) -> QSize:
        """Room for a film's frame."""
        return QSize(720, 480)

    def show_frame(self, picture: NDArray[np.uint8] | None, aspect: float, message: str = "") -> None:
        """Show a frame in a shape (width / height); None: only the message."""
        self._aspect, self._message = aspect, message
        self._picture = None
        if picture is not None:
            height, width = picture.shape[:2]
            data = np.ascontiguousarray(picture)
            self._picture = QImage(data.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        self.update()

    def show_faces(self, boxes: tuple[FaceBox, ...], speaking: frozenset[int] = frozenset()) -> None:
        """Show boxes; `speaking` are the identities that are marked. The first of these, or the first, is in hand."""
        self.boxes, self.speaking = boxes, speaking
        marked = [place for place, box in enumerate(boxes) if box.identity in speaking]
        self._take(marked[0] if marked else 0 if boxes else None)
        self.update()

    def room(self) -> QRectF:
        """Where the frame is painted."""
        width = min(float(self.width()), self.height() * self._aspect)
        height = width / self._aspect
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def place(self, box: FaceBox) -> QRectF:
        """Where a face's box is painted."""
        room = self.room()
        return QRectF(
            QPointF(room.x() + box.left * room.width(), room.y() + box.top * room.height()),
            QPointF(room.x() + box.right * room.width(), room.y() + box.bottom * room.height()),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """The frame, the boxes over it, the message where there is no frame."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#101216"))
        room = self.room()
        if self._picture is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(room, self._picture)
        if self._message:
            painter.setPen(_INK)
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._message)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, box in enumerate(self.boxes):
            self._paint_box(painter, place, box)

    def _paint_box(self, painter: QPainter, place: int, box: FaceBox) -> None:
        where, speaks, in_hand = self.place(box), box.identity in self.speaking, place == self.hand
        colour = QColor("#7db4ff") if in_hand else _INK
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # Dark under light: seen on every ground.
        painter.setPen(QPen(QColor(0, 0, 0, 170), 5 if in_hand else 4))
        painter.drawRoundedRect(where, 6, 6)
        style = Qt.PenStyle.SolidLine if speaks or in_hand else Qt.PenStyle.DashLine
        painter.setPen(QPen(colour, 3 if in_hand else 2, style))
        painter.drawRoundedRect(where, 6, 6)
        text = f"{place + 1}" + (self.tr("  speaks") if speaks else "")
        width = QFontMetricsF(painter.font()).horizontalAdvance(text) + 14
        label = QRectF(where.left(), max(0.0, where.top() - 24), width, 22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_PAPER)
        painter.drawRoundedRect(label, 5, 5)
        painter.setPen(colour)
        painter.drawText(label, int(Qt.AlignmentFlag.AlignCenter), text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The face under the mouse is in hand."""
        box = self._under(event.position())
        if box is not None:
            self._take(self.boxes.index(box))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses the face under it."""
        box = self._under(event.position())
        if box is not None:
            self._take(self.boxes.index(box))
            self.chosen.emit(box)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits and up and down go from face to face, Enter and Space choose; the rest is the parent's."""
        key, count = event.key(), len(self.boxes)
        if Qt.Key.Key_1 <= key <= Qt.Key.Key_9 and key - Qt.Key.Key_1 < count:
            self._take(key - Qt.Key.Key_1)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and count:
            step = 1 if key == Qt.Key.Key_Down else -1
            self._take(((self.hand or 0) + step) % count)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.hand is not None:
            self.chosen.emit(self.boxes[self.hand])
        else:
            super().keyPressEvent(event)

    def _under(self, point: QPointF) -> FaceBox | None:
        room = self.room()
        if not room.contains(point):
            return None
        at = ((point.x() - room.x()) / room.width(), (point.y() - room.y()) / room.height())
        return nearest_box(self.boxes, at)

    def _take(self, place: int | None) -> None:
        if place == self.hand and place is not None:
            return
        self.hand = place
        box = None if place is None else self.boxes[place]
        self.pointed.emit(box)
        self.setAccessibleDescription(self._described(place))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.update()

    def _described(self, place: int | None) -> str:
        if place is None:
            return self.tr("No face is found in this frame.")
        said = self.tr("Face {number} of {count}").format(number=place + 1, count=len(self.boxes))
        return said + (self.tr(", speaks") if self.boxes[place].identity in self.speaking else "")
