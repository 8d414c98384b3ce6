"""How alike two people look, by vectors of `looks`: numbers alone, no pictures."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Looks = NDArray[np.float32]

# Two clips of one person of GRID agree by 0.83 at the least, half of the pairs of two people by less than 0.73.
STRANGER = 0.7
BETTER_LIKE = 0.1  # so much more like another speaker of the project: pictures that are that one's


def unit(values: NDArray[np.floating]) -> Looks:
    """The vector with mean 0 and length 1."""
    centred = values - values.mean()
    return np.asarray(centred / max(float(np.linalg.norm(centred)), 1.0e-6), np.float32)


def mean_looks(several: Sequence[Looks]) -> Looks:
    """What several pictures of one person have in common."""
    return unit(np.mean(several, axis=0))


def agreement(one: Looks, other: Looks) -> float:
    """-1..1; see `looks` for what to expect."""
    return float(one @ other)
