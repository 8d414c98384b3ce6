"""The sound of the line in hand: seen, compared, and moved where it does not fit; regenerated from what was moved."""

from collections.abc import Sequence
from fractions import Fraction

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from codub_panel.language import QT_TRANSLATE_NOOP, from_registry
from codub_panel.sound.boundaries import Boundary, Kind, Marking, nearest, same
from codub_panel.sound.sound_painting import Rows, Scene, paint_boundary, paint_ground
from codub_panel.sound.sound_picture import SoundPicture
from codub_panel.theme import theme, themes
from codub_panel.viewing.time_scale import TimeScale

_GRAB = 6  # pixels beside a boundary at which it is taken hold of
_NOTCH = 1.3
_SNAP = 0.01  # s that a dragged edge of a cue jumps by
_HEAD = QColor("#d9480f")


class SoundView(QWidget):
    """Original above take, words and phonemes under them.

    Mouse: the wheel zooms, with Shift it pans; a click goes there, a drag over the waves selects; boundaries are
    dragged. Keys: Tab and Shift+Tab take hold of the next and last boundary, Left and Right move it by its step, with
    Shift by a frame; Up and Down choose among cue, words and phonemes; Delete takes the edits back; Escape lets go.
    """

    sought = Signal(float)  # a second of the timeline
    selected = Signal(object)  # (start, end) in seconds of the timeline, or None
    moved = Signal(object, float)  # a Boundary and the second where it shall stand
    reset = Signal(object)  # a Boundary whose kind of edit is to be taken back

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(320, 170)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Sound of the line"))
        self.marking: Marking | None = None
        self.scale: TimeScale | None = None
        self.held: Boundary | None = None
        self.selection: tuple[float, float] | None = None
        self._rate, self._start = Fraction(25), Fraction(0)
        self._message = self.tr("Choose a line.")
        self._playhead = 0.0
        self._kinds: tuple[Kind, ...] = (Kind.CUE_START, Kind.CUE_END)
        self._pressed: tuple[str, float] | None = None
        self._dragged_to: float | None = None
        self._ground: QPixmap | None = None
        themes().changed.connect(self._redraw)

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(760, 260)

    # What is shown

    def show_message(self, message: str) -> None:
        """Say something instead of a sound."""
        self.marking, self.held, self.selection, self._message = None, None, None, message
        self._redraw()

    def show_sound(self, marking: Marking, rate: Fraction, start: Fraction) -> None:
        """Show a line; `rate` and `start` are the timeline's clock. Zoom stays where the stretch of time does."""
        first, last = map(float, marking.picture.stretch.span)
        if self.scale is None or (self.scale.first, self.scale.last) != (first, last) or self.marking is None:
            self.scale = TimeScale.of_all(first, last, self.width())
            self.selection = None
        self.marking, self._rate, self._start = marking, rate, start
        self.held = same(marking.boundaries, self.held)
        self._redraw()

    @property
    def picture(self) -> SoundPicture | None:
        """What is shown."""
        return None if self.marking is None else self.marking.picture

    def point(self, seconds: float) -> None:
        """The playhead stands at this second; the view turns a page when it leaves."""
        self._playhead = seconds
        if self.scale is not None and self._pressed is None:
            turned = self.scale.showing(min(max(seconds, self.scale.first), self.scale.last))
            if turned != self.scale:
                self.scale = turned
                self._ground = None
        self.update()

    # Zoom

    def zoom_in(self) -> None:
        """Nearer, about the playhead."""
        self._zoom(1.5, None)

    def zoom_out(self) -> None:
        """Farther."""
        self._zoom(1 / 1.5, None)

    def show_all(self) -> None:
        """The whole stretch."""
        self._zoom(1e-9, None)

    def pan_left(self) -> None:
        """Half a page back."""
        self._pan(-self.width() / 2)

    def pan_right(self) -> None:
        """Half a page on."""
        self._pan(self.width() / 2)

    def _zoom(self, factor: float, x: float | None) -> None:
        if self.scale is not None:
            at = self.scale.x(self._playhead) if x is None else x
            self.scale = self.scale.zoomed(factor, min(max(at, 0.0), float(self.width())))
            self._redraw()

    def _pan(self, pixels: float) -> None:
        if self.scale is not None:
            self.scale = self.scale.panned(pixels)
            self._redraw()

    # Boundaries

    def hold(self, boundary: Boundary | None) -> None:
        """Take a boundary in hand, and say so."""
        self.held = boundary
        if boundary is not None:
            self._kinds = _family(boundary.kind)
            if self.scale is not None and not self.scale.left <= boundary.seconds <= self.scale.right:
                self.scale = self.scale.showing(boundary.seconds)
                self._ground = None
        self.setAccessibleDescription("" if boundary is None else self.describe(boundary))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.update()

    def describe(self, boundary: Boundary) -> str:
        """The boundary in words."""
        return f"{boundary_name(boundary)}, {boundary.seconds:.3f} s" + (
            f", {self.tr('edited')}" if boundary.edited else ""
        )

    def hold_next(self, step: int = 1) -> bool:
        """The next boundary of the kind in hand (the last one for -1); False beyond the end."""
        listed = [b for b in self._boundaries() if b.kind in self._kinds]
        places = [(b.kind, b.sounds) for b in listed]
        if not listed:
            return False
        if self.held is None or (self.held.kind, self.held.sounds) not in places:
            self.hold(listed[0 if step > 0 else -1])
            return True
        place = places.index((self.held.kind, self.held.sounds)) + step
        if not 0 <= place < len(listed):
            return False
        self.hold(listed[place])
        return True

    def move_held(self, step: int, *, frame: bool = False) -> None:
        """Move the boundary in hand by its step, or by a frame."""
        if self.held is not None and self.marking is not None:
            by = self.marking.step(self.held, frame, self._rate)
            self.moved.emit(self.held, self.held.seconds + step * by)

    def _boundaries(self) -> Sequence[Boundary]:
        return () if self.marking is None else self.marking.boundaries

    def _choose_kinds(self, step: int) -> None:
        families = [family for family in _FAMILIES if any(b.kind in family for b in self._boundaries())]
        if families:
            place = families.index(self._kinds) if self._kinds in families else 0
            self._kinds = families[min(max(place + step, 0), len(families) - 1)]
            listed = [b for b in self._boundaries() if b.kind in self._kinds]
            about = self._playhead if self.held is None else self.held.seconds
            self.hold(min(listed, key=lambda b: abs(b.seconds - about)))

    # Keys

    def event(self, event: QEvent) -> bool:
        """Tab goes through the boundaries before it goes on; keys used here are no shortcuts of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._uses(event):
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}.get(Qt.Key(event.key()))
            if step is not None and self.hold_next(step):
                return True
        return super().event(event)

    def _uses(self, event: QKeyEvent) -> bool:
        plain = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        return not plain and Qt.Key(event.key()) in _KEYS

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move what is in hand."""
        key, shift = Qt.Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if not self._uses(event):
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = 1 if key == Qt.Key.Key_Right else -1
            if self.held is not None:
                self.move_held(step, frame=shift)
            else:
                self.sought.emit(self._playhead + step / float(self._rate) * (1 if not shift else 10) + 1e-6)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._choose_kinds(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key == Qt.Key.Key_Minus:
            self.zoom_out()
        elif key == Qt.Key.Key_0:
            self.show_all()
        elif key == Qt.Key.Key_Escape:
            self.hold(None)
            self._select(None)
        elif self.held is not None:
            self.reset.emit(self.held)

    # Mouse

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom on the mouse; pan with Shift or sideways."""
        across, along = event.angleDelta().x() / 120, event.angleDelta().y() / 120
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or across:
            self._pan(-(across or along) * 80)
        else:
            self._zoom(_NOTCH**along, event.position().x())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a boundary, or begin to select."""
        if self.scale is None or event.button() != Qt.MouseButton.LeftButton:
            return
        boundary = self._boundary_at(event.position())
        self.hold(boundary)
        self._pressed = ("boundary" if boundary is not None else "select", event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag, or show what could be dragged."""
        if self.scale is None:
            return
        if self._pressed is None:
            over = self._boundary_at(event.position())
            self.setCursor(Qt.CursorShape.SplitHCursor if over is not None else Qt.CursorShape.ArrowCursor)
            self.setToolTip("" if over is None else self.describe(over))
            return
        what, began = self._pressed
        at = self.scale.seconds(event.position().x())
        if what == "boundary" and self.held is not None:
            self._dragged_to = self._snapped(at, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif abs(event.position().x() - began) > 3:
            first = self.scale.seconds(began)
            self.selection = (min(first, at), max(first, at))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Put it there."""
        if self._pressed is None or self.scale is None:
            return
        what, began = self._pressed
        to, self._pressed, self._dragged_to = self._dragged_to, None, None
        if what == "boundary":
            if to is not None and self.held is not None:
                self.moved.emit(self.held, to)
        elif abs(event.position().x() - began) > 3:
            self.selected.emit(self.selection)
        else:
            self._select(None)
            self.sought.emit(self.scale.seconds(event.position().x()))
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On an edited boundary: take the edit back. Elsewhere: the whole stretch."""
        boundary = self._boundary_at(event.position())
        if boundary is None:
            self.show_all()
        elif boundary.edited:
            self.reset.emit(boundary)

    def _snapped(self, seconds: float, frame: bool) -> float:
        step = 1 / float(self._rate) if frame else _SNAP
        return round(seconds / step) * step

    def _boundary_at(self, point: QPointF) -> Boundary | None:
        if self.scale is None or self.marking is None:
            return None
        rows, y = self._rows(), int(point.y())
        kinds: tuple[Kind, ...] = _EDGES
        if rows.words.top() <= y <= rows.words.bottom():
            kinds = (Kind.WORD,)
        elif y > rows.words.bottom():
            kinds = (Kind.PHONEME,) if y <= rows.phonemes.bottom() else ()
        return nearest(self._boundaries(), kinds, self.scale.seconds(point.x()), _GRAB * self.scale.per_pixel)

    def _select(self, span: tuple[float, float] | None) -> None:
        if span != self.selection:
            self.selection = span
            self.selected.emit(span)
            self.update()

    # Painting

    def _rows(self) -> Rows:
        return Rows.of(self.width(), self.height(), len(self.picture.waves) if self.picture is not None else 0)

    def _scene(self) -> Scene | None:
        if self.marking is None or self.scale is None:
            return None
        clock = (self._rate, self._start)
        return Scene(self.marking.picture, self.marking, self.scale, self._rows(), theme(), self.font(), *clock)

    def _redraw(self) -> None:
        self._ground = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground, drawn once, and over it what moves."""
        painter, scene = QPainter(self), self._scene()
        if scene is None:
            painter.fillRect(self.rect(), QColor(theme().base))
            painter.setPen(QColor(theme().muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(24, 12, -24, -12), flags, self._message)
            painter.end()
            return
        if self._ground is None:
            ratio = self.devicePixelRatioF()
            self._ground = QPixmap(self.size() * ratio)
            self._ground.setDevicePixelRatio(ratio)
            ground = QPainter(self._ground)
            ground.setFont(self.font())
            paint_ground(ground, scene)
            ground.end()
        painter.drawPixmap(0, 0, self._ground)
        self._paint_moving(painter, scene)
        painter.end()

    def _paint_moving(self, painter: QPainter, scene: Scene) -> None:
        top, bottom = scene.rows.ruler.bottom(), scene.rows.pitch.bottom()
        if self.selection is not None:
            left, right = (scene.scale.x(edge) for edge in self.selection)
            shade = QColor(scene.theme.accent)
            shade.setAlpha(60)
            painter.fillRect(QRectF(left, top, right - left, bottom - top), shade)
        if self.held is not None:
            paint_boundary(painter, scene, self.held, self._dragged_to)
        painter.setPen(QPen(_HEAD, 1))
        x = scene.scale.x(self._playhead)
        painter.drawLine(QPointF(x, 0), QPointF(x, bottom))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QColor(scene.theme.accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The same stretch of time on another width."""
        super().resizeEvent(event)
        if self.scale is not None:
            self.scale = self.scale.resized(self.width())
        self._ground = None


_NAMES = {
    Kind.CUE_START: QT_TRANSLATE_NOOP("registry", "start of the cue"),
    Kind.CUE_END: QT_TRANSLATE_NOOP("registry", "end of the cue"),
    Kind.WORD: QT_TRANSLATE_NOOP("registry", "end of word '{0}'"),
    Kind.PHONEME: QT_TRANSLATE_NOOP("registry", "end of phoneme '{0}'"),
}
_EDGES = (Kind.CUE_START, Kind.CUE_END)
_FAMILIES: tuple[tuple[Kind, ...], ...] = (_EDGES, (Kind.WORD,), (Kind.PHONEME,))
_KEYS = {
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Plus, Qt.Key.Key_Equal,
    Qt.Key.Key_Minus, Qt.Key.Key_0, Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Backspace,
}  # fmt: skip


def boundary_name(boundary: Boundary) -> str:
    """What a boundary bounds, in words."""
    return from_registry(_NAMES[boundary.kind]).format(boundary.label)


def _family(kind: Kind) -> tuple[Kind, ...]:
    return next(family for family in _FAMILIES if kind in family)
