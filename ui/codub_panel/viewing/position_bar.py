"""The bar under the picture: the line, what lies round it, the in and out points, the playhead."""

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPolygon
from PySide6.QtWidgets import QSlider, QWidget

from codub_panel.viewing.player import Player

_HEAD, _MARK = QColor("#d9480f"), QColor("#2f80ed")


class PositionBar(QSlider):
    """A slider over all frames of a stretch that shows what the player knows of it."""

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._player = player
        self.setAccessibleName(self.tr("Position"))
        self.setMinimumHeight(22)

    def sizeHint(self) -> QSize:
        """As wide as may be."""
        return QSize(320, 22)

    def follow(self) -> None:
        """Stand where the player stands, and tell nobody."""
        stretch = self._player.stretch
        self.blockSignals(True)
        self.setRange(stretch.first, max(stretch.first, stretch.end - 1))
        self.setValue(self._player.frame)
        self.blockSignals(False)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The line as a bright band between its darker rolls."""
        stretch = self._player.stretch
        painter = QPainter(self)
        palette, middle = self.palette(), self.height() // 2
        band = palette.window().color().darker(125) if palette.window().color().lightness() > 128 else QColor("#4a4d52")
        painter.fillRect(6, middle - 3, self.width() - 12, 6, band)
        if stretch.end > stretch.first:
            left, right = self._x(0), self._x(stretch.frames)
            painter.fillRect(left, middle - 5, right - left, 10, palette.highlight().color())
            low, high = (self._x(edge) for edge in self._player.range)
            painter.setPen(_MARK)
            painter.setBrush(_MARK)
            if self._player.mark_in is not None:
                painter.fillRect(low - 1, middle - 9, 2, 18, _MARK)
                painter.fillRect(low, middle - 9, 5, 2, _MARK)
            if self._player.mark_out is not None:
                painter.fillRect(high - 1, middle - 9, 2, 18, _MARK)
                painter.fillRect(high - 5, middle - 9, 5, 2, _MARK)
            at = (self._x(self._player.frame) + self._x(self._player.frame + 1)) // 2
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_HEAD)
            painter.drawRect(at - 1, middle - 10, 2, 20)
            painter.drawPolygon(
                QPolygon([QPoint(at - 5, middle - 11), QPoint(at + 5, middle - 11), QPoint(at, middle - 4)])
            )
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(palette.highlight().color())
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def _go(self, event: QMouseEvent) -> None:
        frames = self._player.stretch.end - self._player.stretch.first
        if frames > 0:
            share = (event.position().x() - 6) / max(1, self.width() - 12)
            self.setValue(self._player.stretch.first + min(frames - 1, max(0, int(share * frames))))

    def _x(self, frame: int) -> int:
        stretch = self._player.stretch
        return 6 + round((frame - stretch.first) * (self.width() - 12) / (stretch.end - stretch.first))
