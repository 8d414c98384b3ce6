import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from threading import Event

import pytest

from codub_panel.viewing.footage import Reel, Shown, Stretch
from codub_panel.viewing.frame_buffer import FrameBuffer, Wanted

RATE = Fraction(25)
SMALL = 64 * 36 * 3  # bytes of a picture of the made films


def film(path: Path, count: int = 75) -> Reel:
    piece = Shown(path, 0, count, Fraction(1, 2) / RATE, RATE)
    return Reel("film", Stretch(RATE, Fraction(0), count, 0, count), (piece,), (), (), ())


class Watched:
    """A buffer that can be waited for."""

    def __init__(self, max_bytes: int = 2**26) -> None:
        self.news = Event()
        self.peak = 0
        self.buffer = FrameBuffer(self._ready, max_bytes)

    def _ready(self) -> None:
        self.peak = max(self.peak, self.buffer.held_bytes)
        self.news.set()

    def until(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + 20
        while not true():
            assert time.monotonic() < deadline, "it never came"
            self.news.wait(0.05)
            self.news.clear()

    def level(self, side: int, frame: int) -> int | None:
        picture = self.buffer.get(side, frame)
        return None if picture is None else round(float(picture.pixels.mean()))


@pytest.fixture
def watched() -> Iterator[Callable[..., Watched]]:
    made: list[Watched] = []

    def make(*arguments: int) -> Watched:
        made.append(Watched(*arguments))
        return made[-1]

    yield make
    for one in made:
        one.buffer.close()


def test_every_wanted_frame_arrives_and_is_the_right_one(watched, films):
    w = watched()
    w.buffer.load([film(films / "original.mp4"), film(films / "dubbed.mp4")])
    frames = tuple(range(40, 75)) + tuple(range(5))
    w.buffer.want(Wanted(frames, (0, 1)))
    w.until(lambda: w.buffer.get(1, 4))
    assert [w.level(0, n) for n in frames] == pytest.approx([30 + n for n in frames], abs=2)
    assert [w.level(1, n) for n in frames] == pytest.approx([150 + n for n in frames], abs=2)


def test_backwards_arrives_too(watched, films):
    w = watched()
    w.buffer.load([film(films / "original.mp4")])
    frames = tuple(range(70, 10, -1))
    w.buffer.want(Wanted(frames, (0,)))
    w.until(lambda: all(w.buffer.get(0, n) for n in frames))
    assert [w.level(0, n) for n in frames] == pytest.approx([30 + n for n in frames], abs=2)


def test_what_is_asked_for_last_comes_first_and_the_rest_is_let_go(watched, films):
    w = watched()
    w.buffer.load([film(films / "original.mp4")])
    w.buffer.want(Wanted(tuple(range(30)), (0,)))
    w.until(lambda: w.buffer.get(0, 0))
    w.buffer.want(Wanted((60, 61), (0,)))
    w.until(lambda: w.buffer.get(0, 61))
    assert w.buffer.get(0, 0) is None


@pytest.mark.parametrize("sides", [(0,), (0, 1)])
def test_memory_is_bounded_whatever_is_wanted(watched, films, sides):
    w = watched(20 * SMALL)
    w.buffer.load([film(films / "original.mp4"), film(films / "dubbed.mp4")])
    for start in (0, 40, 10):
        w.buffer.want(Wanted(tuple(range(start, start + 35)), sides))
        w.until(lambda start=start: w.buffer.get(sides[-1], start + 20 // len(sides) - 1))
    assert w.peak <= 20 * SMALL
    assert w.buffer.get(0, 44) is None


def test_pictures_are_no_larger_than_shown_and_keep_their_shape(watched, films):
    w = watched()
    w.buffer.load([film(films / "original.mp4")])
    for size, expected in (
        ((32, 36), (18, 32, 3)),
        ((999, 19), (19, 34, 3)),
        ((999, 999), (36, 64, 3)),
        (None, (36, 64, 3)),
    ):
        w.buffer.want(Wanted((3,), (0,), size))
        w.until(lambda: w.buffer.get(0, 3))
        assert w.buffer.get(0, 3).pixels.shape == expected
        assert w.buffer.get(0, 3).shape == (64, 36)
        assert w.buffer.get(0, 3).pixels.flags.c_contiguous


def test_a_missing_file_is_told_and_the_other_side_goes_on(watched, films, tmp_path):
    w = watched()
    w.buffer.load([film(tmp_path / "gone.mp4"), film(films / "dubbed.mp4")])
    w.buffer.want(Wanted((0, 1), (0, 1)))
    w.until(lambda: w.buffer.get(1, 1) and w.buffer.problem(0, 0))
    assert "gone.mp4" in w.buffer.problem(0, 1)
    assert w.buffer.problem(1, 0) == ""


def test_a_clip_that_is_longer_than_its_media_lacks_only_what_is_not_there(watched, films):
    w = watched()
    w.buffer.load([film(films / "original.mp4", 80)])
    w.buffer.want(Wanted(tuple(range(72, 78)), (0,)))
    w.until(lambda: w.buffer.problem(0, 77))
    assert w.level(0, 74) == pytest.approx(104, abs=2)
    assert "75 pictures" in w.buffer.problem(0, 75)
    assert w.buffer.problem(0, 74) == ""


def test_other_footage_takes_the_place_of_the_first(watched, films):
    w = watched()
    w.buffer.load([film(films / "original.mp4")])
    w.buffer.want(Wanted((5,), (0,)))
    w.until(lambda: w.buffer.get(0, 5))
    w.buffer.load([film(films / "dubbed.mp4")])
    assert w.buffer.get(0, 5) is None
    w.buffer.want(Wanted((5,), (0,)))
    w.until(lambda: w.buffer.get(0, 5))
    assert w.level(0, 5) == pytest.approx(155, abs=2)


def test_closing_ends_the_thread_and_twice_is_no_harm(films):
    w = Watched()
    w.buffer.load([film(films / "original.mp4")])
    w.buffer.want(Wanted(tuple(range(75)), (0,)))
    w.buffer.close()
    w.buffer.close()
    assert not w.buffer._thread.is_alive()


def test_what_is_to_be_seen_first_is_not_kept_waiting(films):
    there: list[bool] = []
    buffer = FrameBuffer(lambda: there.append(buffer.get(0, 40) is not None))
    buffer.load([film(films / "original.mp4")])
    buffer.want(Wanted((40, *range(39, 10, -1)), (0,)))
    deadline = time.monotonic() + 20
    while not any(there) and time.monotonic() < deadline:
        time.sleep(0.01)
    buffer.close()
    assert there[0]
