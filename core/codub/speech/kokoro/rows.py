"""A signal as rows, the channels of one moment side by side, gone through in tiles that stay in a core's cache."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

# Values of a tile for each thread: a megabyte of float32. Of half as many a line takes 8 % longer, for the overhead of
# some 40 calls a tile; twice as many are no sooner and err 1 dB more, as each tile is levelled by itself. Widths are
# multiples of 32, so that few differ: oneDNN prepares a convolution anew for each width it meets.
TILE_VALUES = 1 << 18
GRAIN = 32


@dataclass(frozen=True)
class Survey:
    """Of each channel `(C,)`: mean, and standard deviation with 1e-5 added under the root; and of each tile `(N, C)`
    the least and the largest value."""

    mean: Tensor
    deviation: Tensor
    low: Tensor
    high: Tensor


@dataclass(frozen=True)
class Rows:
    """A signal `values` `(T, C)`, contiguous, in tiles of `width` moments; the last one may be shorter."""

    values: Tensor
    width: int

    @property
    def length(self) -> int:
        """T."""
        return len(self.values)

    @property
    def channels(self) -> int:
        """C."""
        return self.values.shape[1]

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where each tile starts and ends."""
        return [(start, min(start + self.width, self.length)) for start in range(0, self.length, self.width)]

    @cached_property
    def survey(self) -> Survey:
        """What a norm and a change to bytes ask for; worked out once."""
        tally = _Tally(self)
        for i, (start, end) in enumerate(self.spans):
            tally.add(i, self.values[start:end])
        return tally.survey()

    def bounds(self, reach: int) -> tuple[Tensor, Tensor]:
        """The least and the largest value of each channel in each tile, `(N, C)`, and `reach` moments to either side.

        `reach` is at most `GRAIN`, and so less than a tile.
        """
        low, high = self.survey.low, self.survey.high
        if len(low) == 1 or not reach:
            return low, high
        low, high = low.clone(), high.clone()
        size, stride = (len(low) - 1, 2 * reach, self.channels), (self.width * self.channels, self.channels, 1)
        edges = self.values[self.width - reach :].as_strided(size, stride)  # around where two tiles meet
        least, most = edges.amin(dim=1), edges.amax(dim=1)
        for tiles in (slice(1, None), slice(None, -1)):
            torch.minimum(low[tiles], least, out=low[tiles])
            torch.maximum(high[tiles], most, out=high[tiles])
        return low, high


def in_tiles(values: Tensor) -> Rows:
    """Rows of `(T, C)`, which they share."""
    length, channels = values.shape
    count = max(1, round(length * channels / (TILE_VALUES * torch.get_num_threads())))
    width = -(-length // (count * GRAIN)) * GRAIN
    while width < length and 0 < length % width < GRAIN:  # less would be left than a convolution reads of it
        width += GRAIN
    return Rows(values, width)


def gathered(tiles: Iterable[Tensor], into: Rows, beside: Rows | None = None, *, surveyed: bool = True) -> Rows:
    """The tiles, which come one after the other, written where `into` is, with those of `beside` added.

    They are surveyed as they come, when they are still in the cache.
    """
    tally = _Tally(into)
    for i, (tile, (start, end)) in enumerate(zip(tiles, into.spans, strict=True)):
        place = into.values[start:end]
        if beside is None:
            place.copy_(tile)
        else:
            torch.add(tile, beside.values[start:end], out=place)
        if surveyed:
            tally.add(i, tile if beside is None else place)
    rows = Rows(into.values, into.width)
    if surveyed:
        rows.__dict__["survey"] = tally.survey()  # where `cached_property` looks
    return rows


class _Tally:
    """Sums of tiles. One pass: means are small beside deviations here, so no digits are lost."""

    def __init__(self, rows: Rows) -> None:
        self._length, count = rows.length, len(rows.spans)
        self._sums, self._squares, self._low, self._high = torch.empty(4, count, rows.channels)
        self._scratch = torch.empty(min(rows.width, rows.length), rows.channels)

    def add(self, i: int, tile: Tensor) -> None:
        torch.sum(tile, 0, out=self._sums[i])
        torch.amin(tile, 0, out=self._low[i])
        torch.amax(tile, 0, out=self._high[i])
        torch.sum(torch.mul(tile, tile, out=self._scratch[: len(tile)]), 0, out=self._squares[i])

    def survey(self) -> Survey:
        mean = self._sums.sum(dim=0) / self._length
        variance = (self._squares.sum(dim=0) / self._length - mean.square()).clamp_(min=0.0)
        return Survey(mean, torch.sqrt(variance + 1e-5), self._low, self._high)
