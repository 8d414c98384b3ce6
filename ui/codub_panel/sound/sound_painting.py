"""Draws the sound of a line: ruler, waves with their loudness, pitch, words and phonemes, the cue's window."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from codub.media.clock import clock_timecode
from codub_panel.sound.boundaries import Boundary, Kind, Labelled, Marking
from codub_panel.sound.sound_picture import FIRST_LEVEL, LEVELS_A_SECOND, SoundPicture, Wave
from codub_panel.theme import Theme
from codub_panel.viewing.time_scale import TimeScale

RULER, WORDS, PHONEMES = 22, 24, 22  # pixels
_PITCH = (18, 40)  # pixels, as there is room
_QUIETEST, _LOUDEST = -60.0, -6.0  # LUFS at the bottom and top of a wave's row
_LOWEST, _HIGHEST = 60.0, 500.0  # Hz at the bottom and top of the pitch's row
_TEXT_ROOM = 6


@dataclass(frozen=True)
class Rows:
    """Where the rows lie, from the top."""

    ruler: QRect
    waves: tuple[QRect, ...]
    pitch: QRect
    words: QRect
    phonemes: QRect

    @classmethod
    def of(cls, width: int, height: int, waves: int) -> "Rows":
        """Rows of a widget; the waves share what the others leave."""
        free = height - RULER - WORDS - PHONEMES
        pitch_height = min(_PITCH[1], max(_PITCH[0], free // 5))
        each = max(24, (free - pitch_height) // max(1, waves))
        top, found = RULER, []
        for _ in range(waves):
            found.append(QRect(0, top, width, each))
            top += each
        words = QRect(0, top, width, WORDS)
        phonemes = QRect(0, words.bottom() + 1, width, PHONEMES)
        pitch = QRect(0, phonemes.bottom() + 1, width, pitch_height)
        return cls(QRect(0, 0, width, RULER), tuple(found), pitch, words, phonemes)


@dataclass(frozen=True)
class Scene:
    """What is drawn, how, and on which clock (`start`: its second at the timeline's start)."""

    picture: SoundPicture
    marking: Marking
    scale: TimeScale
    rows: Rows
    theme: Theme
    font: QFont
    rate: Fraction
    start: Fraction


def paint_ground(painter: QPainter, scene: Scene) -> None:
    """Everything but what moves with the playhead and the mouse."""
    theme, rows = scene.theme, scene.rows
    painter.fillRect(painter.window(), QColor(theme.base))
    _paint_window(painter, scene)
    _paint_ruler(painter, scene)
    for row, wave in zip(rows.waves, scene.picture.waves, strict=True):
        _paint_wave(painter, scene, row, wave)
    _paint_pitch(painter, scene)
    _paint_labels(painter, scene, rows.words, scene.marking.words, strong=True)
    _paint_labels(painter, scene, rows.phonemes, scene.marking.phonemes, strong=False)
    edges = [b for b in scene.marking.boundaries if b.kind in (Kind.CUE_START, Kind.CUE_END)]
    for edge in edges:
        _paint_edge(painter, scene, edge)


def paint_boundary(painter: QPainter, scene: Scene, boundary: Boundary, at: float | None = None) -> None:
    """The boundary in hand, where it stands or where it is being put."""
    top, bottom = extent(scene.rows, boundary)
    x = scene.scale.x(boundary.seconds if at is None else at)
    accent = QColor(scene.theme.accent)
    painter.setPen(QPen(accent, 2))
    painter.drawLine(QPointF(x, top), QPointF(x, bottom))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(accent)
    painter.drawPolygon(QPolygonF([QPointF(x - 5, top), QPointF(x + 5, top), QPointF(x, top + 7)]))


def extent(rows: Rows, boundary: Boundary) -> tuple[int, int]:
    """Top and bottom of a boundary."""
    if boundary.kind is Kind.WORD:
        return rows.words.top(), rows.words.bottom()
    if boundary.kind is Kind.PHONEME:
        return rows.phonemes.top(), rows.phonemes.bottom()
    return rows.ruler.bottom(), rows.words.top()


def _paint_window(painter: QPainter, scene: Scene) -> None:
    """The cue's window bright, what lies outside it dim."""
    top, bottom = scene.rows.ruler.bottom(), scene.rows.pitch.bottom()
    left, right = (scene.scale.x(float(edge)) for edge in (scene.marking.cue.start, scene.marking.cue.end))
    outside = QColor(scene.theme.raised)
    painter.fillRect(QRectF(0, top, max(0.0, left), bottom - top), outside)
    painter.fillRect(QRectF(right, top, max(0.0, scene.scale.width - right), bottom - top), outside)


def _paint_edge(painter: QPainter, scene: Scene, edge: Boundary) -> None:
    colour = QColor(scene.theme.queued if edge.edited else scene.theme.muted)
    x, rows = scene.scale.x(edge.seconds), scene.rows
    painter.setPen(QPen(colour, 2, Qt.PenStyle.DashLine if edge.edited else Qt.PenStyle.SolidLine))
    painter.drawLine(QPointF(x, rows.ruler.bottom()), QPointF(x, rows.words.top()))
    side = 8 if edge.kind is Kind.CUE_START else -8
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    top = rows.ruler.bottom()
    painter.drawPolygon(QPolygonF([QPointF(x, top), QPointF(x + side, top), QPointF(x, top + 10)]))


def _paint_ruler(painter: QPainter, scene: Scene) -> None:
    row, theme = scene.rows.ruler, scene.theme
    painter.fillRect(row, QColor(theme.raised))
    _, marks = scene.scale.marks()
    painter.setFont(_font(scene, -1))
    for mark in marks:
        x = scene.scale.x(mark)
        painter.setPen(QColor(theme.border))
        painter.drawLine(QPointF(x, row.top()), QPointF(x, row.bottom()))
        painter.setPen(QColor(theme.muted))
        text = clock_timecode(scene.start + Fraction(mark).limit_denominator(1000), scene.rate)
        painter.drawText(QRectF(x + 4, row.top(), 120, row.height()), Qt.AlignmentFlag.AlignVCenter, text)


def _paint_wave(painter: QPainter, scene: Scene, row: QRect, wave: Wave) -> None:
    theme, scale = scene.theme, scene.scale
    painter.setPen(QColor(theme.border))
    painter.drawLine(0, row.bottom(), row.width(), row.bottom())
    begin = (scale.left - scene.picture.begin) * 48_000
    columns = wave.pyramid.columns(begin, scale.per_pixel * 48_000, scale.width)
    middle, half = row.center().y(), row.height() / 2 - 3
    tops, bottoms = middle - columns[:, 1] * half, middle - columns[:, 0] * half
    painter.setPen(QPen(QColor(theme.accent), 1))
    bottoms = np.maximum(bottoms, tops + 1)
    edges = zip(tops.tolist(), bottoms.tolist(), strict=True)
    painter.drawLines([QLineF(x + 0.5, top, x + 0.5, bottom) for x, (top, bottom) in enumerate(edges)])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.queued), 1.5))
    for curve in _level_curves(scene, row, wave):
        painter.drawPolyline(QPolygonF(curve))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setFont(_font(scene, -1))
    said = f"{wave.label}   {wave.loudness:.1f} LUFS" if np.isfinite(wave.loudness) else f"{wave.label}   silence"
    plate = painter.boundingRect(row.adjusted(8, 4, -8, 0), 0, said).adjusted(-5, -2, 5, 2)
    ground = QColor(theme.base)
    ground.setAlpha(215)
    painter.fillRect(plate, ground)
    painter.setPen(QColor(theme.text))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, said)


