"""Paints the shot list's cells and brings the field that a text is edited in."""

from functools import partial

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from codub_panel.project.fit import natural_seconds
from codub_panel.project.session import Line
from codub_panel.project.sounds import Sounds
from codub_panel.shots import thumbnails
from codub_panel.shots.shots_model import LINE_ROLE, Column, FitKind, fit_text
from codub_panel.shots.state_marks import paint_mark
from codub_panel.shots.text_editor import HEIGHT, TextEditor, paint_fit
from codub_panel.shots.thumbnails import Thumbnails
from codub_panel.theme import theme

_INSET = 8
_WRAPPED = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
_ONE_LINE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_QUIET = (Column.NUMBER, Column.IN, Column.OUT, Column.SOURCE, Column.SCORES, Column.TAKES)

Index = QModelIndex | QPersistentModelIndex


class ShotDelegate(QStyledItemDelegate):
    """One object for all cells. Nothing is asked of the style but the theme's colours: 10,000 rows scroll smoothly."""

    def __init__(self, pictures: Thumbnails, sounds: Sounds, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures, self._sounds = pictures, sounds

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        colours = theme()
        line: Line = index.data(LINE_ROLE)
        room: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(room, QColor(colours.selected))
        column = Column(index.column())
        inner = room.adjusted(_INSET, 2, -_INSET, -2)
        match column:
            case Column.PICTURE:
                self._paint_picture(painter, room, line)
            case Column.FIT:
                _paint_fit(painter, inner, line)
            case Column.STATE:
                _paint_state(painter, inner, line, index.data())
            case _:
                painter.setPen(QColor(colours.muted if column in _QUIET else colours.text))
                wrapped = column in (Column.SOURCE, Column.TARGET)
                painter.drawText(inner, _WRAPPED if wrapped else _ONE_LINE, index.data())
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_Selected:
            painter.setPen(QColor(colours.accent))
            painter.drawLine(room.left(), room.bottom(), room.right(), room.bottom())
        painter.restore()

    def _paint_picture(self, painter: QPainter, room: QRect, line: Line) -> None:
        frame = QRect(0, 0, thumbnails.WIDTH, thumbnails.HEIGHT)
        frame.moveCenter(room.center())
        frame = frame.intersected(room)
        picture = self._pictures.of(line)
        if picture is None:
            painter.fillRect(frame, QColor(theme().raised))
            if not line.parts:
                told = self.tr("no picture") if line.cue.on_screen else self.tr("off screen")
                painter.setPen(QColor(theme().muted))
                painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, told)
            return
        painter.fillRect(frame, QColor("#000000"))
        size = picture.deviceIndependentSize()
        target = QRectF(0, 0, size.width(), size.height())
        target.moveCenter(QRectF(frame).center())
        painter.drawPixmap(target, picture, QRectF(picture.rect()))

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """The field for a text."""
        editor = TextEditor(index.data(LINE_ROLE), self._sounds, parent)
        editor.done.connect(partial(self.commitData.emit, editor))
        for ended in (editor.done, editor.given_up):
            ended.connect(partial(self.closeEditor.emit, editor))
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Begin with the text as it is; what is being typed is not overwritten when the line changes meanwhile."""
        assert isinstance(editor, TextEditor)
        if not editor.text.toPlainText():
            editor.text.setPlainText(index.data(Qt.ItemDataRole.EditRole))
            editor.text.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Take the text."""
        assert isinstance(editor, TextEditor)
        model.setData(index, editor.text.toPlainText())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Over the cell, taller than it where there is room."""
        room = QRect(option.rect)
        room.setHeight(max(room.height(), HEIGHT))
        parent = editor.parentWidget()
        below = room.bottom() if parent is None else parent.height() - 1
        if room.bottom() > below:
            room.moveBottom(max(below, room.height() - 1))
        editor.setGeometry(room)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """The field looks after its own keys."""
        return False if event.type() == QEvent.Type.KeyPress else super().eventFilter(editor, event)


def _paint_fit(painter: QPainter, room: QRect, line: Line) -> None:
    colours = theme()
    seconds = line.misfit
    painter.setPen(QColor(colours.muted if FitKind.of(seconds) is FitKind.FITS else colours.needs_work))
    painter.drawText(room.adjusted(0, 0, 0, -8), _ONE_LINE, fit_text(seconds))
    cue = line.cue
    bar = QRectF(room.left(), room.center().y() + 10, room.width(), 4)
    if bar.bottom() < room.bottom():
        spoken = float(cue.window) + seconds if seconds else natural_seconds(cue.text, cue.language)
        paint_fit(painter, bar, float(cue.window), spoken, seconds)


def _paint_state(painter: QPainter, room: QRect, line: Line, word: str) -> None:
    colour = theme().state(line.state)
    paint_mark(painter, QRectF(room.left(), room.top(), 14, room.height()), line.state, colour)
    painter.setPen(colour)
    font = QFont(painter.font())
    font.setBold(True)
    painter.setFont(font)
    painter.drawText(room.adjusted(22, 0, 0, 0), _WRAPPED, word)
