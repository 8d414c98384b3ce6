"""Residual block of HiFi-GAN, type 1 (Kong, Kim, Bae 2020)."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from codub.speech.hierspeechpp.convolution import NormedConv1d

SLOPE = 0.1  # of the leaky rectifiers


class ResidualBlock(nn.Module):
    """Pairs of convolutions, dilated and not, each pair added to what it was given; `(B, C, T)` stays that shape."""

    def __init__(self, channels: int, kernel: int, dilations: Sequence[int] = (1, 3, 5)) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(NormedConv1d(channels, channels, kernel, dilation=d) for d in dilations)
        self.convs2 = nn.ModuleList(NormedConv1d(channels, channels, kernel) for _ in dilations)

    def forward(self, x: Tensor) -> Tensor:
        """`x` plus what each pair adds to it."""
        for dilated, plain in zip(self.convs1, self.convs2, strict=True):
            inner = dilated(functional.leaky_relu(x, SLOPE))
            x = x + plain(functional.leaky_relu(inner, SLOPE))
        return x
