"""The field a line's text is edited in: while typing it says how the text goes into the line's window."""

from fractions import Fraction

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from codub_panel.project.fit import characters_off, misfit, natural_seconds
from codub_panel.project.session import Line
from codub_panel.project.sounds import Sounds
from codub_panel.shots.shots_model import FitKind, fit_text
from codub_panel.theme import theme

HEIGHT = 122  # pixels: three lines of text, the bar, two lines of words
_PAUSE_MS = 250  # of typing, after which the sounds are worked out


class TextEditor(QFrame):
    """Enter takes the text, Escape leaves it as it was; a pasted line break becomes a space."""

    done = Signal()
    given_up = Signal()

    def __init__(self, line: Line, sounds: Sounds, parent: QWidget) -> None:
        super().__init__(parent)
        self._line, self._sounds = line, sounds
        self.setAutoFillBackground(True)
        self.setObjectName("editor")
        self.text = QPlainTextEdit(self)
        self.text.setAccessibleName(self.tr("Text of line {number}").format(number=line.cue.number))
        self.text.setTabChangesFocus(True)
        self.text.installEventFilter(self)
        self.text.textChanged.connect(self._look)
        self.bar = FitBar(line.cue.window, self)
        self.told = QLabel(self)
        self.said = QLabel(self)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.said.setAccessibleName(self.tr("How the text is said"))
        self.text.setToolTip(
            self.tr(
                "Marks: [word](/IPA/)  [word](respelling)  [words](@fr) another language  [0.4s] pause"
                "  *word* emphasis  re^cord stress"
            )
        )
        self._rest = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._rest.timeout.connect(self.show_sounds)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5, 2, 5, 4)
        layout.setSpacing(4)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.bar)
        layout.addWidget(self.told)
        layout.addWidget(self.said)
        self.setFocusProxy(self.text)
        colours = theme()
        self.setStyleSheet(
            f"#editor {{ background: {colours.base}; border: 1px solid {colours.accent}; }}"
            " QPlainTextEdit { border: none; padding: 0; }"
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter and Escape are the table's."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.done.emit()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.given_up.emit()
                return True
        return super().eventFilter(watched, event)

    def _look(self) -> None:
        cue, text = self._line.cue, self.text.toPlainText()
        pace = self._line.delivery.pace
        seconds = misfit(text, cue.language, cue.window, pace)
        self.bar.show_seconds(natural_seconds(text, cue.language) / pace, seconds)
        self.told.setText(self._words(text, seconds))
        self.told.setStyleSheet(f"color: {theme().needs_work if seconds else theme().approved};")
        self.setAccessibleDescription(self.told.text())
        self._rest.start()

    def show_sounds(self) -> None:
        """Say how the text is read, and what of it is not said as it is written."""
        said, notes = self._sounds.of(self._line.cue, self.text.toPlainText())
        self.said.setText(" ".join(["\u26a0", *notes, said] if notes else [said]))
        self.said.setToolTip("\n".join([said, *notes]))
        self.said.setStyleSheet(f"color: {theme().needs_work if notes else theme().muted};")

    def _words(self, text: str, seconds: float) -> str:
        cue = self._line.cue
        if not text.strip():
            return self.tr("An empty line is not taken.")
        if FitKind.of(seconds) is FitKind.FITS:
            spoken = f"{natural_seconds(text, cue.language):.1f}"
            return self.tr("fits: about {spoken} s spoken, {window} s to go into").format(
                spoken=spoken, window=f"{float(cue.window):.1f}"
            )
        off = characters_off(text, cue.language, cue.window, self._line.delivery.pace)
        change = (
            self.tr("about %n character(s) less", "", off) if off > 0 else self.tr("room for about %n more", "", -off)
        )
        return f"{fit_text(seconds)}: {change}"


class FitBar(QWidget):
    """The line's window as a track, the spoken text laid over it."""

    def __init__(self, window: Fraction, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedHeight(6)
        self._window = float(window)
        self._seconds = self._misfit = 0.0

    def show_seconds(self, natural: float, misfit: float) -> None:
        """Show how long the text is spoken, and by how much it misses the window."""
        self._seconds, self._misfit = natural, misfit
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bar, over the whole width."""
        painter = QPainter(self)
        paint_fit(painter, QRectF(self.rect()), self._window, self._seconds, self._misfit)
        painter.end()


def paint_fit(painter: QPainter, room: QRectF, window: float, spoken: float, misfit: float) -> None:
    """A track whose marked end is the window's; the spoken length over it, what is too much in the colour of trouble.

    The window takes two thirds of the room, so that half as much again can be seen.
    """
    colours = theme()
    scale = room.width() * 2 / 3 / max(window, 1e-6)
    inside = min(spoken * scale, room.width())
    end = window * scale
    painter.fillRect(QRectF(room.left(), room.top(), end, room.height()), QColor(colours.border))
    fine = QColor(colours.approved if FitKind.of(misfit) is FitKind.FITS else colours.muted)
    painter.fillRect(QRectF(room.left(), room.top(), min(inside, end), room.height()), fine)
    if misfit > 0 and inside > end:
        over = QRectF(room.left() + end, room.top(), inside - end, room.height())
        painter.fillRect(over, QColor(colours.needs_work))
    painter.fillRect(QRectF(room.left() + end - 1, room.top() - 2, 2, room.height() + 4), QColor(colours.text))
