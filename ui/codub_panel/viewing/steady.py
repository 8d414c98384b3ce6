"""Time that runs evenly, from a sound device that tells it in steps, or from the clock on the wall."""

import time
from collections.abc import Callable

from codub.timing import DELIVERY_RATE

AHEAD = DELIVERY_RATE // 20  # samples that the time told may be ahead of the device's last word, which comes in steps
_STALLED = DELIVERY_RATE // 16  # samples' time without a word after which the device is not believed to play
_DRIFT = 500  # one in so many: how fast the device may run slower than the wall's clock


def wall_nanoseconds() -> int:
    """A clock that never goes back."""
    return time.monotonic_ns()


class SteadyTime:
    """Samples heard since `start`: the device's count, evened between its steps; without a device the wall's time.

    A device says n samples from the moment on that it has played them until its next step, 5 to 40 ms later, and is
    asked at odd moments: what it says is a lower bound. The highest of these bounds, each carried on by the wall's
    clock, is the time; it sinks slowly, so that a device that runs slower is followed.
    """

    def __init__(self, wall: Callable[[], int] = wall_nanoseconds) -> None:
        self._wall = wall
        self._device: Callable[[], int] | None = None
        self._told, self._changed, self._offset, self._last = 0, 0, 0, 0
        self._fresh = True

    def start(self, device: Callable[[], int] | None) -> None:
        """Begin at 0. `device` says how many samples it has played by now."""
        self._device = device
        self._told, self._last, self._fresh = 0, 0, True
        self._changed = self._now()
        self._offset = -self._changed

    def lose_device(self) -> None:
        """Go on by the wall's time from here: the device is gone."""
        self._offset = self.heard() - self._now()
        self._device = None

    def heard(self) -> int:
        """Samples at 48 kHz; never fewer than before."""
        now = self._now()
        estimate = now + self._offset if self._device is None else self._by_device(now, self._device())
        self._last = max(self._last, estimate)
        return self._last

    def _by_device(self, now: int, told: int) -> int:
        if told != self._told:
            sunk = self._offset - (now - self._changed) // _DRIFT
            self._offset = told - now if self._fresh else max(sunk, told - now)
            self._told, self._changed, self._fresh = told, now, False
        elif now - self._changed > _STALLED:
            self._fresh = True
        if not told or self._fresh:
            return told
        return min(now + self._offset, told + AHEAD)

    def _now(self) -> int:
        return self._wall() * DELIVERY_RATE // 10**9
