"""The line at the window's foot: how the lines stand, and how far the dub at work is."""

from collections import Counter

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QStatusBar, QWidget

from codub_panel.project.session import PanelSession
from codub_panel.shots.state_marks import state_word

_PATIENCE_S = 90  # seconds up to which seconds are told, minutes above


class StatusLine(QStatusBar):
    """Counts, progress and a button to stop."""

    stop = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.counts = QLabel(self)
        self.counts.setIndent(8)
        self.addWidget(self.counts, 1)
        self.progress = QProgressBar(self)
        self.progress.setAccessibleName(self.tr("Progress of the dub"))
        self.progress.setMinimumWidth(340)
        self.stop_button = QPushButton(self.tr("Stop"), self)
        self.stop_button.setAccessibleName(self.tr("Stop dubbing"))
        self.stop_button.clicked.connect(self.stop)
        self.addPermanentWidget(self.progress)
        self.addPermanentWidget(self.stop_button)

    def show_session(self, session: PanelSession | None) -> None:
        """Tell how a session stands; None where no project is open."""
        running = session is not None and bool(session.running)
        self.progress.setVisible(running)
        self.stop_button.setVisible(running)
        if session is None:
            self.counts.setText("")
            return
        states = Counter(line.state for line in session.lines)
        parts = [self.tr("%n line(s)", "", len(session.lines))]
        parts += [f"{count} {state_word(state)}" for state, count in states.items()]
        if session.paused:
            parts.append(self.tr("the queue rests (Dub menu)"))
        self.counts.setText("   ·   ".join(parts))
        fraction, what, eta = session.progress or (0.0, self.tr("starting"), None)
        self.progress.setValue(round(100 * fraction))
        self.progress.setFormat(f"%p %   {what}" + ("" if eta is None else f"   {self._left(eta)}"))

    def _left(self, seconds: float) -> str:
        if seconds < _PATIENCE_S:
            return self.tr("{seconds} s left").format(seconds=round(seconds))
        return self.tr("{minutes} min left").format(minutes=round(seconds / 60))
