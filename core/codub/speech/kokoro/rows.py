"""A signal as rows, the channels of one moment side by side, in tiles that stay in a core's cache."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

# Values of a tile for each thread: half a megabyte of float32. Smaller ones are mostly overhead, larger ones leave the
# cache. Widths are multiples of 32, so that few differ: oneDNN prepares a convolution anew for each width it meets.
TILE_VALUES = 1 << 17
GRAIN = 32


@dataclass(frozen=True)
class Summary:
    """Of each channel `(C,)`: mean, and standard deviation with 1e-5 added under the root."""

    mean: Tensor
    deviation: Tensor


@dataclass(frozen=True)
class Rows:
    """A signal `(T, C)` in tiles `(width, C)`; the last one may be shorter."""

    tiles: tuple[Tensor, ...]

    @property
    def length(self) -> int:
        """T."""
        return self.width * (len(self.tiles) - 1) + len(self.tiles[-1])

    @property
    def width(self) -> int:
        """Moments of a tile."""
        return len(self.tiles[0])

    @property
    def channels(self) -> int:
        """C."""
        return self.tiles[0].shape[1]

    def whole(self) -> Tensor:
        """`(T, C)`, contiguous."""
        return torch.cat(self.tiles)

    @cached_property
    def summary(self) -> Summary:
        """What a norm asks for; worked out once."""
        tally = _Tally(self.channels)
        for tile in self.tiles:
            tally.add(tile)
        return tally.summary()


def in_tiles(values: Tensor) -> Rows:
    """Rows of `(T, C)`, which they share."""
    length, channels = values.shape
    count = max(1, round(length * channels / (TILE_VALUES * torch.get_num_threads())))
    return Rows(torch.split(values, -(-length // (count * GRAIN)) * GRAIN))


def summed_up(tiles: Iterable[Tensor]) -> Rows:
    """Rows with their summary, worked out of each tile as it is made, when it is still in the cache."""
    tally, made = None, []
    for tile in tiles:
        tally = tally or _Tally(tile.shape[1])
        tally.add(tile)
        made.append(tile)
    assert tally is not None
    rows = Rows(tuple(made))
    rows.__dict__["summary"] = tally.summary()  # where `cached_property` looks
    return rows


class _Tally:
    """Sums of tiles. One pass: means are small beside deviations here, so no digits are lost."""

    def __init__(self, channels: int) -> None:
        self._sum, self._squares = torch.zeros(channels), torch.zeros(channels)
        self._count = 0
        self._scratch = torch.empty(0)

    def add(self, tile: Tensor) -> None:
        if len(self._scratch) < len(tile):
            self._scratch = torch.empty_like(tile)
        self._sum += tile.sum(dim=0)
        self._squares += torch.mul(tile, tile, out=self._scratch[: len(tile)]).sum(dim=0)
        self._count += len(tile)

    def summary(self) -> Summary:
        mean = self._sum / self._count
        variance = (self._squares / self._count - mean.square()).clamp_(min=0.0)
        return Summary(mean, torch.sqrt(variance + 1e-5))
