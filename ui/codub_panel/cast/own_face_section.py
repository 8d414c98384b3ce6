"""The cast's dock, a speaker's own face: whether the generator was fitted to the speaker, and the buttons for that."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGroupBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from codub.dubbing.cast.people import CastEntry


class OwnFaceSection(QGroupBox):
    """One sentence, and what can be done about it."""

    adapt_wanted = Signal()
    forget_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Face"))
        self.told = QLabel(self)
        self.told.setWordWrap(True)
        self.adapt = QPushButton(self.tr("Fit the face"), self)
        self.adapt.setToolTip(self.tr("Fit the face to this speaker's own lines; it is used only if it is better"))
        self.adapt.clicked.connect(self.adapt_wanted)
        self.forget = QPushButton(self.tr("Use the shipped face"), self)
        self.forget.clicked.connect(self.forget_wanted)
        row = QHBoxLayout()
        row.addWidget(self.adapt)
        row.addWidget(self.forget)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addWidget(self.told)
        layout.addLayout(row)

    def show_entry(self, entry: CastEntry, clips: int) -> None:
        """Show a speaker's own face; `clips` is in how many clips the speaker is seen."""
        text = entry.adapted or self.tr("The shipped face, not fitted to this speaker.")
        self.told.setText(text[:1].upper() + text[1:])
        self.adapt.setEnabled(clips > 0)
        self.forget.setEnabled(bool(entry.adapted))
