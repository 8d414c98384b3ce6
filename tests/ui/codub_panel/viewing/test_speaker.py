import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from enum import Enum

from PySide6.QtCore import QBuffer, QIODevice

from codub_panel.viewing.speaker import Speaker


class Error(Enum):
    NoError = 0
    IOError = 2


class Sink:
    """What the speaker needs of a QAudioSink, with a buffer of 4800 samples that the test plays by hand."""

    size = 4800 * 4

    def __init__(self) -> None:
        self.written = QBuffer()
        self.played = 0
        self.trouble = Error.NoError

    def start(self) -> QIODevice:
        self.written.setData(b"")
        self.written.open(QIODevice.OpenModeFlag.ReadWrite)
        self.played = 0
        return self.written

    def reset(self) -> None:
        self.written.close()

    def bufferSize(self) -> int:
        return self.size

    def bytesFree(self) -> int:
        return self.size - (self.written.size() - 4 * self.played)

    def error(self) -> Error:
        return self.trouble

    @property
    def samples(self) -> np.ndarray:
        return np.frombuffer(self.written.data().data(), "<i2").reshape(-1, 2)


def ramp(first: int, count: int) -> np.ndarray:
    """Left counts samples, right stands still."""
    left = np.arange(first, first + count) / 32767
    return np.stack([left, np.full(count, 2.0)], axis=1).astype(np.float32)


@pytest.fixture
def sink() -> Sink:
    return Sink()


def test_the_device_gets_every_sample_in_order_as_it_has_room(qtbot, sink):
    speaker = Speaker(find=lambda: sink)
    speaker.start(ramp)
    assert len(sink.samples) == 4800
    sink.played = 3000
    qtbot.waitUntil(lambda: len(sink.samples) == 7800)
    np.testing.assert_allclose(sink.samples[:, 0], np.arange(7800), atol=1)
    assert set(sink.samples[:, 1]) == {32767}  # too loud is clipped, not wrapped
    speaker.stop()


def test_what_was_heard_is_what_left_the_buffer(qtbot, sink):
    speaker = Speaker(find=lambda: sink)
    speaker.start(ramp)
    assert speaker.heard() == 0
    sink.played = 1000
    assert 1000 <= speaker.heard() <= 1000 + 2400
    speaker.start(ramp)
    assert speaker.heard() == 0


def test_a_device_that_goes_away_leaves_the_time_running(qtbot, sink):
    speaker = Speaker(find=lambda: sink)
    speaker.start(ramp)
    sink.played = 4000
    before = speaker.heard()
    sink.trouble = Error.IOError
    qtbot.waitUntil(lambda: speaker.heard() > before + 4000)
    assert not speaker.audible


def test_without_a_device_time_passes_in_silence(qtbot):
    speaker = Speaker(find=lambda: None)
    speaker.start(ramp)
    qtbot.waitUntil(lambda: speaker.heard() > 480)
    speaker.stop()
    assert not speaker.audible


def test_the_machine_is_asked_for_its_device_without_error(qtbot):
    speaker = Speaker()
    speaker.start(lambda first, count: np.zeros((count, 2), np.float32))
    speaker.stop()
