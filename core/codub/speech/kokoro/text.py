"""Text encoder: what each symbol contributes to the sound, whoever says it."""

import torch
from torch import Tensor, nn


class TextEncoder(nn.Module):
    """Symbol numbers `(B, L)` to features `(B, 512, L)`; repeated by durations they are the `embedded` space."""

    def __init__(self, symbols: int = 178, channels: int = 512, kernel: int = 5, depth: int = 3) -> None:
        super().__init__()
        self.embedding = nn.Embedding(symbols, channels)
        self.cnn = nn.ModuleList(
            nn.Sequential(nn.Conv1d(channels, channels, kernel, padding=kernel // 2), ChannelNorm(channels))
            for _ in range(depth)
        )
        self.lstm: nn.Module = nn.LSTM(channels, channels // 2, batch_first=True, bidirectional=True)

    def forward(self, ids: Tensor) -> Tensor:
        """Features `(B, 512, L)` of symbol numbers `(B, L)`, pads included."""
        x = self.embedding(ids).transpose(1, 2)
        for block in self.cnn:
            x = nn.functional.leaky_relu(block(x), 0.2)
        output: Tensor = self.lstm(x.transpose(1, 2))[0]
        return output.transpose(1, 2)


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of `(B, C, L)`."""

    def forward(self, input: Tensor) -> Tensor:
        """Normalised values, same shape."""
        return super().forward(input.transpose(1, 2)).transpose(1, 2)


def repeat(values: Tensor, durations: Tensor) -> Tensor:
    """Columns of `(B, C, L)` repeated `durations` `(L,)` times each: `(B, C, sum)`; B is 1 or shares durations."""
    return torch.repeat_interleave(values, durations, dim=2)
