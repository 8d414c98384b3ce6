"""Layers whose gain and offset come from the speaker's style (StyleTTS 2's AdaIN family)."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

STYLE = 128  # numbers in each half of a style


class AdaptiveNorm(nn.Module):
    """Instance norm over time of `(B, C, T)`, then `(1 + gamma) x + beta` with gamma and beta from the style.

    Where lines of several lengths are a batch, `mask` `(B, 1, T)` is 1 within a line and 0 behind it: the norm heeds
    the line only, and is 0 behind it, which is what a convolution's own padding is.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc = nn.Linear(STYLE, 2 * channels)

    def forward(self, x: Tensor, style: Tensor, mask: Tensor | None = None) -> Tensor:
        """Styled values `(B, C, T)`; `style` is `(B, 128)`."""
        gamma, beta = self.fc(style)[:, :, None].chunk(2, dim=1)
        if mask is not None:
            count = mask.sum(dim=2, keepdim=True)
            mean = (x * mask).sum(dim=2, keepdim=True) / count
            variance = ((x - mean) * mask).square().sum(dim=2, keepdim=True) / count
            gain = (1 + gamma) * torch.rsqrt(variance + 1e-5)
            return torch.addcmul(beta - mean * gain, x, gain) * mask
        mean = x.mean(dim=2, keepdim=True)
        variance = (x - mean).square().mean(dim=2, keepdim=True)  # var_mean takes four times as long on a CPU
        gain = (1 + gamma) * torch.rsqrt(variance + 1e-5)
        return torch.addcmul(beta - mean * gain, x, gain)


class AdaptiveLayerNorm(nn.Module):
    """Layer norm over the channels of `(B, L, C)`, gain and offset from the style."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc = nn.Linear(STYLE, 2 * channels)
        self.channels = channels

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """Styled values `(B, L, C)`; `style` is `(B, 128)`."""
        gamma, beta = self.fc(style)[:, None].chunk(2, dim=2)
        normed = functional.layer_norm(x, (self.channels,))
        return torch.addcmul(beta, 1 + gamma, normed)


class ResidualBlock(nn.Module):
    """`(B, in, T)` to `(B, out, T)`, or `(B, out, 2 T)` where it doubles the rate; two styled convolutions."""

    def __init__(self, inputs: int, outputs: int, *, double: bool = False) -> None:
        super().__init__()
        self.norm1 = AdaptiveNorm(inputs)
        self.norm2 = AdaptiveNorm(outputs)
        self.conv1 = nn.Conv1d(inputs, outputs, 3, padding=1)
        self.conv2 = nn.Conv1d(outputs, outputs, 3, padding=1)
        self.conv1x1 = nn.Conv1d(inputs, outputs, 1, bias=False) if inputs != outputs else None
        self.pool = (
            nn.ConvTranspose1d(inputs, inputs, 3, stride=2, padding=1, output_padding=1, groups=inputs)
            if double
            else None
        )

    def forward(self, x: Tensor, style: Tensor, mask: Tensor | None = None) -> Tensor:
        """Sum of the residual and the shortcut, over the root of two; `mask` `(B, 1, T)` as a norm takes it."""
        residual = functional.leaky_relu(self.norm1(x, style, mask), 0.2)
        if self.pool is not None:
            residual = self.pool(residual)
            x = x.repeat_interleave(2, dim=2)
            mask = None if mask is None else mask.repeat_interleave(2, dim=2)
            residual = masked(residual, mask)
        residual = functional.leaky_relu(self.norm2(self.conv1(residual), style, mask), 0.2)
        shortcut = x if self.conv1x1 is None else self.conv1x1(x)
        output: Tensor = (self.conv2(residual) + shortcut) / math.sqrt(2)
        return output


class SnakeBlock(nn.Module):
    """Three residual pairs of styled convolutions with Snake activations, `(B, C, T)` to the same."""

    def __init__(self, channels: int, kernel: int, dilations: tuple[int, ...] = (1, 3, 5)) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(_same(channels, kernel, dilation) for dilation in dilations)
        self.convs2 = nn.ModuleList(_same(channels, kernel, 1) for _ in dilations)
        self.adain1 = nn.ModuleList(AdaptiveNorm(channels) for _ in dilations)
        self.adain2 = nn.ModuleList(AdaptiveNorm(channels) for _ in dilations)
        self.alpha1 = nn.ParameterList(torch.ones(1, channels, 1) for _ in dilations)
        self.alpha2 = nn.ParameterList(torch.ones(1, channels, 1) for _ in dilations)

    def forward(self, x: Tensor, style: Tensor, mask: Tensor | None = None) -> Tensor:
        """`x` plus what each pair adds to it; `mask` `(B, 1, T)` as a norm takes it."""
        for i in range(len(self.convs1)):
            inner = self.convs1[i](snake(self.adain1[i](x, style, mask), self.alpha1[i]))
            x = x + self.convs2[i](snake(self.adain2[i](inner, style, mask), self.alpha2[i]))
        return x


def within(lengths: Sequence[int] | None, x: Tensor) -> Tensor | None:
    """Mask `(B, 1, T)` of lines of these lengths in a batch `(B, C, T)`; None where all of it is line."""
    if lengths is None:
        return None
    places = torch.arange(x.shape[2], device=x.device)
    return (places < torch.tensor(lengths, device=x.device)[:, None]).to(x.dtype)[:, None]


def masked(x: Tensor, mask: Tensor | None) -> Tensor:
    """0 behind each line."""
    return x if mask is None else x * mask


def snake(x: Tensor, alpha: Tensor) -> Tensor:
    """`x + sin(alpha x)^2 / alpha` (Ziyin, Hartwig, Ueda 2020)."""
    return torch.addcmul(x, torch.sin(alpha * x).square(), alpha.reciprocal())


def _same(channels: int, kernel: int, dilation: int) -> nn.Conv1d:
    return nn.Conv1d(channels, channels, kernel, dilation=dilation, padding=dilation * (kernel - 1) // 2)
