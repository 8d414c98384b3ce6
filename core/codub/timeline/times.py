"""OTIO's times as exact fractions, and back."""

import math
from fractions import Fraction
from functools import lru_cache

import opentimelineio as otio

from codub.timing import exact_rate

# OTIO keeps values as doubles; a conversion between rates leaves errors far below this part of a frame.
_FRAME_TOLERANCE = 1e-6
stated_rate = lru_cache(maxsize=64)(exact_rate)  # a timeline asks for the same few rates tens of thousands of times


def exact_value(time: otio.opentime.RationalTime) -> Fraction:
    """The time's value in its own units; a whole number where the double misses one only by rounding.

    Raises:
        ValueError: the value is not finite.
    """
    if not math.isfinite(time.value):
        raise ValueError(f"a time must be finite, got {time.value!r}")
    nearest = round(time.value)
    if abs(time.value - nearest) <= _FRAME_TOLERANCE * max(1.0, abs(time.value) * 1e-3):
        return Fraction(nearest)
    return Fraction(time.value).limit_denominator(1_000_000)


def exact_seconds(time: otio.opentime.RationalTime) -> Fraction:
    """Exact seconds; a rate such as 23.976 means 24000/1001.

    Raises:
        ValueError: the time has no usable rate.
    """
    return _seconds(time.value, time.rate)


@lru_cache(maxsize=65_536)
def _seconds(value: float, rate: float) -> Fraction:
    """A programme states the same few thousand times again and again, and exact division is slow."""
    return exact_value(otio.opentime.RationalTime(value, rate)) / stated_rate(rate)


def rational_time(seconds: Fraction, rate: Fraction) -> otio.opentime.RationalTime:
    """OTIO's time for exact seconds; its value is whole whenever the time lies on the rate's grid."""
    return otio.opentime.RationalTime(float(seconds * rate), float(rate))


def time_range(start: Fraction, duration: Fraction, rate: Fraction) -> otio.opentime.TimeRange:
    """OTIO's range for exact seconds."""
    return otio.opentime.TimeRange(rational_time(start, rate), rational_time(duration, rate))
