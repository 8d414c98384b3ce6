import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", reason="Qt does not load here", exc_type=ImportError)

from PySide6.QtCore import QObject

from codub_panel.project.worker import DubWorker
from codub_panel.sound.rehearsing import PiecePlayer


class FakeSpeaker(QObject):
    """A loudspeaker that has heard whatever it asked for."""

    audible = True

    def __init__(self) -> None:
        super().__init__()
        self.feed = None
        self.asked = 0

    def start(self, feed) -> None:
        self.feed, self.asked = feed, 0

    def stop(self) -> None:
        self.feed = None

    def heard(self) -> int:
        return self.asked

    def ask(self, count: int) -> list[float]:
        samples = self.feed(self.asked, count)
        self.asked += count
        assert samples.shape == (count, 2)
        return samples[:, 0].tolist()


def test_pieces_sound_one_after_the_other_and_late_ones_are_waited_for(qtbot):
    speaker = FakeSpeaker()
    player = PiecePlayer(speaker=speaker)
    player.add(np.ones(3, np.float32))  # of a line that nobody waits for
    assert speaker.feed is None
    player.start()
    assert player.playing
    assert speaker.feed is None  # silent until the first piece is there
    player.add(np.float32([1, 2]))
    assert speaker.ask(3) == [1, 2, 0]
    player.add(np.float32([3, 4]))
    assert speaker.ask(1) == [3]
    player.end()
    assert player.playing
    assert speaker.ask(4) == [4, 0, 0, 0]
    qtbot.waitUntil(lambda: not player.playing)
    assert speaker.feed is None


def test_a_line_without_a_sound_ends_at_once(qtbot):
    player = PiecePlayer(speaker=FakeSpeaker())
    player.start()
    player.end()
    assert not player.playing


def test_the_worker_says_a_line_and_makes_no_take(qtbot, session):
    worker = DubWorker()
    pieces: list[np.ndarray] = []
    worker.piece.connect(pieces.append)
    with qtbot.waitSignal(worker.said, timeout=20_000) as said:
        worker.say(session.rehearsal(1))
    assert said.args == [""]
    assert [round(float(piece.max()) * 32768) for piece in pieces] == [1000, 2000]
    assert not worker.busy
    assert session.line(1).takes == ()
    worker.stop_and_wait()
