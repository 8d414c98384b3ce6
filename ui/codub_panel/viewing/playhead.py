"""Where the playhead goes by itself: forwards, backwards, fast, round a loop; for pictures and samples alike."""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from codub.timing import DELIVERY_RATE, frames_to_seconds

_FADE = 144  # samples (3 ms) at each end of a loop, so that the jump is no click


@dataclass(frozen=True)
class Course:
    """A way through frames `low` to `high` (not included) at `rate` frames/s, from position `start`, in frames.

    Frame n is shown from position n to n + 1. `speed` is a whole number, below 0 backwards. With `loop` it goes round;
    else it ends at the last frame. The start may lie before the way (behind it, for a way back): it is run up to.
    """

    start: Fraction
    speed: int
    low: int
    high: int
    rate: Fraction
    loop: bool = True

    def position(self, samples: int) -> Fraction:
        """Position after `samples` samples at 48 kHz were heard."""
        at = self.start + self.speed * self.rate * Fraction(samples, DELIVERY_RATE)
        length = self.high - self.low
        if self.speed > 0 and at >= self.high:
            return self.low + (at - self.high) % length if self.loop else Fraction(self.high)
        if self.speed < 0 and at <= self.low:
            return self.high - (self.low - at) % length if self.loop else Fraction(self.low)
        return at

    def frame(self, samples: int) -> int:
        """Frame to be seen when `samples` samples were heard."""
        at = self.position(samples)
        if self.speed < 0:
            return max(math.ceil(at) - 1, self.low)
        return math.floor(at) if self.loop else min(math.floor(at), self.high - 1)

    def over(self, samples: int) -> bool:
        """Whether it came to its end."""
        if self.loop:
            return False
        at = self.start + self.speed * self.rate * Fraction(samples, DELIVERY_RATE)
        return at >= self.high if self.speed > 0 else at <= self.low

    def sound(self, track: NDArray[np.float32], origin: int, first: int, count: int) -> NDArray[np.float32]:
        """Samples `first` to `first + count` of what is to be heard on the way, `(count, 2)`; silence beyond its end.

        `track` `(n, 2)` is the sound of the frames from `origin` on, at 48 kHz. At a higher speed every sample heard is
        the mean of those it stands for, so fast sound is higher, as on a tape.
        """
        begin = float(frames_to_seconds(self.start - origin, self.rate)) * DELIVERY_RATE
        low, high = (
            float(frames_to_seconds(edge - origin, self.rate)) * DELIVERY_RATE for edge in (self.low, self.high)
        )
        at = begin + self.speed * np.arange(first, first + count, dtype=np.float64)
        gain = np.ones(count)
        if self.speed > 0:
            past = at >= high
            at = np.where(past, low + np.mod(at - high, high - low), at)
        else:
            past = at <= low
            at = np.where(past, high - np.mod(low - at, high - low), at)
        if self.loop:
            edge = np.minimum(at - low, high - at)
            gain = np.where((edge >= 0) & (edge < _FADE), edge / _FADE, gain)
        else:
            gain[past] = 0.0
        step = 1 if self.speed > 0 else -1
        whole = np.floor(at).astype(np.int64) - (self.speed < 0)
        numbers = whole[:, None] + step * np.arange(abs(self.speed))
        inside = (numbers >= 0) & (numbers < len(track))
        if not len(track):
            return np.zeros((count, 2), np.float32)
        values = track[np.clip(numbers, 0, len(track) - 1)] * inside[..., None]
        mixed: NDArray[np.float32] = (values.mean(axis=1) * gain[:, None]).astype(np.float32)
        return mixed
