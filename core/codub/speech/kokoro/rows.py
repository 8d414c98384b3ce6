"""A signal as rows, the channels of one moment side by side, gone through in tiles that stay in a core's cache."""

from dataclasses import dataclass

import torch
from torch import Tensor

from codub.speech.kokoro.passes import moments, tally, widen

# Moments of a tile. It is the same for lines of every length, as oneDNN prepares a convolution anew for each width it
# meets: only a line's last tile has another, of which there are few, as widths are multiples of GRAIN.
TILE = 1024
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
    """A signal `values` `(T, C)`, contiguous, and what a norm and a change to bytes ask for."""

    values: Tensor
    survey: Survey

    @property
    def length(self) -> int:
        """T."""
        return len(self.values)

    @property
    def channels(self) -> int:
        """C."""
        return self.values.shape[1]

    def bounds(self, reach: int) -> Tensor:
        """The least and the largest value of each channel in each tile, and `reach` moments to either side.

        It is `(2, N, C)`; `reach` is at most half a tile.
        """
        made = torch.stack((self.survey.low, self.survey.high))
        widen(self.values.numpy(), TILE, reach, made[0].numpy(), made[1].numpy())
        return made


def tiles(length: int) -> list[slice]:
    """A signal's tiles: the last is half as long as the others, or up to half longer."""
    count = max(1, round(length / TILE))
    starts = [TILE * i for i in range(count)]
    return [slice(start, end) for start, end in zip(starts, [*starts[1:], length], strict=True)]


def surveyed(values: Tensor) -> Rows:
    """Rows of `(T, C)`, which they share."""
    places = tiles(len(values))
    told = torch.empty(len(places), 4, values.shape[1])
    for place, of_tile in zip(places, told, strict=True):
        tally(values[place].numpy(), of_tile.numpy())
    return Rows(values, survey(told, len(values)))


def survey(told: Tensor, length: int) -> Survey:
    """Of what `tally` told of each tile, `(N, 4, C)`."""
    mean, deviation = torch.empty(2, told.shape[2])
    moments(told.numpy(), length, mean.numpy(), deviation.numpy())
    return Survey(mean, deviation, told[:, 2], told[:, 3])
