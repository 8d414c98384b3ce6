"""Convolutions over time with fewer multiplications, for a CPU (Toom 1963, Cook 1966; Winograd 1980 for filters).

Four values behind a five-tap filter take 20 multiplications; as the product of two polynomials, evaluated at eight
points, they take 8. Longer filters are cut into stretches of four taps, each of which meets the next tile of the same
transformed sound, so their products add up inside one matrix product. What it costs is precision: a largest error of
1e-5 of the output's standard deviation in float32, where the direct sum has 1e-6 (512 channels, five taps).
"""

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

TILE = 4  # values worked out at a time
POINTS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)  # and infinity; small powers of two keep the error small
LEAST_CHANNELS = 96  # on either side: below, the transforms cost what they save

Matrix = NDArray[np.float64]


class ToomCookConv1d(nn.Module):
    """The values of a plain convolution that keeps the length: stride 1, one group, an odd number of taps above 1."""

    read: Tensor
    gather: Tensor

    def __init__(self, plain: nn.Conv1d) -> None:
        super().__init__()
        taps, dilation = plain.kernel_size[0], plain.dilation[0]
        assert serves(plain)
        self.dilation = dilation
        self.reach = dilation * (taps // 2)
        self.taps = 3 if taps == 3 else 5  # of each stretch
        self.stretches = -(-(taps - 1) // (self.taps - 1))
        read, spread, gather = transforms(self.taps)
        self.register_buffer("gather", torch.from_numpy(gather).float(), persistent=False)
        self.register_buffer("read", torch.from_numpy(read).float(), persistent=False)
        self.weight = nn.Parameter(self._weight(plain.weight.detach(), spread), requires_grad=False)
        self.bias = None if plain.bias is None else nn.Parameter(plain.bias.detach(), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """`(B, in, T)` to `(B, out, T)`, the channels of a frame lying side by side in memory."""
        batch, channels, length = x.shape
        points = len(self.read)
        tiles = -(-length // (TILE * self.dilation))
        needed = ((tiles + self.stretches - 1) * TILE + points - TILE) * self.dilation
        rows = functional.pad(x.transpose(1, 2), (0, 0, self.reach, needed - length - self.reach))
        # Every `dilation`-th frame makes a sound of its own: (B, tiles + ..., dilation, in, points).
        pieces = rows.reshape(batch, -1, self.dilation, channels).unfold(1, points, TILE).movedim(4, 0)
        spread = (self.read @ pieces.reshape(points, -1)).reshape(pieces.shape)
        products = None
        for i, weight in enumerate(self.weight):
            met = spread[:, :, i : i + tiles].flatten(1, 3)  # (points, B tiles dilation, in)
            products = torch.bmm(met, weight) if products is None else torch.baddbmm(products, met, weight)
        assert products is not None
        values = (self.gather @ products.flatten(1)).reshape(TILE, batch, tiles, self.dilation, -1)
        made = values.permute(1, 2, 0, 3, 4).reshape(batch, tiles * TILE * self.dilation, -1)[:, :length]
        return (made if self.bias is None else made + self.bias).transpose(1, 2)

    def _weight(self, weight: Tensor, spread: Matrix) -> Tensor:
        """The filters at the points, `(stretches, points, in, out)`."""
        last = self.taps - 1
        outputs, inputs, taps = weight.shape
        rows = functional.pad(weight.permute(2, 1, 0).reshape(taps, -1), (0, 0, 0, last * self.stretches + 1 - taps))
        made = weight.new_empty(self.stretches, len(spread), rows.shape[1])
        for i in range(self.stretches):
            # The last tap of a stretch is the first of the next one, but for the last stretch of all.
            count = last + (i == self.stretches - 1)
            torch.mm(torch.from_numpy(spread[:, :count]).float(), rows[last * i : last * i + count], out=made[i])
        return made.reshape(self.stretches, -1, inputs, outputs)


class PointwiseConv1d(nn.Module):
    """The values of a plain convolution of one tap, as the matrix product that it is: two thirds of the time."""

    def __init__(self, plain: nn.Conv1d) -> None:
        super().__init__()
        self.weight = nn.Parameter(plain.weight.detach()[:, :, 0].contiguous(), requires_grad=False)
        self.bias = None if plain.bias is None else nn.Parameter(plain.bias.detach(), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """`(B, in, T)` to `(B, out, T)`, the channels of a frame lying side by side in memory."""
        return functional.linear(x.transpose(1, 2), self.weight, self.bias).transpose(1, 2)


def serves(conv: nn.Conv1d) -> bool:
    """Whether a convolution can be worked out this way, and gains by it."""
    taps = conv.kernel_size[0]
    same = conv.padding == (conv.dilation[0] * (taps // 2),) and conv.stride == (1,) and conv.groups == 1
    return same and taps % 2 == 1 and taps > 1 and min(conv.in_channels, conv.out_channels) >= LEAST_CHANNELS


@cache
def transforms(taps: int) -> tuple[Matrix, Matrix, Matrix]:
    """What turns tiles, filters and products: `(points, points)`, `(points, taps)` and `(TILE, points)`.

    `gather @ ((spread @ filter) * (read @ tile))` is the filter's answer to the tile.
    """
    count = TILE + taps - 1
    points = np.array(POINTS[: count - 1])
    read, spread, gather = np.zeros((count, count)), np.zeros((count, taps)), np.zeros((TILE, count))
    for i, point in enumerate(points):
        others = np.delete(points, i)
        read[i, :-1] = np.poly(others)[::-1]
        spread[i] = point ** np.arange(taps) / np.prod(point - others)
        gather[:, i] = point ** np.arange(TILE)
    read[-1], spread[-1, -1], gather[-1, -1] = np.poly(points)[::-1], 1, 1
    return read, spread, gather
