"""Convolutions in bytes, for inference on a processor that multiplies them faster than floats.

Kokoro's published graph has its weights and its signals in 8 bits too, with one scale each. Here each output channel
has a scale of its own, and so has each input channel: signals are levelled so that a usual style uses the bytes of all
channels alike, which the weights make good. Each tile of time is levelled by itself: with the bounds of the whole line
the spectrum errs twice as much, and naturalness (DistillMOS) falls by 0.12.

oneDNN's convolution in bytes does 340 to 440 billion operations a second on one thread with VNNI (Zen 4), for 32 to 256
channels and 3, 7 and 11 taps, whatever the dilation.
"""

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from codub.speech.hierspeechpp.tiles import at_once
from codub.speech.kokoro.activations import Activation
from codub.speech.kokoro.passes import level, tally
from codub.speech.kokoro.rows import GRAIN, TILE, Rows, survey, tiles

TOP = 254.0  # levels between the lowest and the highest value; the lowest is written as less than one level
EVENNESS = 0.8  # how far channels are levelled to one range, 1: wholly; the rest goes to the weights' evenness


@dataclass(frozen=True)
class Entry:
    """What is done to a signal before a convolution: `activation(gain * x + shift)`, each channel its own."""

    gain: Tensor
    shift: Tensor
    activation: Activation


@dataclass(frozen=True)
class _Levels:
    """How values are written down in each of N tiles: as `passes.snake_to_bytes` takes it, `(N, 4, C)`; `zeros`
    `(N, C)`, the level of a 0; and what one level is, `steps` `(N,)`."""

    table: Tensor
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
        share /= share.mean()
        self._share = share.numpy()
        weight = weight * share[:, None]
        self.scale = weight.abs().amax(dim=(1, 2)).clamp(min=1e-12) / 127
        levels = torch.round(weight / self.scale[:, None, None])
        self.sums = levels.sum(dim=2) * self.scale[:, None]
        self.bias = torch.zeros(len(weight)) if plain.bias is None else plain.bias.detach()
        self.no_offsets = torch.zeros(len(weight), dtype=torch.int64)
        self.packed = _packed(levels.to(torch.int8), self.scale, self.dilation)

    def forward(self, x: Rows, entry: Entry, into: Tensor, beside: Tensor | None = None) -> Rows:
        """The answer `(T, out)`, written to `into`, with `beside` added where it is given, which may be `into` itself.

        Each tile is levelled by itself: a single burst would cost the whole line its levels, as channels reach 28
        standard deviations. Tiles are shared out among torch's threads, and come out alike whatever their number.
        """
        levels = self._levels(x, entry)
        steps, biases = levels.steps.tolist(), self.bias - levels.steps[:, None] * (levels.zeros @ self.sums.T)
        told = torch.empty(len(steps), 4, len(self.bias))

        def fill(place: slice) -> None:
            i = place.start // TILE
            lane = self._lane(x, place, entry.activation, levels.table[i], levels.zeros[i])
            tile = _convolved(lane, self, steps[i], biases[i])[: place.stop - place.start]
            room = into[place]
            if beside is None:
                room.copy_(tile)
            else:
                torch.add(tile, beside[place], out=room)
            tally(room.numpy(), told[i].numpy())  # while it is still in the cache

        at_once(fill, tiles(x.length))
        return Rows(into, survey(told, x.length))

    def _lane(self, x: Rows, place: slice, activation: Activation, table: Tensor, zeros: Tensor) -> Tensor:
        """What the convolution reads for a tile, in bytes, `(W + 2 reach, in)`; W is a multiple of `GRAIN`."""
        width = -(-(place.stop - place.start) // GRAIN) * GRAIN
        lane = torch.empty(width + 2 * self.reach, x.channels, dtype=torch.uint8)
        first, last = max(0, place.start - self.reach), min(x.length, place.stop + self.reach)
        before = self.reach - (place.start - first)
        after = before + last - first
        lane[:before] = zeros
        lane[after:] = zeros
        activation.to_bytes(x.values[first:last].numpy(), table.numpy(), lane[before:after].numpy())
        return lane

    def _levels(self, x: Rows, entry: Entry) -> _Levels:
        activation = entry.activation
        ends = activation.of(torch.addcmul(entry.shift, x.bounds(self.reach), entry.gain))
        low, high = ends.amin(dim=0), ends.amax(dim=0)  # a gain may be negative
        zeros, gains, steps = torch.empty_like(low), torch.empty_like(low), torch.empty(len(low))
        level(low.numpy(), high.numpy(), self._share, TOP, zeros.numpy(), gains.numpy(), steps.numpy())
        table = torch.empty(len(low), 4, x.channels)
        table[:, 0], table[:, 1] = activation.before * entry.gain, activation.before * entry.shift
        torch.mul(gains, activation.after, out=table[:, 2])
        torch.add(zeros, 0.5, out=table[:, 3])  # what is behind the point is cut off
        return _Levels(table, zeros, steps)


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
