"""A line in pieces played through the loudspeaker while it is being made."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from codub_panel.viewing.speaker import Speaker

_ASK_MS = 50


class PiecePlayer(QObject):
    """Plays pieces one after the other, silence between them where the next one is late."""

    changed = Signal()  # it plays, or does no longer

    def __init__(self, parent: QObject | None = None, speaker: Speaker | None = None) -> None:
        super().__init__(parent)
        self.speaker = speaker or Speaker(self)
        self.playing = False
        self._samples = np.zeros(0, np.float32)
        self._given = 0  # samples of the line handed to the loudspeaker
        self._asked = 0  # samples the loudspeaker asked for, silence among them
        self._whole = False
        self._ends_at: int | None = None  # what the loudspeaker had asked for when the line's last sample was given
        self._watch = QTimer(self, interval=_ASK_MS)
        self._watch.timeout.connect(self._look)

    def start(self) -> None:
        """Wait for the first piece of another line."""
        self.stop()
        self._samples, self._given, self._asked = np.zeros(0, np.float32), 0, 0
        self._whole, self._ends_at = False, None
        self.playing = True
        self.changed.emit()

    def add(self, piece: NDArray[np.float32]) -> None:
        """The next piece of the line, 48 kHz mono; the first one sounds at once."""
        if not self.playing:
            return
        first = not len(self._samples)
        self._samples = np.concatenate((self._samples, piece))
        if first and len(piece):
            self.speaker.start(self._feed)
            self._watch.start()

    def end(self) -> None:
        """There are no more pieces; what is there is played to its end."""
        self._whole = True
        if not len(self._samples):
            self.stop()

    def stop(self) -> None:
        """Be silent."""
        self._watch.stop()
        self.speaker.stop()
        if self.playing:
            self.playing = False
            self.changed.emit()

    def _feed(self, _first: int, count: int) -> NDArray[np.float32]:
        piece = self._samples[self._given : self._given + count]
        self._given += len(piece)
        self._asked += count
        if self._whole and self._given == len(self._samples) and self._ends_at is None:
            self._ends_at = self._asked
        return np.repeat(np.pad(piece, (0, count - len(piece)))[:, None], 2, axis=1)

    def _look(self) -> None:
        """Over once its last sample was heard; without a device, once as long as it lasts has passed."""
        ends_at = self._ends_at if self.speaker.audible else len(self._samples)
        if self._whole and ends_at is not None and self.speaker.heard() >= ends_at:
            self.stop()
