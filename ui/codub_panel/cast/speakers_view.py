"""The cast's dock: who speaks above; consent, voice, mouth and the line's face of the one in hand below."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from codub.dubbing.cast.people import CastEntry, consent_text
from codub_panel.cast.card_player import CardPlayer
from codub_panel.cast.cast_actions import CastActions
from codub_panel.cast.cast_model import CastModel, LineInClip
from codub_panel.cast.line_face_section import LineFaceSection
from codub_panel.cast.mouth_section import MouthSection
from codub_panel.cast.mouth_sheet import MouthSheet
from codub_panel.cast.own_face_section import OwnFaceSection
from codub_panel.cast.voice_section import VoiceSection
from codub_panel.desk import Desk
from codub_panel.notice import Notice
from codub_panel.project.session import PanelSession

_SPEAKER = Qt.ItemDataRole.UserRole
_PEOPLE_HIGH = 96  # pixels: four speakers without scrolling


class SpeakersView(QWidget):
    """Reads the project when it is first shown; what takes long is the worker's."""

    def __init__(self, session: PanelSession, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.model = CastModel(session)
        self.work = CastActions(self.model, desk, self)
        self.player = CardPlayer(self)
        self.people = QListWidget(self)
        self.people.setAccessibleName(self.tr("Speakers"))
        self.people.setUniformItemSizes(True)
        self.people.setMaximumHeight(_PEOPLE_HIGH)
        self.people.currentItemChanged.connect(self._chosen)
        self.problem = QLabel(self)
        self.problem.setWordWrap(True)
        self.name = QLineEdit(self)
        self.name.setAccessibleName(self.tr("Name shown"))
        self.name.setMaximumWidth(260)
        self.name.editingFinished.connect(self._rename)
        self.facts = QLabel(self)
        self.consent = QLabel(self)
        self.consent.setWordWrap(True)
        self.declare = QPushButton(self.tr("Record a consent ..."), self)
        self.withdraw = QPushButton(self.tr("Withdraw ..."), self)
        self.voice, self.mouth, self.face = VoiceSection(self.model, self), MouthSection(self), LineFaceSection(self)
        self.own_face = OwnFaceSection(self)
        self.progress = QProgressBar(self)
        self.progress.setAccessibleName(self.tr("Progress of the work on the cast"))
        self.stop = QPushButton(self.tr("Cancel"), self)
        self.stop.clicked.connect(self.work.worker.cancel)
        self._lay_out()
        self._connect()
        self._working(False)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.name)
        head.addWidget(self.facts, 1)
        agreement = QGroupBox(self.tr("Consent"), self)
        stated, row = QVBoxLayout(agreement), QHBoxLayout()
        row.addWidget(self.declare)
        row.addWidget(self.withdraw)
        row.addStretch(1)
        stated.addWidget(self.consent)
        stated.addLayout(row)
        self.details = QWidget(self)
        column = QVBoxLayout(self.details)
        column.addLayout(head)
        for widget in (agreement, self.voice, self.mouth, self.own_face, self.face):
            column.addWidget(widget)
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(self.details)
        self.page = scroll
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        foot = QHBoxLayout()
        foot.addWidget(self.progress, 1)
        foot.addWidget(self.stop)
        layout = QVBoxLayout(self)
        layout.addWidget(self.people)
        layout.addWidget(self.problem)
        layout.addWidget(scroll, 1)
        layout.addLayout(foot)

    def _connect(self) -> None:
        model, work = self.model, self.work
        model.watch(self._look)
        self._desk.changed.connect(self._look_at_line)
        self.player.changed.connect(self._look)
        self.player.failed.connect(lambda error: self._desk.tell(Notice.of(error)))
        self.declare.clicked.connect(self.record_consent)
        self.withdraw.clicked.connect(lambda: work.withdraw_consent(model.current))
        self.voice.ticked.connect(self._tick)
        self.voice.recording_wanted.connect(lambda: work.use_recording(model.current))
        self.voice.limit_changed.connect(lambda seconds: model.set_limit(model.current, seconds))
        self.voice.refit_wanted.connect(self.refit)
        self.voice.listen_wanted.connect(self.listen)
        self.voice.play_wanted.connect(self._play)
        self.mouth.replace_wanted.connect(lambda kind: work.choose_mouth(model.current, kind))
        self.mouth.automatic_wanted.connect(self._reset_mouth)
        self.mouth.picture_wanted.connect(lambda: work.use_pictures(model.current))
        self.mouth.look_wanted.connect(self.look)
        self.mouth.sheet_wanted.connect(self.show_sheet)
        self.own_face.adapt_wanted.connect(self.adapt)
        self.own_face.forget_wanted.connect(lambda: model.forget_face(model.current))
        self.face.face_wanted.connect(work.choose_face)
        self.face.nobody_wanted.connect(lambda line: model.set_face(line, line.middle, None))
        self.face.automatic_wanted.connect(model.find_face)
        work.worker.progressed.connect(self._progress)
        work.worker.ended.connect(lambda _name, _problem: self._working(work.worker.busy))

    # Commands

    def listen(self) -> None:
        """Listen to the reference of the speaker in hand."""
        if self._somebody():
            self.work.listen(self.model.current)

    def refit(self) -> None:
        """Fit the voice of the speaker in hand."""
        if self._somebody():
            self.work.refit(self.model.current)

    def adapt(self) -> None:
        """Fit the face to the speaker in hand."""
        if self._somebody():
            self.work.adapt(self.model.current)

    def look(self) -> None:
        """Look for the faces of all lines."""
        if self._somebody():
            self.work.look()

    def play_reference(self) -> None:
        """Play what the voice is taken from, or stop it."""
        self.voice.play_heard.click()

    def play_sample(self) -> None:
        """Play the fitted voice, or stop it."""
        self.voice.play_sample.click()

    def record_consent(self) -> None:
        """Record that the speaker in hand agreed."""
        if self._somebody():
            self.work.record_consent(self.model.current)

    def show_sheet(self) -> None:
        """Show the mouths of all speakers in all clips on one sheet."""
        self._load()
        rows = [row for entry in self.model.entries for row in self.model.mouths(entry.member.speaker)]
        self.sheet = MouthSheet(rows, self)
        self.sheet.show()

    def choose_face(self) -> None:
        """Choose the face that says the line in hand, in the first of its clips."""
        self._load()
        lines = self._lines_in_hand()
        if lines:
            self.work.choose_face(lines[0])

    def close_dock(self) -> None:
        """Stop the worker and the sound."""
        self.work.close()
        self.player.close()

    # Showing

    def showEvent(self, event: QShowEvent) -> None:
        """Read the project now that somebody looks."""
        super().showEvent(event)
        self._load()
        self._look()
        bar = self.page.verticalScrollBar().sizeHint().width()
        self.page.setMinimumWidth(self.details.minimumSizeHint().width() + bar)  # nothing is cut off at the side

    def _somebody(self) -> bool:
        """Whether a speaker is in hand; tells why not."""
        self._load()
        if self.model.current:
            return True
        problem = self.model.problem
        self._desk.tell(Notice(self.tr("Nobody speaks in this project.")) if problem is None else Notice.of(problem))
        return False

    def _load(self) -> None:
        self.model.keep_up()

    def _look(self) -> None:
        if not self.isVisible():
            return
        problem = self.model.problem
        self.problem.setText("" if problem is None else str(problem))
        self.problem.setVisible(problem is not None)
        self._look_at_people()
        entry = self.model.entry(self.model.current)
        self.details.setVisible(entry is not None)
        if entry is not None:
            self._look_at_speaker(entry)
        self._look_at_line()

    def _look_at_people(self) -> None:
        self.people.blockSignals(True)
        while self.people.count() > len(self.model.entries):
            self.people.takeItem(self.people.count() - 1)
        for row, entry in enumerate(self.model.entries):
            if row == self.people.count():
                self.people.addItem(QListWidgetItem())
            item = self.people.item(row)
            item.setText(self._summary(entry))
            item.setData(_SPEAKER, entry.member.speaker)
            if entry.member.speaker == self.model.current:
                self.people.setCurrentItem(item)
        self.people.blockSignals(False)

    def _summary(self, entry: CastEntry) -> str:
        lines, card = self._count(entry), entry.card
        fitted = self.tr("likeness {secs:.2f}")
        voice = self.tr("voice not fitted") if card is None or card.secs is None else fitted.format(secs=card.secs)
        consent = self.tr("agreed") if entry.agreed else self.tr("no consent")
        face = self.tr("  ·  face {state}").format(state=entry.adapted) if entry.adapted else ""
        return f"{entry.member.shown}  ·  {lines}, {entry.seconds:.1f} s  ·  {voice}{face}  ·  {consent}"

    def _count(self, entry: CastEntry) -> str:
        number = len(entry.cues)
        return self.tr("1 line") if number == 1 else self.tr("{number} lines").format(number=number)

    def _look_at_speaker(self, entry: CastEntry) -> None:
        member = entry.member
        if not self.name.hasFocus():
            self.name.setText(member.shown)
        self.facts.setText(f"{member.speaker} · {self._count(entry)} · {entry.seconds:.1f} s")
        text = consent_text(entry)
        self.consent.setText(text[:1].upper() + text[1:])
        self.withdraw.setEnabled(entry.consent is not None and bool(entry.consent.scope))
        playing = "" if self.player.playing is None else self.player.playing.name
        self.voice.show_entry(entry, playing)
        speaker = member.speaker
        clips = len(self.model.clips(speaker))
        self.mouth.show_rows(member, self.model.mouths(speaker), clips)
        self.own_face.show_entry(entry, clips)

    def _look_at_line(self) -> None:
        if not self.isVisible():
            return
        line = self._desk.line
        self.face.show_line(None if line is None else line.cue.number, self._lines_in_hand())

    def _lines_in_hand(self) -> tuple[LineInClip, ...]:
        line = self._desk.line
        return self.model.line(line.cue.number) if line is not None and self.model.loaded else ()

    # Deciding

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.model.choose(item.data(_SPEAKER))

    def _rename(self) -> None:
        self.model.rename(self.model.current, self.name.text())

    def _tick(self, cues: tuple[int, ...]) -> None:
        self.model.set_cues(self.model.current, cues)
        self.model.refresh()
        entry = self.model.entry(self.model.current)
        if entry is not None and entry.card is None:
            self.listen()

    def _reset_mouth(self, kind: str) -> None:
        if kind:
            self.model.set_mouth(self.model.current, kind, None)
        else:
            self.model.set_identity(self.model.current, ())

    def _play(self, name: str) -> None:
        self.player.play(self.model.sound(name))

    def _progress(self, name: str, fraction: float, what: str, eta: float | None) -> None:
        self._working(True)
        self.progress.setValue(round(100 * fraction))
        left = "" if eta is None else self.tr("   {seconds} s left").format(seconds=round(eta))
        self.progress.setFormat(f"%p %   {what or name}{left}")

    def _working(self, on: bool) -> None:
        self.progress.setVisible(on)
        self.stop.setVisible(on)
