"""A sound file of the cast played through the loudspeaker: a reference, or a sample of the fitted voice."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from codub.errors import CodubError
from codub.media.audio import read_audio
from codub_panel.viewing.reading import Reader
from codub_panel.viewing.speaker import Speaker

_ASK_MS = 50


class CardPlayer(QObject):
    """Plays one file at a time; playing the one that sounds stops it."""

    changed = Signal()  # another file sounds, or none
    failed = Signal(object)  # CodubError

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.speaker = Speaker(self)
        self.playing: Path | None = None
        self._samples: NDArray[np.float32] = np.zeros((0, 2), np.float32)
        self._reader = Reader(self)
        self._reader.arrived.connect(self._start)
        self._watch = QTimer(self, interval=_ASK_MS)
        self._watch.timeout.connect(self._look)

    def play(self, path: Path) -> None:
        """Play a file from its start, or stop it if it sounds."""
        same = path == self.playing
        self.stop()
        if not same:
            self.playing = path
            self._reader.read(lambda: read_audio(path))
            self.changed.emit()

    def stop(self) -> None:
        """Be silent."""
        self._reader.forget()
        self._watch.stop()
        self.speaker.stop()
        if self.playing is not None:
            self.playing = None
            self.changed.emit()

    def close(self) -> None:
        """Be silent, and wait for what is being read."""
        self.stop()
        self._reader.close()

    def _start(self, result: object) -> None:
        if isinstance(result, CodubError):
            self.playing = None
            self.failed.emit(result)
            self.changed.emit()
        elif isinstance(result, np.ndarray):
            self._samples = np.repeat(result.astype(np.float32)[:, None], 2, axis=1)
            self.speaker.start(self._feed)
            self._watch.start()

    def _feed(self, first: int, count: int) -> NDArray[np.float32]:
        piece = self._samples[first : first + count]
        return np.pad(piece, ((0, count - len(piece)), (0, 0)))

    def _look(self) -> None:
        if self.speaker.heard() >= len(self._samples):
            self.stop()
