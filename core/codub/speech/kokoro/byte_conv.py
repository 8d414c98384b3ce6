"""Convolutions in bytes, for inference on a processor that multiplies them faster than floats.

Kokoro's published graph has its weights and its signals in 8 bits too, with one scale each. Here each output channel
has a scale of its own, and so has each input channel: signals are levelled so that a usual style uses the bytes of all
channels alike, which the weights make good. Each tile of time is levelled by itself: with the bounds of the whole line
the spectrum errs twice as much, and naturalness (DistillMOS) falls by 0.12.

oneDNN's convolution in bytes does 550 to 690 billion operations a second on one thread with VNNI, for 128 and 256
channels and 3, 7 and 11 taps, whatever the dilation; in float32 it is 140 to 165.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from codub.speech.kokoro.activations import Activation
from codub.speech.kokoro.rows import GRAIN, Rows

TOP = 254.0  # the highest level that is used, so that rounding never leaves the byte
EVENNESS = 0.8  # how far channels are levelled to one range, 1: wholly; the rest goes to the weights' evenness


@dataclass(frozen=True)
class Entry:
    """What is done to a signal before a convolution: `activation(gain * x + shift)`, each channel its own."""

    gain: Tensor
    shift: Tensor
    activation: Activation

    def bounds(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The least and the largest value of each channel that comes of `(W, C)`; an activation never falls."""
        ends = torch.stack((x.amin(dim=0), x.amax(dim=0)))
        ends = self.activation.of(torch.addcmul(self.shift, ends, self.gain))
        return ends.amin(dim=0), ends.amax(dim=0)


@dataclass(frozen=True)
class _Levels:
    """How values are written down: `gain * value + offset`, truncated; a 0 as `zero`; one level is `step`."""

    gain: Tensor
    offset: Tensor
    zero: Tensor
    step: float


class ByteConv(nn.Module):
    """A same-length convolution of stride 1; `spread` is the usual range of each input channel `(in,)`."""

    def __init__(self, plain: nn.Conv1d, spread: Tensor) -> None:
        super().__init__()
        weight = plain.weight.detach()
        self.dilation = plain.dilation[0]
        self.reach = self.dilation * (plain.kernel_size[0] // 2)
        assert plain.padding == (self.reach,)
        weights = weight.abs().amax(dim=(0, 2)).clamp(min=1e-6)
        share = spread**EVENNESS * weights ** (EVENNESS - 1)
        self.share = share / share.mean()
        weight = weight * self.share[:, None]
        self.scale = weight.abs().amax(dim=(1, 2)).clamp(min=1e-12) / 127
        levels = torch.round(weight / self.scale[:, None, None])
        self.sums = levels.sum(dim=2) * self.scale[:, None]
        self.bias = torch.zeros(len(weight)) if plain.bias is None else plain.bias.detach()
        self.no_offsets = torch.zeros(len(weight), dtype=torch.int64)
        self.packed = _packed(levels.to(torch.int8), self.scale, self.dilation)

    def forward(self, x: Rows, entry: Entry) -> Iterator[Tensor]:
        """The tiles `(W, out)` of the answer, one after the other; each is levelled by itself.

        A single burst would cost the whole line its levels: channels reach 28 standard deviations.
        """
        width = -(-x.width // GRAIN) * GRAIN + 2 * self.reach
        # Used again for every tile, these stay in the cache; the lane is read before the next tile is asked for.
        room, scratch = torch.empty(2, width, x.channels)
        lane = torch.empty(width, x.channels, dtype=torch.uint8)
        for i, tile in enumerate(x.tiles):
            before = x.tiles[i - 1][-self.reach :] if i else tile[:0]
            after = x.tiles[i + 1][: self.reach] if i + 1 < len(x.tiles) else tile[:0]
            count = len(before) + len(tile) + len(after)
            values = torch.cat((before, tile, after), out=room[:count])
            levels = self._levels(*entry.bounds(values))
            first, last = self.reach - len(before), self.reach + len(tile) + len(after)
            lane[:first] = levels.zero
            lane[last:] = levels.zero
            _write(lane[first:last], values, scratch[:count], entry, levels)
            bias = self.bias - levels.step * (self.sums @ levels.zero)
            yield _convolved(lane, self, levels.step, bias)[: len(tile)]

    def _levels(self, low: Tensor, high: Tensor) -> _Levels:
        low, high = low.clamp(max=0.0) / self.share, high.clamp(min=0.0) / self.share
        step = float((high - low).max().clamp(min=1e-6)) / TOP
        zero = torch.round(-low / step)
        return _Levels(1 / (self.share * step), zero + 0.5, zero, step)


def _write(lane: Tensor, values: Tensor, scratch: Tensor, entry: Entry, levels: _Levels) -> None:
    """What the entry makes of the values `(W, C)`, as bytes; values and scratch are overwritten."""
    act = entry.activation
    torch.addcmul(act.before * entry.shift, values, act.before * entry.gain, out=values)
    act.core(values, scratch)
    gain = act.after * levels.gain
    torch.addcmul(act.added * gain + levels.offset, values, gain, out=values)
    lane.copy_(scratch.view(torch.int32).copy_(values))  # by way of int32: half the time of the direct conversion


@cache
def bytes_are_fast() -> bool:
    """Whether this processor multiplies bytes faster than floats, and without overflow.

    A processor without VNNI adds two products in 16 bits, and saturates.
    """
    found = torch.cpu.get_capabilities()
    able = found.get("avx512_vnni", False) or found.get("avx_vnni", False)
    if not (able and hasattr(torch.ops.onednn, "qconv_pointwise")):
        return False
    channels = 64
    conv = nn.Conv1d(channels, channels, 3, padding=1, bias=False)
    nn.init.ones_(conv.weight)
    made = _convolved(
        torch.full((GRAIN + 2, channels), 255, dtype=torch.uint8),
        ByteConv(conv, torch.ones(channels)),
        1.0,
        torch.zeros(channels),
    )
    return bool((made - 255 * 3 * channels).abs().max() < 1)


def _packed(levels: Tensor, scale: Tensor, dilation: int) -> Tensor:
    _, inputs, taps = levels.shape
    shape = [1, inputs, 1, 16 * GRAIN + (taps - 1) * dilation]
    packed: Tensor = torch.ops.onednn.qconv_prepack(
        levels[:, :, None], scale, 1.0, 0, [1, 1], [0, 0], [1, dilation], 1, shape
    )
    return packed


def _convolved(rows: Tensor, conv: ByteConv, step: float, bias: Tensor) -> Tensor:
    """`(W + 2 reach, in)` bytes to `(W, out)` floats."""
    made: Tensor = torch.ops.onednn.qconv_pointwise(
        rows.T[None, :, None], step, 0,  # the signal, its step and its zero
        conv.packed, conv.scale, conv.no_offsets, bias,
        [1, 1], [0, 0], [1, conv.dilation], 1,  # stride, padding, dilation, groups
        1.0, 0, torch.float32, "none", [], "",  # the answer as it is
    )  # fmt: skip
    return made[0, :, 0].T
