"""The bar that chooses what the shot list lists: words, state, speaker, fit."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from codub_panel.project.session import LineState
from codub_panel.shots.shots_model import Choice, FitKind
from codub_panel.shots.state_marks import state_word


class Finder(QWidget):
    """`chosen` carries the choice whenever it changes."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.words = QLineEdit(self)
        self.words.setPlaceholderText(self.tr("Search speaker, text, state ..."))
        self.words.setAccessibleName(self.tr("Search the lines"))
        self.words.setClearButtonEnabled(True)
        self.states = self._box(self.tr("State"), self.tr("Any state"))
        for state in LineState:
            self.states.addItem(state_word(state), state)
        self.speakers = self._box(self.tr("Speaker"), self.tr("Any speaker"))
        self.fits = self._box(self.tr("Fit"), self.tr("Any fit"))
        for kind, text in (
            (FitKind.LONG, self.tr("too long")),
            (FitKind.SHORT, self.tr("too short")),
            (FitKind.FITS, self.tr("fits")),
        ):
            self.fits.addItem(text, kind)
        self.all = QPushButton(self.tr("Show all"), self)
        self.all.clicked.connect(self.clear)
        self.told = QLabel(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 4)
        layout.setSpacing(6)
        layout.addWidget(self.words, 1)
        for widget in (self.states, self.speakers, self.fits, self.all, self.told):
            layout.addWidget(widget)
        self.words.textChanged.connect(self._emit)

    def _box(self, name: str, any_of_them: str) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(name)
        box.addItem(any_of_them, None)
        box.currentIndexChanged.connect(self._emit)
        return box

    def list_speakers(self, speakers: Iterable[str]) -> None:
        """Offer these speakers."""
        for speaker in sorted(set(speakers) - {""}):
            self.speakers.addItem(speaker, speaker)
        self.speakers.setVisible(self.speakers.count() > 2)

    def tell(self, listed: int, of: int) -> None:
        """Say how many lines are listed."""
        self.told.setText(self.tr("{listed} of {all}").format(listed=listed, all=of))
        self.told.setVisible(listed != of)
        self.all.setVisible(self.choice != Choice())

    @property
    def choice(self) -> Choice:
        """What is chosen now."""
        state, fit = self.states.currentData(), self.fits.currentData()  # which come back as plain text and number
        return Choice(
            tuple(self.words.text().casefold().split()),
            None if state is None else LineState(state),
            self.speakers.currentData(),
            None if fit is None else FitKind(fit),
        )

    def clear(self) -> None:
        """Choose everything."""
        self.words.clear()
        for box in (self.states, self.speakers, self.fits):
            box.setCurrentIndex(0)

    def _emit(self) -> None:
        self.chosen.emit(self.choice)
