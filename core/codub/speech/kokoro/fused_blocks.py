"""The decoder's blocks for inference, on rows and in bytes."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.speech.kokoro.activations import Activation, Leaky, Snake
from codub.speech.kokoro.blocks import AdaptiveNorm, ResidualBlock, SnakeBlock
from codub.speech.kokoro.byte_conv import ByteConv, Entry, half
from codub.speech.kokoro.rows import Rows, surveyed

USUAL = 12.0  # standard deviations: how far a channel usually goes to either side, within 10 s of speech


class StyledConv(nn.Module):
    """A styled norm, an activation and a convolution in bytes; `styles` `(N, 128)` are usual ones."""

    def __init__(self, norm: nn.Module, activation: Activation, conv: nn.Module, styles: Tensor) -> None:
        super().__init__()
        assert isinstance(norm, AdaptiveNorm)
        assert isinstance(conv, nn.Conv1d)
        self.norm, self.activation = norm, activation
        gamma, beta = norm.fc(styles).chunk(2, dim=1)
        reach = USUAL * (1 + gamma).abs()
        self.conv = ByteConv(conv, (activation.of(beta + reach) - activation.of(beta - reach)).mean(dim=0))

    def entry(self, x: Rows, style: Tensor) -> Entry:
        """What this style makes of a signal of those means and deviations; `style` is `(1, 128)`."""
        gamma, beta = self.norm.fc(style)[0].chunk(2)
        gain = (1 + gamma) / x.survey.deviation
        return Entry(gain, beta - x.survey.mean * gain, self.activation)

    def forward(self, x: Rows, style: Tensor, into: Tensor, beside: Tensor | None = None) -> Rows:
        """As `ByteConv`; `style` is `(1, 128)`."""
        made: Rows = self.conv(x, self.entry(x, style), into, beside)
        return made


class FusedSnakeBlock(nn.Module):
    """A `SnakeBlock`."""

    def __init__(self, plain: nn.Module, styles: Tensor) -> None:
        super().__init__()
        assert isinstance(plain, SnakeBlock)
        first = zip(plain.adain1, plain.alpha1, plain.convs1, strict=True)
        second = zip(plain.adain2, plain.alpha2, plain.convs2, strict=True)
        self.first = nn.ModuleList(StyledConv(norm, Snake(alpha), conv, styles) for norm, alpha, conv in first)
        self.second = nn.ModuleList(StyledConv(norm, Snake(alpha), conv, styles) for norm, alpha, conv in second)
        narrow = plain.convs1[0]
        assert isinstance(narrow, nn.Conv1d)
        self.inner = narrow.out_channels

    def forward(self, x: Rows, style: Tensor) -> Rows:
        """`x` stays as it is."""
        inner, made = torch.empty(x.length, self.inner), torch.empty_like(x.values)
        for first, second in zip(self.first, self.second, strict=True):
            x = second(first(x, style, inner), style, made, x.values)
        return x


class FusedResidualBlock(nn.Module):
    """A `ResidualBlock`; its shortcut stays in float32."""

    def __init__(self, plain: nn.Module, styles: Tensor) -> None:
        super().__init__()
        assert isinstance(plain, ResidualBlock)
        self.first = StyledConv(plain.norm1, Leaky(0.2), plain.conv1, styles)
        self.second = StyledConv(plain.norm2, Leaky(0.2), plain.conv2, styles)
        self.shortcut, self.pool = plain.conv1x1, plain.pool
        self.outputs = plain.conv2.out_channels

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """`(T, in)` to `(T, out)`, or `(2 T, out)`."""
        rows = surveyed(x)
        entry = self.first.entry(rows, style)
        if self.pool is not None:
            inner = entry.activation.of(torch.addcmul(entry.shift, x, entry.gain))
            rows = surveyed(self.pool(inner.T[None])[0].T.contiguous())
            entry = Entry(torch.ones(rows.channels), torch.zeros(rows.channels), Leaky(1.0))
        inner, made = torch.empty(rows.length, self.outputs), torch.empty(rows.length, self.outputs)
        self.second(self.first.conv(rows, entry, inner), style, made)
        short = x if self.shortcut is None else functional.linear(x, self.shortcut.weight[:, :, 0])
        if self.pool is not None:
            short = short.repeat_interleave(2, dim=0)
        return made.add_(short).mul_(1 / math.sqrt(2))


class FusedUp(nn.Module):
    """A leaky ReLU and a transposed convolution, `(T, in)` to `(stride T, out)`.

    It is a convolution of three taps whose outputs, side by side, are the new moments in order; `scale` multiplies the
    input. In bytes it would err by 4 %, more than a whole block: single channels reach 50 times the others. It is in
    bfloat16 where the processor multiplies that faster, which takes half the time.
    """

    def __init__(self, plain: nn.Module, slope: float, scale: float = 1.0) -> None:
        super().__init__()
        assert isinstance(plain, nn.ConvTranspose1d)
        assert plain.bias is not None
        weight = _three_taps(plain, scale)[:, :, None].to(half())
        self.weight = weight.contiguous(memory_format=torch.channels_last)
        self.bias = plain.bias.detach().repeat(plain.stride[0]).to(half())
        self.slope, self.outputs = slope, plain.out_channels

    def forward(self, x: Tensor) -> Tensor:
        """`x` stays as it is."""
        picture = functional.leaky_relu(x, self.slope).to(half()).T[None, :, None]
        made = functional.conv2d(picture, self.weight, self.bias, padding=(0, 1))[0, :, 0].T
        return made.to(x.dtype).reshape(-1, self.outputs)


def _three_taps(plain: nn.ConvTranspose1d, scale: float) -> Tensor:
    """Weights `(stride out, in, 3)` of the transposed convolution as one of stride 1, sorted by place in the stride."""
    inputs, outputs, kernel = plain.weight.shape
    stride, padding = plain.stride[0], int(plain.padding[0])
    assert kernel - stride == 2 * padding
    assert kernel <= 2 * stride + 1
    taps = torch.zeros(stride, outputs, inputs, 3)
    for phase in range(stride):
        for tap in range(3):  # input n + tap - 1 reaches output n stride + phase
            place = phase + padding - stride * (tap - 1)
            if 0 <= place < kernel:
                taps[phase, :, :, tap] = scale * plain.weight.detach()[:, :, place].T
    return taps.flatten(0, 1)
