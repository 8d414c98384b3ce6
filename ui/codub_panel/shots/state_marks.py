"""How a line's state is shown: a word, a shape and a colour, so that none of them has to be told alone."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from codub_panel.language import QT_TRANSLATE_NOOP, from_registry
from codub_panel.project.session import LineState

_WORDS = {
    LineState.NEW: QT_TRANSLATE_NOOP("registry", "new"),
    LineState.QUEUED: QT_TRANSLATE_NOOP("registry", "queued"),
    LineState.RUNNING: QT_TRANSLATE_NOOP("registry", "running"),
    LineState.REVIEW: QT_TRANSLATE_NOOP("registry", "review"),
    LineState.APPROVED: QT_TRANSLATE_NOOP("registry", "approved"),
    LineState.NEEDS_WORK: QT_TRANSLATE_NOOP("registry", "needs work"),
}


def state_word(state: LineState) -> str:
    """The state in the interface's language."""
    return from_registry(_WORDS[state])


def paint_mark(painter: QPainter, room: QRectF, state: LineState, colour: QColor) -> None:
    """The state's shape, upright in the middle of `room`: ring, dots, triangle, half disc, tick, cross."""
    size = min(room.width(), room.height())
    box = QRectF(0, 0, size, size)
    box.moveCenter(room.center())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, size / 7, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)

    def at(x: float, y: float) -> QPointF:
        return QPointF(box.left() + x * size, box.top() + y * size)

    inner = box.adjusted(size / 8, size / 8, -size / 8, -size / 8)
    match state:
        case LineState.NEW:
            painter.drawEllipse(inner)
        case LineState.QUEUED:
            painter.setBrush(colour)
            for x in (0.18, 0.5, 0.82):
                painter.drawEllipse(at(x, 0.5), size / 24, size / 24)
        case LineState.RUNNING:
            painter.setBrush(colour)
            painter.drawPolygon(QPolygonF([at(0.25, 0.18), at(0.82, 0.5), at(0.25, 0.82)]))
        case LineState.REVIEW:
            painter.drawEllipse(inner)
            painter.setBrush(colour)
            painter.drawPie(inner, 90 * 16, 180 * 16)
        case LineState.APPROVED:
            painter.drawPolyline(QPolygonF([at(0.15, 0.55), at(0.4, 0.8), at(0.86, 0.22)]))
        case LineState.NEEDS_WORK:
            painter.drawLine(at(0.2, 0.2), at(0.8, 0.8))
            painter.drawLine(at(0.8, 0.2), at(0.2, 0.8))
    painter.restore()
