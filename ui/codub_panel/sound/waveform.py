"""A sound drawn at any width without looking at all its samples: extremes of blocks, of blocks of blocks, and so on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_FINEST = 32  # samples in a block of the lowest level
_GROWTH = 4  # blocks of a level in one of the next

Extremes = NDArray[np.float32]
"""Lowest and highest sample of each piece, `(n, 2)`."""


@dataclass(frozen=True)
class Pyramid:
    """Mono samples `(n,)` and the extremes of their blocks of 32, 128, 512 ... samples."""

    samples: NDArray[np.float32]
    levels: tuple[Extremes, ...]

    @classmethod
    def of(cls, samples: NDArray[np.float32]) -> "Pyramid":
        """The levels down to a few blocks."""
        levels = []
        blocks = _reduced(np.stack([samples, samples], axis=1), _FINEST)
        while len(blocks):
            levels.append(blocks)
            if len(blocks) < _GROWTH:
                break
            blocks = _reduced(blocks, _GROWTH)
        return cls(samples, tuple(levels))

    def columns(self, start: float, per_column: float, count: int) -> Extremes:
        """Extremes of `count` columns of `per_column` samples each, from sample `start` on; 0 where there are none.

        Exact below 32 samples a column; above, a column may reach one block too far, which no eye sees.
        """
        size, blocks = 1, np.stack([self.samples, self.samples], axis=1)
        for number, level in enumerate(self.levels):
            if _FINEST * _GROWTH**number <= per_column / 2:
                size, blocks = _FINEST * _GROWTH**number, level
        edges = np.floor((start + per_column * np.arange(count + 1)) / size).astype(np.int64)
        low, high = np.clip(edges[:-1], 0, len(blocks)), np.clip(edges[1:], 0, len(blocks))
        high = np.where((high == low) & (edges[:-1] >= 0) & (low < len(blocks)), low + 1, high)
        columns = np.zeros((count, 2), np.float32)
        filled = np.flatnonzero(low < high)
        if len(filled):
            first, last = low[filled[0]], high[filled[-1]]
            part = blocks[first:last]
            begins = low[filled] - first
            columns[filled, 0] = _reduce(np.minimum, part[:, 0], begins, high[filled] - first)
            columns[filled, 1] = _reduce(np.maximum, part[:, 1], begins, high[filled] - first)
        return columns


def _reduced(blocks: Extremes, size: int) -> Extremes:
    """Extremes of `size` blocks each; the last one may be of fewer."""
    if not len(blocks):
        return blocks
    rest = -len(blocks) % size
    padded = np.concatenate([blocks, np.repeat(blocks[-1:], rest, axis=0)]).reshape(-1, size, 2)
    return np.stack([padded[:, :, 0].min(axis=1), padded[:, :, 1].max(axis=1)], axis=1)


def _reduce(
    extreme: np.ufunc, values: NDArray[np.float32], begins: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.float32]:
    # reduceat runs each piece to the next one's beginning; columns follow each other, but for repeated single samples.
    padded = np.append(values, values[-1])
    pairs = np.stack([begins, ends], axis=1).ravel()
    reduced: NDArray[np.float32] = extreme.reduceat(padded, pairs)[::2]
    return reduced
