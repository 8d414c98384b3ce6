"""A stack of gated convolutions with a skip sum (WaveNet, van den Oord et al. 2016), conditioned on a style."""

import torch
from torch import Tensor, nn

from codub.speech.hierspeechpp.convolution import NormedConv1d


class WaveNet(nn.Module):
    """`(B, C, T)` to the sum of what every layer contributes, `(B, C, T)`; no dilation."""

    def __init__(self, channels: int, kernel: int, layers: int, style: int = 256, dropout: float = 0.0) -> None:
        super().__init__()
        self.in_layers = nn.ModuleList(NormedConv1d(channels, 2 * channels, kernel) for _ in range(layers))
        # The last layer has no residual half: nothing follows it.
        widths = [2 * channels] * (layers - 1) + [channels]
        self.res_skip_layers = nn.ModuleList(NormedConv1d(channels, width, 1) for width in widths)
        self.cond_layer = NormedConv1d(style, 2 * channels * layers, 1)
        self.drop = nn.Dropout(dropout)
        self.channels = channels

    def forward(self, x: Tensor, mask: Tensor, g: Tensor) -> Tensor:
        """`x` `(B, C, T)`, `mask` `(B, 1, T)`, the style `g` `(B, style, 1)`."""
        conditions = self.cond_layer(g).chunk(len(self.in_layers), dim=1)
        total = torch.zeros_like(x)
        for enter, leave, condition in zip(self.in_layers, self.res_skip_layers, conditions, strict=True):
            value, gate = (enter(x) + condition).chunk(2, dim=1)
            left = leave(self.drop(torch.tanh(value) * torch.sigmoid(gate)))
            total = total + left[:, -self.channels :]
            if left.shape[1] > self.channels:
                x = (x + left[:, : self.channels]) * mask
        return total * mask
