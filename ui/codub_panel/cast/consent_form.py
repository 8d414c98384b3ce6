"""The form in which somebody declares, under a name, that a speaker agreed to be dubbed."""

from PySide6.QtCore import QDate
from PySide6.QtWidgets import (
    QCheckBox,
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from codub.dubbing.consent import FACE, VOICE, Consent

STATEMENT = "The speaker agreed that this voice and face are dubbed with codub."


class ConsentForm(QDialog):
    """Who declares it, when, for voice and face or one of them, in which words, on which paper."""

    def __init__(self, speaker: str, given_by: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._speaker = speaker
        self.setWindowTitle(self.tr("Consent"))
        shown = speaker or self.tr("the speaker without a name")
        question = QLabel(self.tr("Has {name} agreed that this voice and face are dubbed?").format(name=shown), self)
        question.setWordWrap(True)
        self.given_by = QLineEdit(given_by, self)
        self.given_by.setPlaceholderText(self.tr("your name"))
        self.date = QDateEdit(QDate.currentDate(), self)
        self.date.setCalendarPopup(True)
        self.date.setDisplayFormat("yyyy-MM-dd")
        self.date.setMaximumDate(QDate.currentDate())
        self.voice = QCheckBox(self.tr("Voice"), self)
        self.face = QCheckBox(self.tr("Face"), self)
        for box in (self.voice, self.face):
            box.setChecked(True)
            box.toggled.connect(self._look)
        self.statement = QPlainTextEdit(STATEMENT, self)
        self.statement.setTabChangesFocus(True)
        self.statement.setFixedHeight(64)
        self.evidence = QLineEdit(self)
        self.evidence.setPlaceholderText(self.tr("path, address or number of the signed paper; may stay empty"))
        form = QFormLayout()
        for name, field in (
            (self.tr("&Declared by"), self.given_by),
            (self.tr("D&ate"), self.date),
            (self.tr("&Statement"), self.statement),
            (self.tr("D&ocument"), self.evidence),
        ):
            form.addRow(name, field)
            field.setAccessibleName(name.replace("&", ""))
        form.insertRow(2, self.tr("For"), self.voice)
        form.insertRow(3, "", self.face)
        self.buttons = QDialogButtonBox(self)
        self.declare = self.buttons.addButton(self.tr("Declare"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(question)
        layout.addLayout(form)
        layout.addWidget(self.buttons)
        self.given_by.textChanged.connect(self._look)
        self.statement.textChanged.connect(self._look)
        self.setMinimumWidth(460)
        self._look()

    def consent(self) -> Consent:
        """The statement as it stands in the form."""
        scope = tuple(name for name, box in ((VOICE, self.voice), (FACE, self.face)) if box.isChecked())
        return Consent(
            speaker=self._speaker,
            statement=self.statement.toPlainText().strip(),
            given_by=self.given_by.text().strip(),
            date=self.date.date().toString("yyyy-MM-dd"),
            scope=scope,
            evidence=self.evidence.text().strip(),
        )

    def _look(self) -> None:
        said = bool(self.given_by.text().strip()) and bool(self.statement.toPlainText().strip())
        self.declare.setEnabled(said and (self.voice.isChecked() or self.face.isChecked()))


def ask_consent(speaker: str, given_by: str, parent: QWidget | None) -> Consent | None:
    """The statement that somebody gives for a speaker; None when nobody does."""
    form = ConsentForm(speaker, given_by, parent)
    return form.consent() if form.exec() == QDialog.DialogCode.Accepted else None
