"""What a speech encoder that is sure would hear of sounds whose durations are known."""

from collections.abc import Sequence

import numpy as np

from codub.latent import FloatArray
from codub.speech.inventory import INVENTORY, PAUSE, labels


def scores(symbols: Sequence[str], durations: Sequence[int], sure: float = 0.8) -> FloatArray:
    """Log-probabilities `(P, T)` of someone who says `[pad, *symbols, pad]` with those durations."""
    row = np.repeat(labels([PAUSE, *symbols, PAUSE]), durations)
    out = np.full((len(INVENTORY), len(row)), np.log((1 - sure) / (len(INVENTORY) - 1)), dtype=np.float32)
    out[row, np.arange(len(row))] = np.log(sure)
    return out
