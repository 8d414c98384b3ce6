"""The cast's dock, a speaker's voice: which lines it is taken from, how it was heard, how like it the fitted one is."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDoubleSpinBox,
    QGroupBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from codub.dubbing.cast.people import CastEntry, fit_text, voice_text
from codub_panel.cast.cast_model import CastModel

_NUMBER = Qt.ItemDataRole.UserRole
_ROW = 26  # pixels of a line in the list
_SHOWN = 6  # lines without scrolling


class VoiceSection(QGroupBox):
    """Ticked lines are the reference; all ticked is the default."""

    ticked = Signal(tuple)  # cue numbers
    recording_wanted = Signal()
    limit_changed = Signal(float)  # seconds
    refit_wanted = Signal()
    listen_wanted = Signal()
    play_wanted = Signal(str)  # name of one of the card's sounds

    def __init__(self, model: CastModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Voice"))
        self._model = model
        self._listed: object = None
        self._entry: CastEntry | None = None
        self.lines = QTreeWidget(self)
        self.lines.setAccessibleName(self.tr("Lines that the voice is taken from"))
        self.lines.setHeaderLabels([self.tr("Reference"), self.tr("In"), self.tr("Seconds"), self.tr("What is said")])
        self.lines.setRootIsDecorated(False)
        self.lines.setUniformRowHeights(True)
        self.lines.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.lines.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.lines.itemChanged.connect(self._changed)
        self.heard, self.warnings, self.fit = QLabel(self), QLabel(self), QLabel(self)
        for label in (self.heard, self.warnings, self.fit):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.all_lines = QPushButton(self.tr("All lines"), self)
        self.recording = QPushButton(self.tr("A recording ..."), self)
        self.play_heard = QPushButton(self.tr("Play the reference"), self)
        self.listen = QPushButton(self.tr("Listen again"), self)
        self.play_sample = QPushButton(self.tr("Play the fitted voice"), self)
        self.refit = QPushButton(self.tr("Fit the voice"), self)
        self.refit.setProperty("primary", True)
        self.limit = QDoubleSpinBox(self)
        self.limit.setRange(0, 3600)
        self.limit.setDecimals(0)
        self.limit.setSingleStep(30)
        self.limit.setSuffix(self.tr(" s"))
        self.limit.setSpecialValueText(self.tr("no fit"))
        self.limit.setKeyboardTracking(False)
        self.limit.setAccessibleName(self.tr("Limit of the fit in seconds"))
        self.all_lines.clicked.connect(lambda: self.ticked.emit(()))
        self.recording.clicked.connect(self.recording_wanted)
        self.listen.clicked.connect(self.listen_wanted)
        self.refit.clicked.connect(self.refit_wanted)
        self.play_heard.clicked.connect(lambda: self._play("heard"))
        self.play_sample.clicked.connect(lambda: self._play("sample"))
        self.limit.valueChanged.connect(self.limit_changed)
        self._lay_out()

    def _lay_out(self) -> None:
        which = QHBoxLayout()
        which.addWidget(self.all_lines)
        which.addWidget(self.recording)
        which.addStretch(1)
        within = QLabel(self.tr("within"), self)
        within.setBuddy(self.limit)
        beside_heard, beside_fit = QHBoxLayout(), QHBoxLayout()
        for widget in (self.play_heard, self.listen):
            beside_heard.addWidget(widget)
        for beside in (self.refit, within, self.limit, self.play_sample):
            beside_fit.addWidget(beside)
        layout = QVBoxLayout(self)
        layout.addWidget(self.lines)
        layout.addLayout(which)
        for told in (self.heard, self.warnings):
            layout.addWidget(told)
        for row in (beside_heard, beside_fit):
            row.addStretch(1)
        layout.addLayout(beside_heard)
        layout.addWidget(self.fit)
        layout.addLayout(beside_fit)

    def show_entry(self, entry: CastEntry, playing: str) -> None:
        """Show a speaker; `playing` is the sound of the card that is heard now, "" for none."""
        self._entry = entry
        self._show_lines(entry)
        card = entry.card
        self.heard.setText(_capital(voice_text(entry)))
        self.fit.setText(_capital(fit_text(entry)))
        self.warnings.setText("\n".join(f"⚠ {warning}" for warning in (card.warnings if card else ())))
        self.warnings.setVisible(bool(self.warnings.text()))
        self.limit.blockSignals(True)
        self.limit.setValue(entry.limit)
        self.limit.blockSignals(False)
        self.play_heard.setEnabled(card is not None and bool(card.heard))
        self.play_sample.setEnabled(card is not None and bool(card.sample))
        self.play_sample.setToolTip("" if card is None else card.text)
        stop, heard = self.tr("Stop"), card if playing else None  # a sound that was not made yet has no name
        self.play_heard.setText(stop if heard and playing == heard.heard else self.tr("Play the reference"))
        self.play_sample.setText(stop if heard and playing == heard.sample else self.tr("Play the fitted voice"))

    def _show_lines(self, entry: CastEntry) -> None:
        member = entry.member
        listed = (member.speaker, entry.cues)
        self.lines.blockSignals(True)
        if listed != self._listed:
            self._listed = listed
            self._list(member.speaker)
        # Ticks change in place: a list that is filled anew takes away the item that is being ticked.
        for item in self._items():
            taken = not member.recording and (not member.cues or item.data(0, _NUMBER) in member.cues)
            item.setCheckState(0, Qt.CheckState.Checked if taken else Qt.CheckState.Unchecked)
        self.lines.blockSignals(False)

    def _list(self, speaker: str) -> None:
        self.lines.clear()
        for shot in self._model.shots(speaker):
            cue = shot.cue
            times = [self._model.session.timecode(cue.start), f"{float(cue.window):.2f}"]
            item = QTreeWidgetItem([str(cue.number), *times, cue.source_text or cue.text])
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setData(0, _NUMBER, cue.number)
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight)
            self.lines.addTopLevelItem(item)
        first = self.lines.topLevelItem(0)
        if first is not None:
            self.lines.setCurrentItem(first)
        self.lines.setFixedHeight(_ROW * (min(self.lines.topLevelItemCount(), _SHOWN) + 1) + 10)

    def _items(self) -> list[QTreeWidgetItem]:
        items = [self.lines.topLevelItem(row) for row in range(self.lines.topLevelItemCount())]
        return [item for item in items if item is not None]

    def _changed(self, _item: QTreeWidgetItem, _column: int) -> None:
        checked = [item for item in self._items() if item.checkState(0) == Qt.CheckState.Checked]
        self.ticked.emit(tuple(item.data(0, _NUMBER) for item in checked))

    def _play(self, which: str) -> None:
        if self._entry is not None and self._entry.card is not None:
            self.play_wanted.emit(getattr(self._entry.card, which))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
