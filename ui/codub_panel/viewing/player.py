"""What the transport keys do, without Qt: speeds, steps, marks, the loop; the clock of the sound is the master."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import count
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from codub_panel.viewing.footage import Stretch
from codub_panel.viewing.playhead import Course

FASTEST = 8

Feed = Callable[[int, int], NDArray[np.float32]]
"""From a first sample and a count to what is to be heard there, `(count, 2)` at 48 kHz."""


class Clock(Protocol):
    """What time is when something plays: samples heard since the start, by the sound device where there is one."""

    def start(self, feed: Feed) -> None:
        """Begin to play what `feed` gives, from its sample 0."""
        ...

    def stop(self) -> None:
        """Be silent."""
        ...

    def heard(self) -> int:
        """Samples heard since `start`, at 48 kHz."""
        ...


class Player:
    """The playhead on a stretch. `frame` is the one to be shown; who shows it calls `tick` often while `playing`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.stretch = Stretch(Fraction(25), Fraction(0), 0, 0, 0)
        self.track: NDArray[np.float32] = np.zeros((0, 2), np.float32)
        self.frame = 0
        self.loop = True
        self.mark_in: int | None = None
        self.mark_out: int | None = None
        self._course: Course | None = None

    # Where and how

    @property
    def playing(self) -> bool:
        """Whether the playhead moves by itself."""
        return self._course is not None

    @property
    def speed(self) -> int:
        """-8 to 8; 0 is standing still."""
        return 0 if self._course is None else self._course.speed

    @property
    def range(self) -> tuple[int, int]:
        """Frames that are played, the end not included: the marks, and the line with its rolls where there are none."""
        low = self.stretch.first if self.mark_in is None else self.mark_in
        high = self.stretch.end if self.mark_out is None else self.mark_out + 1
        return low, high

    def load(self, stretch: Stretch) -> None:
        """Stand on the first frame of another line, without marks and without sound."""
        self.stop()
        self.stretch, self.frame = stretch, 0
        self.track = np.zeros((0, 2), np.float32)
        self.mark_in = self.mark_out = None

    # Playing

    def play(self, speed: int = 1) -> None:
        """Go on from here at a speed, with the sound of it."""
        low, high = self.range
        if low >= high or not speed:
            return
        at = Fraction(self.frame + (speed < 0))
        if self._course is not None:
            at = self._course.position(self._clock.heard())
        if not self.loop:
            low, high = self.stretch.first, self.stretch.end
        # Who stands on the last frame and plays wants to hear it again.
        if speed > 0 and at >= high - (not self.loop and high - low > 1):
            at = Fraction(low)
        if speed < 0 and at <= low + (not self.loop and high - low > 1):
            at = Fraction(high)
        self._course = Course(at, speed, low, high, self.stretch.rate, self.loop)
        self._clock.start(self._sound)

    def forward(self) -> None:
        """L: play; again: twice as fast."""
        self.play(min(FASTEST, 2 * self.speed) if self.speed > 0 else 1)

    def backward(self) -> None:
        """J: play backwards; again: twice as fast."""
        self.play(max(-FASTEST, 2 * self.speed) if self.speed < 0 else -1)

    def stop(self) -> None:
        """K: stand still."""
        if self._course is not None:
            self.tick()
            self._course = None
            self._clock.stop()

    def toggle(self) -> None:
        """Space: play, or stand still."""
        if self.playing:
            self.stop()
        else:
            self.play()

    def tick(self) -> bool:
        """Go where the clock says; whether another frame is to be shown. A late call skips frames."""
        if self._course is None:
            return False
        heard = self._clock.heard()
        before, self.frame = self.frame, self._course.frame(heard)
        if self._course.over(heard):
            self._course = None
            self._clock.stop()
        return self.frame != before

    # Going

    def go_to(self, frame: int) -> None:
        """Stand on a frame of the stretch, or play on from it."""
        frame = max(self.stretch.first, min(frame, self.stretch.end - 1))
        speed = self.speed
        self._course = None
        self.frame = frame
        if speed:
            self.play(speed)

    def step(self, frames: int) -> None:
        """Stop, and go on or back by exact frames."""
        self.stop()
        self.go_to(self.frame + frames)

    def home(self) -> None:
        """To the in point, or the first frame of the line; once there, to the first frame of all."""
        start = 0 if self.mark_in is None else self.mark_in
        self.go_to(start if self.frame != start else self.stretch.first)

    def finish(self) -> None:
        """To the out point, or the last frame of the line; once there, to the last frame of all."""
        last = self.stretch.frames - 1 if self.mark_out is None else self.mark_out
        self.go_to(last if self.frame != last else self.stretch.end - 1)

    # Marks

    def set_in(self) -> None:
        """I: play from here."""
        self.mark_in = self.frame
        if self.mark_out is not None and self.mark_out < self.frame:
            self.mark_out = None
        self._replay()

    def set_out(self) -> None:
        """O: play until here."""
        self.mark_out = self.frame
        if self.mark_in is not None and self.mark_in > self.frame:
            self.mark_in = None
        self._replay()

    def set_range(self, first: int, last: int) -> None:
        """Play from one frame to another, and stand inside."""
        self.mark_in = max(first, self.stretch.first)
        self.mark_out = max(self.mark_in, min(last, self.stretch.end - 1))
        if not self.mark_in <= self.frame <= self.mark_out:
            self.go_to(self.mark_in)
        else:
            self._replay()

    def clear_marks(self) -> None:
        """Play the line with its rolls again."""
        self.mark_in = self.mark_out = None
        self._replay()

    def set_loop(self, loop: bool) -> None:
        """Go round, or stop at the end."""
        self.loop = loop
        self._replay()

    def _replay(self) -> None:
        if self._course is not None:
            self.play(self.speed)

    # What comes

    def upcoming(self, wanted: int) -> list[int]:
        """The frames that will be shown next, in that order, each once; round the playhead when it stands still."""
        frames = self._ahead() if self._course is not None else self._around()
        listed: dict[int, None] = {}
        for frame in frames:
            if len(listed) == wanted:
                break
            listed[frame] = None
        return list(listed)

    def _around(self) -> Iterator[int]:
        first, end = self.stretch.first, self.stretch.end
        for distance in range(end - first):
            for frame in dict.fromkeys((self.frame + distance, self.frame - distance)):
                if first <= frame < end:
                    yield frame

    def _ahead(self) -> Iterator[int]:
        course = self._course
        assert course is not None
        at, until = self.frame, self.frame + (course.high - course.low) * (1 if course.speed > 0 else -1)
        for number in count():
            frame = at + number * course.speed
            if abs(frame - at) > abs(until - at):
                return
            if not course.low <= frame < course.high and (
                frame >= course.high if course.speed > 0 else frame < course.low
            ):
                if not course.loop:
                    return
                frame = course.low + (frame - course.low) % (course.high - course.low)
            yield frame

    def _sound(self, first: int, count: int) -> NDArray[np.float32]:
        course = self._course
        if course is None:
            return np.zeros((0, 2), np.float32)
        return course.sound(self.track, self.stretch.first, first, count)
