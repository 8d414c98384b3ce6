"""The anti-aliased SnakeBeta activation of BigVGAN, as written: up by two, snake, down by two.

A snake makes overtones without end; those above half the rate would fold back into the band. So it works at twice the
rate, between two 12-tap low-pass filters. `fused_snake.py` computes the same in a quarter of the time or less.
Source: Lee, Ping, Ginsburg, Catanzaro, Yoon 2023 (BigVGAN), sections 3.2 and 3.3.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

TAPS = 12
_CUTOFF = 0.25  # of the doubled rate: the original band's edge
_HALF_WIDTH = 0.3  # of the transition band; the Kaiser window's beta follows
_TINY = 1e-9  # the published code's guard in the denominator


def low_pass() -> Tensor:
    """Kaiser-windowed sinc `(1, 1, 12)` that sums to 1, for both directions."""
    attenuation = 2.285 * (TAPS // 2 - 1) * torch.pi * 4 * _HALF_WIDTH + 7.95
    beta = 0.1102 * (attenuation - 8.7)  # Kaiser's rule above 50 dB
    window = torch.kaiser_window(TAPS, periodic=False, beta=beta)
    times = torch.arange(TAPS) - (TAPS - 1) / 2
    taps = 2 * _CUTOFF * window * torch.sinc(2 * _CUTOFF * times)
    return (taps / taps.sum()).view(1, 1, TAPS)


class SnakeBeta(nn.Module):
    """`x + sin(x exp(alpha))^2 / exp(beta)`, a frequency and a size for each channel of `(B, C, T)`."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """`(B, C, T)`."""
        frequency = self.alpha.exp()[None, :, None]
        size = 1.0 / (self.beta.exp()[None, :, None] + _TINY)
        return x + size * torch.sin(x * frequency).square()


class _Upsample(nn.Module):
    """`(B, C, T)` to `(B, C, 2 T)`; the edge values go on beyond the ends."""

    filter: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("filter", low_pass())

    def forward(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        padded = functional.pad(x, (5, 5), mode="replicate")
        doubled = 2 * functional.conv_transpose1d(
            padded, self.filter.expand(channels, -1, -1), stride=2, groups=channels
        )
        return doubled[:, :, 15:-15]


class _LowPass(nn.Module):
    filter: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("filter", low_pass())

    def forward(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        padded = functional.pad(x, (5, 6), mode="replicate")
        return functional.conv1d(padded, self.filter.expand(channels, -1, -1), stride=2, groups=channels)


class _Downsample(nn.Module):
    """`(B, C, 2 T)` to `(B, C, T)`."""

    def __init__(self) -> None:
        super().__init__()
        self.lowpass = _LowPass()

    def forward(self, x: Tensor) -> Tensor:
        halved: Tensor = self.lowpass(x)
        return halved


class AntiAliasedSnake(nn.Module):
    """SnakeBeta on `(B, C, T)` at twice the rate, of the same shape; reaches five values to either side."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.act = SnakeBeta(channels)
        self.upsample = _Upsample()
        self.downsample = _Downsample()

    def forward(self, x: Tensor) -> Tensor:
        """`(B, C, T)`."""
        activated: Tensor = self.downsample(self.act(self.upsample(x)))
        return activated
