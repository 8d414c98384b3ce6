"""How the lines in hand are to be said: pace, pitch, energy, variation, each with its default in reach."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from codub.speech.model import ENERGY, ORIGINAL, PACE, PITCH, PLAIN, VARIATION
from codub_panel.desk import Desk
from codub_panel.language import QT_TRANSLATE_NOOP, from_registry
from codub_panel.project.session import PanelSession

_SETTLE_MS = 150  # a dragged slider is written when it rests for so long


@dataclass(frozen=True)
class Control:
    """One number of a `Delivery`: its field, its name, what it does, its bounds, step and unit."""

    field: str
    name: str
    meaning: str
    bounds: tuple[float, float]
    step: float
    decimals: int
    unit: str

    @property
    def default(self) -> float:
        """The value that changes nothing."""
        return float(getattr(PLAIN, self.field))


CONTROLS = (
    Control(
        "pace",
        QT_TRANSLATE_NOOP("registry", "&Pace"),
        QT_TRANSLATE_NOOP("registry", "How much faster than what fits the window; the line ends that much earlier"),
        PACE, 0.01, 2, "\u00d7",
    ),
    Control(
        "pitch",
        QT_TRANSLATE_NOOP("registry", "P&itch"),
        QT_TRANSLATE_NOOP("registry", "How much higher or lower the voice is, in semitones"),
        PITCH, 0.1, 1, " st",
    ),
    Control(
        "energy",
        QT_TRANSLATE_NOOP("registry", "&Energy"),
        QT_TRANSLATE_NOOP("registry", "How much louder than the original line, in decibels"),
        ENERGY, 0.5, 1, " dB",
    ),
    Control(
        "variation",
        QT_TRANSLATE_NOOP("registry", "&Variation"),
        QT_TRANSLATE_NOOP("registry", "How far a take strays from the model's own reading; 0: not at all"),
        VARIATION, 0.05, 2, "",
    ),
    Control(
        "original",
        QT_TRANSLATE_NOOP("registry", "&Original's delivery"),
        QT_TRANSLATE_NOOP("registry", "How far melody, pauses and loudness follow the original line; 1: wholly"),
        ORIGINAL, 0.05, 2, "",
    ),
)  # fmt: skip


class ControlRow(QObject):
    """Slider, number and default of one control, kept in step. `changed` carries the value the user chose."""

    changed = Signal(float)

    def __init__(self, control: Control, parent: QWidget) -> None:
        super().__init__(parent)
        self.control = control
        low, high = control.bounds
        name, meaning = from_registry(control.name), from_registry(control.meaning)
        plain = name.replace("&", "")
        self.label = QLabel(name, parent)
        self.slider = QSlider(Qt.Orientation.Horizontal, parent)
        self.slider.setRange(0, round((high - low) / control.step))
        self.slider.setPageStep(max(1, self.slider.maximum() // 20))
        self.slider.setAccessibleName(plain)
        self.number = QDoubleSpinBox(parent)
        self.number.setRange(low, high)
        self.number.setSingleStep(control.step)
        self.number.setDecimals(control.decimals)
        self.number.setSuffix(control.unit)
        self.number.setKeyboardTracking(False)
        self.number.setAccessibleName(plain)
        self.label.setBuddy(self.number)
        self.default = QToolButton(parent)
        self.default.setText(f"{control.default:.{control.decimals}f}")
        self.default.setAutoRaise(True)
        self.default.setAccessibleName(f"{plain}: {parent.tr('default')} {control.default:g}")
        self.default.setToolTip(parent.tr("Back to the default (Delete, or double click on the slider)"))
        for widget in (self.label, self.slider, self.number):
            widget.setToolTip(meaning)
            widget.setAccessibleDescription(meaning)
        self.slider.valueChanged.connect(lambda at: self._chosen(low + at * control.step))
        self.number.valueChanged.connect(self._chosen)
        self.default.clicked.connect(self.to_default)
        self.slider.installEventFilter(self)

    def show(self, value: float, *, mixed: bool, enabled: bool) -> None:
        """Show the lines' value; the first one's, marked, where they differ."""
        self._put(value)
        differs = mixed or abs(value - self.control.default) > self.control.step / 2
        self.label.setText(from_registry(self.control.name) + (" \u2022" if differs else ""))
        self.number.setPrefix("\u2248 " if mixed else "")
        for widget in (self.slider, self.number):
            widget.setEnabled(enabled)
        self.default.setEnabled(enabled and differs)

    def to_default(self) -> None:
        """Back to the value that changes nothing."""
        self._chosen(self.control.default)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The default is one key or a double click away."""
        back = isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
        if back and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.MouseButtonDblClick or (back and event.type() == QEvent.Type.KeyPress):
            self.to_default()
            return True
        return super().eventFilter(watched, event)

    def _chosen(self, value: float) -> None:
        value = round(value, self.control.decimals)
        self._put(value)
        self.changed.emit(value)

    def _put(self, value: float) -> None:
        blocked = [QSignalBlocker(self.slider), QSignalBlocker(self.number)]
        self.slider.setValue(round((value - self.control.bounds[0]) / self.control.step))
        self.number.setValue(value)
        for blocker in blocked:
            blocker.unblock()


