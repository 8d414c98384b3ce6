"""The waveform generator and the source network for inference."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.speech.hierspeechpp.amp import trio
from codub.speech.hierspeechpp.convolution import NormedTransposedConv1d
from codub.speech.hierspeechpp.fused_amp import FusedConv, FusedTrio
from codub.speech.hierspeechpp.fused_snake import FusedSnake
from codub.speech.hierspeechpp.generator import WaveformGenerator
from codub.speech.hierspeechpp.source import SourceNetwork
from codub.speech.hierspeechpp.synthesizer_size import PITCH_PER_FRAME, SAMPLES_PER_FRAME
from codub.speech.hierspeechpp.tiles import WHOLE, Chain, TileLayer, channels_last, chunks, tiled

CHUNK = 1000  # frames of a long line at a time: 20 s


class FusedUp(nn.Module):
    """A transposed convolution as one of width 3 whose channels, side by side in memory, are the new values in order.

    Every published one has `kernel - stride = 2 padding` and `kernel <= 2 stride + 1`, so three inputs make an output.
    """

    def __init__(self, plain: nn.Module, scale: float = 1.0) -> None:
        super().__init__()
        assert isinstance(plain, NormedTransposedConv1d)
        inputs, outputs, kernel = plain.weight_v.shape
        weight = plain.weight.detach() * scale
        stride = plain.stride
        taps = torch.zeros(stride, outputs, inputs, 3)
        for phase in range(stride):
            for tap in range(3):  # input n + tap - 1 reaches output n stride + phase
                place = phase + plain.padding - stride * (tap - 1)
                if 0 <= place < kernel:
                    taps[phase, :, :, tap] = weight[:, :, place].T
        stacked = taps.flatten(0, 1)[:, :, None].contiguous(memory_format=torch.channels_last)
        self.weight = nn.Parameter(stacked, requires_grad=False)
        self.bias = nn.Parameter(plain.bias.detach().repeat(stride), requires_grad=False)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """`(B, in, 1, W)` to `(B, out, 1, stride W)`, channels-last."""
        phases = functional.conv2d(x.to(self.weight.dtype), self.weight, self.bias, padding=(0, 1)).to(x.dtype)
        batch, channels, _, width = phases.shape
        values = phases.permute(0, 2, 3, 1).reshape(batch, 1, width * self.stride, channels // self.stride)
        return values.permute(0, 3, 1, 2)


class FusedStages(nn.Module):
    """Up-sampling stages, each a transposed convolution and the sum of three AMP blocks, and what follows the last."""

    def __init__(self, ups: nn.ModuleList, resblocks: nn.ModuleList, last: Sequence[TileLayer]) -> None:
        super().__init__()
        fused = [FusedUp(up, 1.0 if i == 0 else 1 / 3) for i, up in enumerate(ups)]
        trios = [FusedTrio(trio(resblocks, stage)) for stage in range(len(ups))]
        chains = [*(Chain([blocks]) for blocks in trios[:-1]), Chain([trios[-1], *last])]
        self.ups, self.chains = nn.ModuleList(fused), nn.ModuleList(chains)
        self.reach, rate = 0.0, 1  # input values on either side that an output value depends on
        for up, chain in zip(fused, chains, strict=True):
            self.reach += 1 / rate
            rate *= up.stride
            self.reach += chain.reach / rate

    def forward(self, x: Tensor, beside: Tensor | None = None) -> Tensor:
        """`(B, C, 1, W)` to the last layer's `(B, C', 1, n W)`; `beside` is added to the first stage's input."""
        for stage, (up, chain) in enumerate(zip(self.ups, self.chains, strict=True)):
            x = up(x)
            if stage == 0 and beside is not None:
                x = x.add_(beside)
            assert isinstance(chain, TileLayer)
            x = tiled(chain, x)
        return x


class FusedGenerator(nn.Module):
    """A `WaveformGenerator`: the same arguments, the same values."""

    def __init__(self, plain: WaveformGenerator) -> None:
        super().__init__()
        self.conv_pre = FusedConv(plain.conv_pre)
        self.cond = plain.cond
        self.residual_dense = FusedConv(plain.downs.residual_dense)
        downs = [FusedConv(conv) for conv in plain.downs.conv]
        self.downs = nn.ModuleList(downs)
        self.proj = FusedConv(plain.proj)
        last = [FusedSnake(plain.activation_post, 1 / 3), FusedConv(plain.conv_post)]
        self.stages = FusedStages(plain.ups, plain.resblocks, last)
        around = max(self.conv_pre.reach, sum(conv.reach for conv in downs))
        self.reach = math.ceil(around + self.stages.reach)

    def forward(self, latent: Tensor, pitch: Tensor, style: Tensor) -> Tensor:
        """Waveform `(B, 1, 320 T)`; latent `(B, 192, T)`, pitch `(B, 64, 4 T)`, style `(B, 256, 1)`."""
        frames = latent.shape[2]
        sound = latent.new_empty(len(latent), 1, frames * SAMPLES_PER_FRAME)
        for read, keep, place in chunks(frames, CHUNK, self.reach):
            part = self._part(latent[:, :, read], pitch[:, :, _times(read, PITCH_PER_FRAME)], style)
            sound[:, :, _times(place, SAMPLES_PER_FRAME)] = part[:, :, _times(keep, SAMPLES_PER_FRAME)]
        return sound

    def _part(self, latent: Tensor, pitch: Tensor, style: Tensor) -> Tensor:
        sung = channels_last(pitch)
        x = self.conv_pre(channels_last(latent), WHOLE).add_(self.cond(style)[:, :, None])
        sparse = channels_last(pitch[:, :, ::PITCH_PER_FRAME])
        x.add_(self.residual_dense(sparse, WHOLE))
        for conv in self.downs:
            sparse = conv(functional.leaky_relu(sparse, 0.1), WHOLE)
        sound: Tensor = self.stages(x.add_(sparse), self.proj(sung, WHOLE))
        return sound[:, :, 0].tanh_()


class FusedSource(nn.Module):
    """The part of a `SourceNetwork` that speaking needs, its pitch features: the same values."""

    def __init__(self, plain: SourceNetwork) -> None:
        super().__init__()
        self.conv_pre = FusedConv(plain.conv_pre)
        self.cond = plain.cond
        last = [FusedSnake(plain.activation_post, 1 / 3)]
        self.stages = FusedStages(plain.ups, plain.resblocks, last)

    def features(self, latent: Tensor, style: Tensor) -> Tensor:
        """`(B, 64, 4 T)` at 200 Hz; latent `(B, 192, T)`, style `(B, 256, 1)`."""
        x = self.conv_pre(channels_last(latent), WHOLE).add_(self.cond(style)[:, :, None])
        features: Tensor = self.stages(x)
        return features[:, :, 0]


def _times(part: slice, rate: int) -> slice:
    return slice(part.start * rate, part.stop * rate)
