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

TOP = 254.0  # levels between the lowest and the highest value; the lowest is written as less than one level
EVENNESS = 0.8  # how far channels are levelled to one range, 1: wholly; the rest goes to the weights' evenness
# Added to a whole number from 0 to 255, it brings that number to the last byte of a float32: the addition rounds, and
# no conversion is needed, which alone would take as long as two passes.
TO_BYTE = float(1 << 23)


@dataclass(frozen=True)
class Entry:
    """What is done to a signal before a convolution: `activation(gain * x + shift)`, each channel its own."""

    gain: Tensor
    shift: Tensor
    activation: Activation


@dataclass(frozen=True)
class _Levels:
    """How values are written down in each of N tiles.

    `core(gain * x + shift)` is what the channels share, `gains * core + offsets` the level as a float32 with the byte
    in its end; a 0 is the level `zeros`, which need not be whole. One level is `steps`.
    """

    gain: Tensor
    shift: Tensor
    gains: Tensor
    offsets: Tensor
    zeros: Tensor
    steps: Tensor


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
        levels = self._levels(x, entry)
        biases = self.bias - levels.steps[:, None] * (levels.zeros @ self.sums.T)
        core = entry.activation.core
        # Used again for every tile, these stay in the cache; the lane is read before the next tile is asked for.
        width = -(-x.width // GRAIN) * GRAIN + 2 * self.reach
        room = torch.empty(3, width, x.channels)
        lane = torch.empty(width, x.channels, dtype=torch.uint8)
        tiles = zip(x.spans, levels.gains, levels.offsets, levels.zeros, levels.steps.tolist(), biases, strict=True)
        for (start, end), gain, offset, zero, step, bias in tiles:
            first, last = max(0, start - self.reach), min(x.length, end + self.reach)
            before, count = self.reach - (start - first), last - first
            values = torch.addcmul(levels.shift, x.values[first:last], levels.gain, out=room[0, :count])
            core(values, room[1:, :count])
            torch.addcmul(offset, values, gain, out=values)
            lane[before : before + count].copy_(values.view(torch.int32))
            if before:
                lane[:before] = zero.round()
            if before + count < width:
                lane[before + count :] = zero.round()
            yield _convolved(lane, self, step, bias)[: end - start]

    def _levels(self, x: Rows, entry: Entry) -> _Levels:
        act = entry.activation
        ends = torch.addcmul(entry.shift, torch.stack(x.bounds(self.reach)), entry.gain)
        first = act.before * ends
        whole = act.period * torch.ceil(-first.amin(dim=(0, 1))) if act.period else torch.zeros(())
        made = act.of(ends)
        low = made.amin(dim=0).clamp_(max=0.0) / self.share
        high = made.amax(dim=0).clamp_(min=0.0) / self.share
        steps = (high - low).amax(dim=1).clamp_(min=1e-6) / TOP
        gains = act.after / (self.share * steps[:, None])
        offsets = torch.ceil(-low / steps[:, None] - gains * whole)
        zeros = offsets + gains * whole
        gain, shift = act.before * entry.gain, act.before * entry.shift + whole
        return _Levels(gain, shift, gains, offsets + TO_BYTE, zeros, steps)


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


@cache
def half() -> torch.dtype:
    """What is multiplied where bytes err too much: bfloat16 if this processor does it faster, else float32."""
    return torch.bfloat16 if torch.cpu.get_capabilities().get("avx512_bf16", False) else torch.float32


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