class DeliveryView(QWidget):
    """The controls of the lines in hand; what is changed counts for all of them, from their next take on."""

    def __init__(self, session: PanelSession, desk: Desk) -> None:
        super().__init__()
        self._session, self._desk = session, desk
        self._waiting: dict[str, float] = {}
        self._for: tuple[int, ...] = ()
        self.rows = {control.field: ControlRow(control, self) for control in CONTROLS}
        self.told = QLabel(self)
        self.told.setWordWrap(True)
        self._plain = QPushButton(self.tr("All defaults"), self)
        self._plain.clicked.connect(self.all_defaults)
        self._again = QPushButton(self.tr("Dub anew"), self)
        self._again.clicked.connect(self.regenerate)
        self._settle = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._settle.timeout.connect(self.write)
        for name, row in self.rows.items():
            row.changed.connect(lambda value, name=name: self._chosen(name, value))
        self._lay_out()
        desk.changed.connect(self._look)
        self._look()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        for place, row in enumerate(self.rows.values()):
            for column, widget in enumerate((row.label, row.slider, row.number, row.default)):
                grid.addWidget(widget, place, column)
        grid.setColumnStretch(1, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._plain)
        buttons.addStretch(1)
        buttons.addWidget(self._again)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addLayout(grid)
        layout.addWidget(self.told)
        layout.addStretch(1)
        layout.addLayout(buttons)

    def close_dock(self) -> None:
        """Write what still waits."""
        self.write()

    # Commands

    def all_defaults(self) -> None:
        """Every control of the lines in hand back to its default; durations of single sounds stay."""
        self._waiting.clear()
        with self._session.together(self.tr("default delivery")):
            for number in self._desk.numbers:
                self._session.reset_delivery(number, *self.rows)
        self._look()

    def regenerate(self) -> None:
        """Dub the lines in hand anew."""
        self.write()
        self._desk.want(list(self._desk.numbers))

    def edit(self) -> None:
        """Go to the first control."""
        self.rows["pace"].number.setFocus()
        self.rows["pace"].number.selectAll()

    # Values

    def write(self) -> None:
        """Give the session what was chosen and not written yet, for the lines it was chosen for."""
        self._settle.stop()
        values, self._waiting = self._waiting, {}
        if not values:
            return
        numbers = self._for
        if len(numbers) == 1:
            self._write(numbers[0], values)
            return
        with self._session.together(self.tr("delivery of {0} lines").format(len(numbers))):
            for number in numbers:
                self._write(number, values)

    def _write(self, number: int, values: dict[str, float]) -> None:
        delivery = replace(self._session.line(number).delivery, **values)  # type: ignore[arg-type]
        self._session.set_delivery(number, delivery)

    def _chosen(self, name: str, value: float) -> None:
        if self._desk.numbers != self._for:
            self.write()
        self._for = self._desk.numbers
        self._waiting[name] = value
        self._settle.start()

    def _look(self) -> None:
        if self._waiting and self._desk.numbers == self._for:
            return  # being changed just now: what is shown is newer than what is kept
        self.write()
        lines = [self._session.line(number) for number in self._desk.numbers]
        for name, row in self.rows.items():
            values = [float(getattr(line.delivery, name)) for line in lines] or [row.control.default]
            row.show(values[0], mixed=len(set(values)) > 1, enabled=bool(lines))
        differs = any(getattr(line.delivery, name) != getattr(PLAIN, name) for line in lines for name in self.rows)
        self._plain.setEnabled(differs)
        self._again.setEnabled(bool(lines))
        stale = sum(line.stale for line in lines)
        said = self.tr("Counts for {0} lines.").format(len(lines)) if len(lines) > 1 else ""
        if stale:
            said += " " + self.tr("Heard when dubbed anew.")
        self.told.setText(said.strip())
