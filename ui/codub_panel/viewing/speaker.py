"""The machine's loudspeaker, where there is one; without one the viewer plays on in silence, by the wall's time."""

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QIODevice, QObject, QTimer

from codub.timing import DELIVERY_RATE
from codub_panel.viewing.player import Feed
from codub_panel.viewing.steady import SteadyTime

_BYTES = 4  # a sample: two channels of 16 bits
_BUFFER_MS = 100  # what the device has in stock: the interface may be busy for so long
_FILL_MS = 15


class Speaker(QObject):
    """Plays 48 kHz stereo, and says how much of it was heard: the clock of the player."""

    def __init__(self, parent: QObject | None = None, find: Callable[[], Any] | None = None) -> None:
        super().__init__(parent)
        self._find = find or _default_sink
        self._sink: Any = None
        self._device: QIODevice | None = None
        self._looked = False
        self._feed: Feed | None = None
        self._given = 0
        self._time = SteadyTime()
        self._timer = QTimer(self, interval=_FILL_MS)
        self._timer.timeout.connect(self._fill)

    @property
    def audible(self) -> bool:
        """Whether there is a device; None was looked for before the first start."""
        return self._sink is not None

    def start(self, feed: Feed) -> None:
        """Play what `feed` gives, from its sample 0, instead of whatever sounds."""
        self.stop()
        if not self._looked:
            self._looked, self._sink = True, self._find()
        self._feed, self._given = feed, 0
        self._device = None if self._sink is None else self._sink.start()
        if self._device is None:
            self._time.start(None)
        else:
            self._time.start(self._played)
            self._fill()
            self._timer.start()

    def stop(self) -> None:
        """Be silent."""
        self._timer.stop()
        if self._device is not None:
            self._sink.reset()
            self._device = None

    def heard(self) -> int:
        """Samples heard since the start."""
        return self._time.heard()

    def _played(self) -> int:
        in_stock: int = (self._sink.bufferSize() - self._sink.bytesFree()) // _BYTES
        return max(0, self._given - in_stock)

    def _fill(self) -> None:
        if self._device is None or self._feed is None:
            return
        if _failed(self._sink):
            self._time.lose_device()
            self.stop()
            self._sink = None
            return
        room = self._sink.bytesFree() // _BYTES
        if room > 0:
            samples = self._feed(self._given, room)
            data = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
            self._given += max(0, self._device.write(data)) // _BYTES


def _default_sink() -> Any:
    try:
        # Here and not above: on a bare Linux without libpulse this module does not load, and the rest must.
        from PySide6.QtMultimedia import QAudioFormat, QAudioSink, QMediaDevices
    except ImportError:
        return None
    device = QMediaDevices.defaultAudioOutput()
    wanted = QAudioFormat()
    wanted.setSampleRate(DELIVERY_RATE)
    wanted.setChannelCount(2)
    wanted.setSampleFormat(QAudioFormat.SampleFormat.Int16)
    if device.isNull() or not device.isFormatSupported(wanted):
        return None
    sink = QAudioSink(device, wanted)
    sink.setBufferSize(_BUFFER_MS * DELIVERY_RATE // 1000 * _BYTES)
    return sink


def _failed(sink: Any) -> bool:
    """Whether the device is gone, or never opened."""
    return str(sink.error()).rpartition(".")[2] in ("OpenError", "IOError", "FatalError")
