"""Sound taken away in spans of time, without a click."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from codub.timing import seconds_to_samples

CROSSFADE = Fraction(20, 1000)  # s that a sound takes to go before a span and to come back after it


def kept_outside(
    spans: Sequence[tuple[Fraction, Fraction]], first: int, count: int, rate: int, floor: float = 0.0
) -> NDArray[np.float32]:
    """Factor of `count` samples from number `first` on: 1, `floor` inside the spans, a raised cosine on the way.

    `spans` are starts and ends in seconds from sample 0.
    """
    fade = seconds_to_samples(CROSSFADE, rate)
    numbers = np.arange(first, first + count)
    kept = np.ones(count)
    for start, end in spans:
        low, high = seconds_to_samples(start, rate), seconds_to_samples(end, rate)
        if low - fade >= first + count or high + fade <= first:
            continue
        outside = np.maximum(low - numbers, numbers - high + 1)  # samples to the span, at most 0 inside
        share = 0.5 - 0.5 * np.cos(np.pi * np.clip(outside / fade, 0, 1))
        kept = np.minimum(kept, floor + (1 - floor) * share)
    return kept.astype(np.float32)
