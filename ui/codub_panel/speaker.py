"""The machine's loudspeaker, where there is one; without one the viewer plays on in silence."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject

from codub.timing import DELIVERY_RATE


class Speaker(QObject):
    """Plays one mono sound at 48 kHz at a time, from any sample on."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._buffer = QBuffer(self)
        self._sink: Any = None
        self._looked = False

    def play(self, samples: NDArray[np.float32]) -> None:
        """Start these samples now, instead of whatever sounds."""
        self.stop()
        if not self._looked:
            self._looked, self._sink = True, self._find()
        if self._sink is not None and len(samples):
            loudness = (np.clip(samples, -1, 1) * 32767).astype("<i2")
            self._buffer.setData(QByteArray(loudness.tobytes()))
            self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
            self._sink.start(self._buffer)

    def stop(self) -> None:
        """Be silent."""
        if self._sink is not None:
            self._sink.stop()
        if self._buffer.isOpen():
            self._buffer.close()

    def _find(self) -> Any:
        try:
            # Here and not above: on a bare Linux without libpulse this module does not load, and the rest must.
            from PySide6.QtMultimedia import QAudioFormat, QAudioSink, QMediaDevices
        except ImportError:
            return None
        device = QMediaDevices.defaultAudioOutput()
        wanted = QAudioFormat()
        wanted.setSampleRate(DELIVERY_RATE)
        wanted.setChannelCount(1)
        wanted.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        return None if device.isNull() else QAudioSink(device, wanted, self)
