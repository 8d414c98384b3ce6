"""The whole timeline in a strip: tracks with their cuts, lines in the colour of their state, takes, the playhead."""

from fractions import Fraction

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from codub_panel.desk import Desk
from codub_panel.project.session import PanelSession
from codub_panel.shots.state_marks import state_word
from codub_panel.shots.strip_lanes import Block, Lane, LineLanes, clip_lanes, merged
from codub_panel.theme import theme, themes

_NAMES, _RULER, _LANE, _GAP = 92, 22, 24, 3  # pixels
_CLOSEST = 400.0  # pixels a second
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)  # seconds between numbers of the ruler
_NUMBER = 90  # pixels that a timecode needs
_ZOOM = 1.25


class TimelineStrip(QWidget):
    """Wheel scrolls, Ctrl and the wheel zoom where the pointer is; a click goes there; arrows go from line to line."""

    def __init__(self, session: PanelSession, desk: Desk) -> None:
        super().__init__()
        self._session, self._desk = session, desk
        self.setAccessibleName(self.tr("Timeline"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.seconds_a_pixel = 0.0  # 0: all of it is in sight
        self.left = 0.0  # timeline second at the left edge
        ends = [float(line.cue.end) for line in session.lines]
        placement = session.placement
        self.duration = max([float(placement.duration) if placement else 0.0, *ends, 1.0])
        self._clips = clip_lanes(session)
        self._lines = LineLanes(session)
        self._changes = 0
        self._painted: tuple[object, QPixmap] | None = None
        self.setMinimumHeight(_RULER + 2 * (_LANE + _GAP))
        desk.changed.connect(self._changed)
        desk.pointed.connect(lambda _seconds: self.update())
        themes().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Room for every lane."""
        return QSize(900, _RULER + (len(self._clips) + 2) * (_LANE + _GAP) + 6)

    # Time and place

    @property
    def scale(self) -> float:
        """Seconds a pixel."""
        room = max(self.width() - _NAMES, 1)
        return min(self.seconds_a_pixel or self.duration / room, self.duration / room)

    def x_of(self, seconds: float) -> int:
        """Where a second of the timeline is painted."""
        return _NAMES + round((seconds - self.left) / self.scale)

    def second_at(self, x: float) -> float:
        """Second of the timeline at a place."""
        return min(max(self.left + (x - _NAMES) * self.scale, 0.0), self.duration)

    def zoom(self, factor: float, x: float | None = None) -> None:
        """See `factor` times as much detail; what is at `x` (None: the playhead) stays where it is."""
        at = float(self._desk.playhead) if x is None else self.second_at(x)
        x = float(self.x_of(at)) if x is None else x
        if not _NAMES <= x <= self.width():
            x = _NAMES + (self.width() - _NAMES) / 2
        self.seconds_a_pixel = max(self.scale / factor, 1 / _CLOSEST)
        self._scroll_to(at - (x - _NAMES) * self.scale)

    def zoom_in(self) -> None:
        """See more detail round the playhead."""
        self.zoom(_ZOOM**2)

    def zoom_out(self) -> None:
        """See more of the timeline."""
        self.zoom(_ZOOM**-2)

    def show_everything(self) -> None:
        """See all of the timeline."""
        self.seconds_a_pixel, self.left = 0.0, 0.0
        self.update()

    def show_line(self) -> None:
        """See the line in hand, with as much before and after it."""
        line = self._desk.line
        if line is not None:
            start, length = float(line.cue.start), max(float(line.cue.window), 0.5)
            self.seconds_a_pixel = max(3 * length / max(self.width() - _NAMES, 1), 1 / _CLOSEST)
            self._scroll_to(start - length)

    def _scroll_to(self, left: float) -> None:
        seen = (self.width() - _NAMES) * self.scale
        self.left = min(max(left, 0.0), max(self.duration - seen, 0.0))
        self.update()

    # What the hand does

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, or zoom with Ctrl."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(_ZOOM ** (turned / 120), event.position().x())
        else:
            self._scroll_to(self.left - turned * self.scale)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(event.position().x())

    def _go(self, x: float) -> None:
        if x >= _NAMES:
            self._desk.seek(Fraction(self.second_at(x)).limit_denominator(48_000))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the playhead along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position().x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go from line to line, up and down zoom."""
        line = self._desk.line
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and line is not None:
            row = self._session.row(line.cue.number) + step
            if 0 <= row < len(self._session.lines):
                self._desk.seek(self._session.lines[row].cue.start)
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.zoom(_ZOOM if event.key() == Qt.Key.Key_Up else 1 / _ZOOM)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say what lies under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.told_at(event.pos().x(), event.pos().y()), self)
            return True
        return super().event(event)

    def told_at(self, x: int, y: int) -> str:
        """What lies at a place: a clip's name, or a line's number, state and text."""
        lane = (y - _RULER) // (_LANE + _GAP)
        at = self.second_at(x)
        if lane in (0, 1):
            line = self._lines.at(at)
            return "" if line is None else f"{line.cue.number}  {state_word(line.state)}\n{line.cue.text}"
        return self._clips[lane - 2].name_at(at) if 0 <= lane - 2 < len(self._clips) else ""

    # Painting

    def _changed(self) -> None:
        self._lines.forget()
        self._changes += 1
        line = self._desk.line
        if line is not None and self.seconds_a_pixel:
            start, end = float(line.cue.start), float(line.cue.end)
            seen = (self.width() - _NAMES) * self.scale
            if not (self.left <= start and end <= self.left + seen) and end - start < seen:
                self._scroll_to(start - seen / 3)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ruler, lanes, playhead; what shares a pixel is painted once, so that 10,000 lines are no more than 1,000."""
        colours = theme()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._standing())
        self._paint_playhead(painter)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(colours.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _standing(self) -> QPixmap:
        """All but the playhead, painted anew only when it is another: the playhead moves at every frame."""
        ratio = self.devicePixelRatioF()
        key = (self.size(), ratio, self.scale, self.left, theme(), self._desk.numbers, self._changes)
        if self._painted is None or key != self._painted[0]:
            picture = QPixmap(self.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            self._paint_standing(picture)
            self._painted = key, picture
        return self._painted[1]

    def _paint_standing(self, picture: QPixmap) -> None:
        painter = QPainter(picture)
        painter.setFont(self.font())
        painter.fillRect(self.rect(), QColor(theme().base))
        self._paint_ruler(painter)
        until = self.second_at(self.width())
        lanes = (self._lines.cues(), self._lines.takes())
        for row, (name, lane) in enumerate(zip((self.tr("Lines"), self.tr("Takes")), lanes, strict=True)):
            self._paint_lines(painter, name, lane, _RULER + row * (_LANE + _GAP), until)
        for row, lane in enumerate(self._clips, len(lanes)):
            self._paint_clips(painter, lane, _RULER + row * (_LANE + _GAP), until)
        painter.end()

    def _paint_ruler(self, painter: QPainter) -> None:
        colours = theme()
        painter.setPen(QColor(colours.muted))
        step = next((s for s in _STEPS if s / self.scale >= _NUMBER), _STEPS[-1])
        number = int(self.left // step)
        while (x := self.x_of(number * step)) < self.width():
            if x >= _NAMES:
                painter.drawLine(x, _RULER - 6, x, _RULER - 2)
                text = self._session.timecode(Fraction(number * step))
                painter.drawText(x + 4, _RULER - 7, text)
            number += 1

    def _paint_name(self, painter: QPainter, name: str, top: int) -> None:
        colours = theme()
        painter.fillRect(QRect(0, top, _NAMES - 4, _LANE), QColor(colours.window))
        painter.setPen(QColor(colours.muted))
        room = QRect(8, top, _NAMES - 14, _LANE)
        name = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_clips(self, painter: QPainter, lane: Lane, top: int, until: float) -> None:
        colours = theme()
        self._paint_name(painter, lane.name, top)
        painter.setClipRect(_NAMES, 0, self.width() - _NAMES, self.height())
        for block, x, width in self._in_sight(lane.between(self.left, until)):
            painter.fillRect(x, top, width, _LANE, QColor(colours.raised))
            painter.fillRect(x, top, 1, _LANE, QColor(colours.muted))
            if width > 40:
                painter.setPen(QColor(colours.text))
                room = QRect(max(x, _NAMES) + 5, top, width - 8, _LANE)
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, block.name)
        painter.setClipping(False)

    def _paint_lines(self, painter: QPainter, name: str, lane: Lane, top: int, until: float) -> None:
        colours = theme()
        self._paint_name(painter, name, top)
        painter.setClipRect(_NAMES, 0, self.width() - _NAMES, self.height())
        in_hand = {str(number) for number in self._desk.numbers}
        for block, x, width in self._in_sight(lane.between(self.left, until)):
            room = QRect(x, top + 2, max(width - 1, 1), _LANE - 4)
            painter.fillRect(room, QColor(block.colour(colours)))
            if width > 26:
                painter.setPen(QColor(colours.base))
                painter.drawText(room.adjusted(5, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, block.name)
            if block.key in in_hand:
                painter.setPen(QColor(colours.text))
                painter.drawRect(room.adjusted(-1, -1, 0, 0))
        painter.setClipping(False)

    def _in_sight(self, blocks: list[Block]) -> list[tuple[Block, int, int]]:
        left, scale = self.left, self.scale
        return merged(blocks, lambda seconds: _NAMES + round((seconds - left) / scale), self.width())

    def _paint_playhead(self, painter: QPainter) -> None:
        x = self.x_of(float(self._desk.playhead))
        if _NAMES <= x < self.width():
            painter.setPen(QColor(theme().accent))
            painter.setBrush(QColor(theme().accent))
            painter.drawLine(x, 0, x, self.height())
            painter.drawPolygon(QPolygonF([QPointF(x - 5, 0), QPointF(x + 5, 0), QPointF(x, 7)]))
