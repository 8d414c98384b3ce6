"""Paints the pictures of the viewer: one, two beside each other, one over the other with a wipe, the difference."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from codub_panel.language import QT_TRANSLATE_NOOP
from codub_panel.viewing.frame_buffer import Picture

_BACKGROUND, _LABEL, _PLATE, _LINE = QColor("#131416"), QColor("#f2f2f2"), QColor(0, 0, 0, 150), QColor("#ffd23f")
_GRAB = 14  # pixels beside the wipe's line at which it is grabbed
_LARGEST = 16.0  # screen pixels a picture's pixel
_NOTCH = 1.25  # a wheel's notch


class Mode(StrEnum):
    """What the viewer shows."""

    ORIGINAL = QT_TRANSLATE_NOOP("registry", "original")
    TAKE = QT_TRANSLATE_NOOP("registry", "take")
    SIDE_BY_SIDE = QT_TRANSLATE_NOOP("registry", "side by side")
    WIPE = QT_TRANSLATE_NOOP("registry", "wipe")
    DIFFERENCE = QT_TRANSLATE_NOOP("registry", "difference")


@dataclass(frozen=True)
class Pane:
    """One side: its name and its picture, or what is to be said in its place."""

    label: str
    picture: Picture | None = None
    message: str = ""


class PictureView(QWidget):
    """Two sides, upright, in their shape. `zoom` is screen pixels a picture's pixel; None fits the whole in."""

    resized = Signal()
    zoomed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(320, 200)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Picture"))
        self.mode = Mode.SIDE_BY_SIDE
        self.wipe = 0.5
        self.factor = 8
        self.zoom: float | None = None
        self._centre = QPointF(0.5, 0.5)  # the picture's point, in shares of it, in the middle of a pane
        self._panes: tuple[Pane, ...] = ()
        self._message = ""
        self._held: tuple[str, QPointF, QPointF] | None = None

    def sizeHint(self) -> QSize:
        """Room for two pictures."""
        return QSize(760, 400)

    def show_panes(self, panes: tuple[Pane, ...], message: str = "") -> None:
        """Show one side or two, or a message where there is none."""
        self._panes, self._message = panes, message
        said = ", ".join(pane.message or pane.label for pane in panes)
        self.setAccessibleDescription(said or message)
        self.update()

    # Zoom

    def zoom_to(self, zoom: float | None, about: QPointF | None = None) -> None:
        """Change the zoom; the picture stays under the point `about` (of the widget; its middle where None)."""
        picture = next((pane.picture for pane in self._panes if pane.picture is not None), None)
        if picture is None:
            return
        about = QPointF(self.rect().center()) if about is None else about
        room = self._room_at(about)
        before = self._target(room, picture)
        at = QPointF((about.x() - before.x()) / before.width(), (about.y() - before.y()) / before.height())
        fit = self._fit(room, picture)
        self.zoom = None if zoom is None or zoom <= fit else min(zoom, _LARGEST)
        after = self._target(room, picture)
        off = about - QPointF(room.center())
        self._centre = QPointF(at.x() - off.x() / after.width(), at.y() - off.y() / after.height())
        if self.zoom is None:
            self._centre = QPointF(0.5, 0.5)
        self.zoomed.emit()
        self.update()

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom in (above 1) or out."""
        picture = next((pane.picture for pane in self._panes if pane.picture is not None), None)
        if picture is not None:
            now = self.zoom or self._fit(self._room_at(QPointF(self.rect().center())), picture)
            self.zoom_to(now * factor, about)

    def toggle_actual_size(self) -> None:
        """One screen pixel a picture's pixel, about the mouse; and back to all of it."""
        mouse = QPointF(self.mapFromGlobal(self.cursor().pos()))
        about = mouse if self.underMouse() and self.rect().contains(mouse.toPoint()) else None
        self.zoom_to(1.0 if self.zoom is None else None, about)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Each pane in its share of the width."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.zoom is None or self.zoom < 2)
        painter.fillRect(self.rect(), _BACKGROUND)
        if not self._panes:
            self._say(painter, self.rect(), self._message)
        elif len(self._panes) == 2 and self.mode is Mode.WIPE:
            self._paint_wipe(painter)
        elif len(self._panes) == 2 and self.mode is Mode.DIFFERENCE:
            self._paint_difference(painter)
        else:
            for room, pane in zip(self._rooms(), self._panes, strict=True):
                self._paint_pane(painter, room, pane)
                self._name(painter, room, pane.label)
        painter.end()

    def _paint_pane(self, painter: QPainter, room: QRect, pane: Pane) -> None:
        if pane.picture is None:
            self._say(painter, room, pane.message)
            return
        painter.save()
        painter.setClipRect(room, Qt.ClipOperation.IntersectClip)
        painter.drawImage(self._target(room, pane.picture), _image(pane.picture))
        painter.restore()

    def _paint_wipe(self, painter: QPainter) -> None:
        room, at = self.rect(), round(self._wipe_x())
        for pane, part in zip(self._panes, (QRect(0, 0, at, room.height()), room.adjusted(at, 0, 0, 0)), strict=True):
            painter.save()
            painter.setClipRect(part)
            self._paint_pane(painter, room, pane)
            painter.restore()
        painter.setPen(QPen(_LINE, 2))
        painter.drawLine(at, 0, at, room.height())
        painter.setBrush(_LINE)
        painter.drawEllipse(QPointF(at, room.center().y()), 5, 5)
        self._name(painter, room, self._panes[0].label)
        self._name(painter, room, self._panes[1].label, right=True)

    def _paint_difference(self, painter: QPainter) -> None:
        before, after = self._panes
        if before.picture is None or after.picture is None:
            lacking = before if before.picture is None else after
            self._say(painter, self.rect(), lacking.message or self.tr("There is nothing to compare here."))
            return
        apart = QImage(self.size(), QImage.Format.Format_RGB32)
        apart.fill(Qt.GlobalColor.black)
        layer = QPainter(apart)
        layer.setRenderHints(painter.renderHints())
        layer.drawImage(self._target(self.rect(), before.picture), _image(before.picture))
        layer.setCompositionMode(QPainter.CompositionMode.CompositionMode_Difference)
        layer.drawImage(self._target(self.rect(), after.picture), _image(after.picture))
        layer.setCompositionMode(QPainter.CompositionMode.CompositionMode_Plus)
        doubled = 1
        while doubled < self.factor:
            layer.drawImage(0, 0, apart.copy())
            doubled *= 2
        layer.end()
        painter.drawImage(0, 0, apart)
        self._name(
            painter, self.rect(), f"{before.label} - {after.label}, {self.tr('difference')} \u00d7 {self.factor}"
        )

    def _name(self, painter: QPainter, room: QRect, label: str, right: bool = False) -> None:
        metrics = QFontMetrics(painter.font())
        plate = metrics.boundingRect(label).adjusted(-7, -4, 7, 4)
        plate.moveTo(room.right() - plate.width() - 8 if right else room.left() + 8, room.top() + 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_PLATE)
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(_LABEL)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, label)

    def _say(self, painter: QPainter, room: QRect, message: str) -> None:
        painter.setPen(_LABEL)
        painter.drawText(
            room.adjusted(24, 16, -24, -16), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, message
        )

    # Where things are

    def _rooms(self) -> list[QRect]:
        count = max(1, len(self._panes)) if self.mode is Mode.SIDE_BY_SIDE else 1
        gap, width = (4 if count > 1 else 0), self.width() // count
        return [
            QRect(number * width + (gap if number else 0), 0, width - gap // 2, self.height())
            for number in range(count)
        ]

    def _room_at(self, point: QPointF) -> QRect:
        rooms = self._rooms()
        return next((room for room in rooms if room.contains(point.toPoint())), rooms[0])

    def _fit(self, room: QRect, picture: Picture) -> float:
        """Screen pixels a picture's pixel that show all of it."""
        width, height = picture.shape
        return min(room.width() / width, room.height() / height) * self.devicePixelRatioF()

    def _target(self, room: QRect, picture: Picture) -> QRectF:
        scale = (self.zoom or self._fit(room, picture)) / self.devicePixelRatioF()
        width, height = picture.shape[0] * scale, picture.shape[1] * scale
        middle = QRectF(room).center()
        left, top = middle.x() - self._centre.x() * width, middle.y() - self._centre.y() * height
        return QRectF(round(left), round(top), round(width), round(height))

    def _wipe_x(self) -> float:
        picture = next((pane.picture for pane in self._panes if pane.picture is not None), None)
        target = QRectF(self.rect()) if picture is None else self._target(self.rect(), picture)
        return target.left() + self.wipe * target.width()

    def move_wipe(self, share: float) -> None:
        """Put the wipe's line at a share of the picture's width."""
        self.wipe = min(1.0, max(0.0, share))
        self.update()

    def _wipe_to(self, x: float) -> None:
        picture = next((pane.picture for pane in self._panes if pane.picture is not None), None)
        if picture is not None:
            target = self._target(self.rect(), picture)
            self.move_wipe((x - target.left()) / target.width())

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the wipe's line, or of the picture."""
        if event.button() == Qt.MouseButton.LeftButton:
            near = abs(event.position().x() - self._wipe_x()) <= _GRAB
            wipes = self.mode is Mode.WIPE and (near or self.zoom is None)
            self._held = ("wipe" if wipes else "picture", event.position(), QPointF(self._centre))
            if wipes:
                self._wipe_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is held."""
        over = self.mode is Mode.WIPE and abs(event.position().x() - self._wipe_x()) <= _GRAB
        self.setCursor(Qt.CursorShape.SplitHCursor if over else Qt.CursorShape.ArrowCursor)
        if self._held is None:
            return
        what, pressed, centre = self._held
        if what == "wipe":
            self._wipe_to(event.position().x())
        elif self.zoom is not None:
            picture = next((pane.picture for pane in self._panes if pane.picture is not None), None)
            if picture is not None:
                target = self._target(self.rect(), picture)
                moved = event.position() - pressed
                self._centre = centre - QPointF(moved.x() / target.width(), moved.y() / target.height())
                self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._held = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """1:1 on the mouse, and back."""
        self.zoom_to(1.0 if self.zoom is None else None, event.position())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom on the mouse."""
        notches = event.angleDelta().y() / 120
        if notches:
            self.zoom_by(_NOTCH**notches, event.position())
            event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size of pictures is wanted."""
        super().resizeEvent(event)
        self.resized.emit()


def _image(picture: Picture) -> QImage:
    """The pixels as Qt paints them; it lasts as long as the picture."""
    height, width = picture.pixels.shape[:2]
    return QImage(picture.pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
