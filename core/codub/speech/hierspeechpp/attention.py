"""Self-attention over `(B, C, T)`, with learned relative positions where a window is given (Shaw et al. 2018)."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

FORBIDDEN = -1e4  # logit of a masked place


class SelfAttention(nn.Module):
    """Multi-head self-attention; `window` places on either side have learned keys and values of their own.

    Outside the window the relative terms are zero, they are not clipped to its ends.
    """

    def __init__(self, channels: int, heads: int, *, window: int | None = None, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads = heads
        self.window = window
        width = channels // heads
        if window is not None:
            self.emb_rel_k = nn.Parameter(torch.randn(1, 2 * window + 1, width) * width**-0.5)
            self.emb_rel_v = nn.Parameter(torch.randn(1, 2 * window + 1, width) * width**-0.5)
        self.conv_q = nn.Conv1d(channels, channels, 1)
        self.conv_k = nn.Conv1d(channels, channels, 1)
        self.conv_v = nn.Conv1d(channels, channels, 1)
        self.conv_o = nn.Conv1d(channels, channels, 1)
        self.drop = nn.Dropout(dropout)
        for conv in (self.conv_q, self.conv_k, self.conv_v):
            nn.init.xavier_uniform_(conv.weight)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`x` `(B, C, T)`, `mask` `(B, 1, T)`; masked places neither ask nor answer."""
        query, key, value = (self._heads(conv(x)) for conv in (self.conv_q, self.conv_k, self.conv_v))
        query = query / math.sqrt(query.shape[-1])
        logits = query @ key.transpose(2, 3)
        if self.window is not None:
            logits = logits + band_to_square(query @ self.emb_rel_k.transpose(1, 2), self.window)
        pairs = mask[:, :, :, None] * mask[:, :, None, :]
        weights = self.drop(functional.softmax(logits.masked_fill(pairs == 0, FORBIDDEN), dim=-1))
        mixed = weights @ value
        if self.window is not None:
            mixed = mixed + square_to_band(weights, self.window) @ self.emb_rel_v
        output: Tensor = self.conv_o(mixed.transpose(2, 3).flatten(1, 2))
        return output

    def _heads(self, x: Tensor) -> Tensor:
        """`(B, C, T)` to `(B, heads, T, C / heads)`."""
        return x.reshape(len(x), self.heads, -1, x.shape[-1]).transpose(2, 3)


def band_to_square(band: Tensor, window: int) -> Tensor:
    """`(..., T, 2 window + 1)` by offset to `(..., T, T)` by place, zero outside the window."""
    length = band.shape[-2]
    span = 2 * window + 1
    # Rows of T + span values, laid out again as rows of T + span - 1, each start one place later than the last.
    flat = functional.pad(band, (0, length)).flatten(-2)[..., : length * (length + span - 1)]
    return flat.reshape(*band.shape[:-1], length + span - 1)[..., window : window + length]


def square_to_band(square: Tensor, window: int) -> Tensor:
    """`(..., T, T)` by place to `(..., T, 2 window + 1)` by offset, zero beyond the ends."""
    length = square.shape[-1]
    span = 2 * window + 1
    flat = functional.pad(functional.pad(square, (window, window)).flatten(-2), (0, length))
    return flat.reshape(*square.shape[:-1], length + span)[..., :span]
