"""The row of controls under the picture: what is shown, how it plays, what is heard, the timecode."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPolygonF
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QSpinBox, QToolButton, QWidget

from codub_panel.language import from_registry
from codub_panel.viewing.picture_view import Mode

_SIZE = 20
_TRIANGLE = [(6, 4), (16, 10), (6, 16)]
_BACK = [(14, 4), (4, 10), (14, 16)]
_BARS = [[(5, 4), (8, 4), (8, 16), (5, 16)], [(12, 4), (15, 4), (15, 16), (12, 16)]]
_SHAPES: dict[str, list[list[tuple[int, int]]]] = {
    "play": [_TRIANGLE],
    "pause": _BARS,
    "backward": [_BACK],
    "home": [[(4, 4), (6, 4), (6, 16), (4, 16)], [(16, 4), (7, 10), (16, 16)]],
    "finish": [[(14, 4), (16, 4), (16, 16), (14, 16)], [(4, 4), (13, 10), (4, 16)]],
    "previous": [[(12, 5), (7, 10), (12, 15)]],
    "next": [[(8, 5), (13, 10), (8, 15)]],
}


class TransportBar(QWidget):
    """Buttons that call what they are given; a mode list; switches; a timecode to read and to type."""

    mode_chosen = Signal(object)  # Mode
    timecode_typed = Signal(str)
    roll_changed = Signal(int)  # frames

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(6, 2, 6, 4)
        self._row.setSpacing(2)
        self._icons: list[tuple[QToolButton, str]] = []
        self.timecode = QLineEdit(self)
        self.timecode.setAccessibleName(self.tr("Timecode; type one to go there"))
        self.timecode.setToolTip(self.tr("Timecode. Type one and press Enter: 01:00:10:12, 1012, +12, -5"))
        self.timecode.setFixedWidth(self.fontMetrics().horizontalAdvance("00:00:00;00") + 26)
        self.timecode.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.timecode.returnPressed.connect(lambda: self.timecode_typed.emit(self.timecode.text()))
        self.told = QLabel(self)
        self.modes = QComboBox(self)
        self.modes.setAccessibleName(self.tr("What is shown"))
        for mode in Mode:
            self.modes.addItem(from_registry(mode.value), mode)
        self.modes.activated.connect(lambda row: self.mode_chosen.emit(self.modes.itemData(row)))
        self.roll = QSpinBox(self)
        self.roll.setRange(0, 240)
        self.roll.setPrefix(self.tr("roll") + " ")
        self.roll.setAccessibleName(self.tr("Frames shown before and after the line"))
        self.roll.setToolTip(self.tr("Frames shown, heard and looped before and after the line"))
        self.roll.setKeyboardTracking(False)
        self.roll.valueChanged.connect(self.roll_changed)

    def lay_out(self, buttons: list[QToolButton], switches: list[QToolButton]) -> None:
        """Put everything in its place, in the order in which Tab goes."""
        self._row.addWidget(self.timecode)
        self._row.addSpacing(6)
        for button in buttons:
            self._row.addWidget(button)
        self._row.addSpacing(6)
        self._row.addWidget(self.told)
        self._row.addStretch(1)
        for switch in switches:
            self._row.addWidget(switch)
        self._row.addWidget(self.roll)
        self._row.addSpacing(4)
        self._row.addWidget(self.modes)

    def button(self, shape: str, name: str, keys: str, done: Callable[[], object]) -> QToolButton:
        """A button with a drawn sign."""
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setIconSize(QSize(_SIZE, _SIZE))
        button.setAccessibleName(name)
        button.setToolTip(f"{name} ({keys})")
        button.clicked.connect(lambda: done())
        self._icons.append((button, shape))
        button.setIcon(_icon(shape, self.palette().buttonText().color()))
        return button

    def switch(self, text: str, name: str, keys: str, done: Callable[[], object]) -> QToolButton:
        """A switch that says what it is."""
        button = QToolButton(self)
        button.setText(text)
        button.setCheckable(True)
        button.setAutoRaise(True)
        button.setAccessibleName(name)
        button.setToolTip(f"{name} ({keys})")
        button.clicked.connect(lambda: done())
        return button

    def set_shape(self, button: QToolButton, shape: str) -> None:
        """Another sign on a button."""
        self._icons = [(other, shape if other is button else old) for other, old in self._icons]
        button.setIcon(_icon(shape, self.palette().buttonText().color()))

    def changeEvent(self, event: object) -> None:
        """Signs in the colour of the text, light or dark."""
        for button, shape in self._icons:
            button.setIcon(_icon(shape, self.palette().buttonText().color()))


def _icon(shape: str, colour: QColor) -> QIcon:
    pixmap = QPixmap(2 * _SIZE, 2 * _SIZE)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for polygon in _SHAPES[shape]:
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in polygon]))
    painter.end()
    return QIcon(pixmap)