def _level_curves(scene: Scene, row: QRect, wave: Wave) -> list[list[QPointF]]:
    """Momentary loudness as lines; silence breaks them."""
    curves: list[list[QPointF]] = [[]]
    for number, level in enumerate(wave.levels):
        if level <= _QUIETEST:
            curves.append([])
            continue
        share = (min(float(level), _LOUDEST) - _QUIETEST) / (_LOUDEST - _QUIETEST)
        at = scene.picture.begin + FIRST_LEVEL + number / LEVELS_A_SECOND
        curves[-1].append(QPointF(scene.scale.x(at), row.bottom() - 2 - share * (row.height() - 4)))
    return [curve for curve in curves if len(curve) > 1]


def _paint_pitch(painter: QPainter, scene: Scene) -> None:
    row, picture = scene.rows.pitch, scene.picture
    if picture.f0 is None or picture.sounds is None:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(scene.theme.review), 1.5))
    curve: list[QPointF] = []
    for number, hertz in enumerate([*picture.f0.tolist(), 0.0]):
        if hertz < _LOWEST:
            if len(curve) > 1:
                painter.drawPolyline(QPolygonF(curve))
            curve = []
            continue
        share = np.log(np.clip(hertz, _LOWEST, _HIGHEST) / _LOWEST) / np.log(_HIGHEST / _LOWEST)
        at = float(picture.sounds.at) + (number + 0.5) / picture.f0_rate
        curve.append(QPointF(scene.scale.x(at), row.bottom() - 3 - share * (row.height() - 6)))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setFont(_font(scene, -2))
    painter.setPen(QColor(scene.theme.muted))
    voiced = picture.f0[picture.f0 > _LOWEST]
    said = f"F0  {np.median(voiced):.0f} Hz" if len(voiced) else "F0"
    painter.drawText(row.adjusted(8, 2, 0, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, said)


def _paint_labels(painter: QPainter, scene: Scene, row: QRect, labels: list[Labelled], *, strong: bool) -> None:
    theme, scale = scene.theme, scene.scale
    painter.setFont(_font(scene, 0 if strong else -1))
    metrics = painter.fontMetrics()
    for label in labels:
        left, right = scale.x(label.start), scale.x(label.end)
        if right < 0 or left > scale.width:
            continue
        box = QRectF(left, row.top() + 1, right - left, row.height() - 2)
        painter.fillRect(box, QColor(theme.selected if strong else theme.window))
        painter.setPen(QPen(QColor(theme.queued if label.edited else theme.border), 2 if label.edited else 1))
        painter.drawLine(QPointF(right, box.top()), QPointF(right, box.bottom()))
        painter.drawLine(QPointF(left, box.top()), QPointF(left, box.bottom()))
        text = label.label + ("*" if label.edited else "")
        if metrics.horizontalAdvance(text) > box.width() - _TEXT_ROOM / 2:
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, int(box.width()) - 2))
        painter.setPen(QColor(theme.queued if label.edited else theme.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _font(scene: Scene, larger: int) -> QFont:
    font = QFont(scene.font)
    if font.pointSize() > 0:
        font.setPointSize(max(7, font.pointSize() + larger))
    return font
