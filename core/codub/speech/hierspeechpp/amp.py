"""BigVGAN's AMP blocks: residual convolutions with anti-aliased snakes between them, and the mean of several."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from codub.speech.hierspeechpp.convolution import NormedConv1d
from codub.speech.hierspeechpp.snake import AntiAliasedSnake

DILATIONS = (1, 3, 5)


class AmpBlock(nn.Module):
    """Three pairs of activation and convolution added to `(B, C, T)`, the first of each pair dilated by 1, 3, 5."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(_same(channels, kernel, dilation) for dilation in DILATIONS)
        self.convs2 = nn.ModuleList(_same(channels, kernel, 1) for _ in DILATIONS)
        self.activations = nn.ModuleList(AntiAliasedSnake(channels) for _ in range(2 * len(DILATIONS)))

    def forward(self, x: Tensor) -> Tensor:
        """`(B, C, T)`."""
        for i in range(len(DILATIONS)):
            inner = self.convs1[i](self.activations[2 * i](x))
            x = x + self.convs2[i](self.activations[2 * i + 1](inner))
        return x


def mean_of(blocks: Sequence[nn.Module], x: Tensor) -> Tensor:
    """What blocks of several kernels make of the same `(B, C, T)`, averaged."""
    return torch.stack([block(x) for block in blocks]).mean(dim=0)


def trio(blocks: nn.ModuleList, stage: int, count: int = 3) -> list[nn.Module]:
    """The blocks of one stage; a state dict numbers them through all stages."""
    return list(blocks)[count * stage : count * (stage + 1)]


def _same(channels: int, kernel: int, dilation: int) -> NormedConv1d:
    return NormedConv1d(channels, channels, kernel, dilation=dilation)
