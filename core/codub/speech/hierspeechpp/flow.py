"""Normalizing flow of mean-only couplings whose means come from diffusion-transformer blocks.

Couplings after Dinh et al. 2017, blocks after Peebles and Xie 2023 (adaptive layer norm, zero at the start) with a
convolution in the feed-forward. Shifts alone change no volume: the log-determinant is zero.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

COUPLINGS, BLOCKS, KERNEL = 4, 3, 5


class CouplingFlow(nn.Module):
    """Four couplings with the channels turned round after each; invertible for any mask and style."""

    def __init__(self, channels: int, heads: int, style: int = 256, dropout: float = 0.1) -> None:
        super().__init__()
        self.cond_block = nn.Sequential(nn.Linear(style, 4 * channels), nn.SiLU(), nn.Linear(4 * channels, channels))
        steps: list[nn.Module] = []
        for _ in range(COUPLINGS):
            steps += [Coupling(channels, heads, dropout), Reversal()]
        self.flows = nn.ModuleList(steps)

    def forward(self, x: Tensor, mask: Tensor, g: Tensor, *, reverse: bool = False) -> Tensor:
        """`x` `(B, C, T)`, `mask` `(B, 1, T)`, style `g` `(B, style, 1)`; `reverse` undoes the forward direction."""
        condition = self.cond_block(g.squeeze(2))
        for step in reversed(self.flows) if reverse else self.flows:
            x = step(x, mask, condition, reverse)
        return x


class Reversal(nn.Module):
    """The channels in opposite order."""

    def forward(self, x: Tensor, mask: Tensor, condition: Tensor, reverse: bool) -> Tensor:
        """`(B, C, T)` to the same shape."""
        return x.flip(1)


class Coupling(nn.Module):
    """The second half of the channels shifted by a mean that the first half gives."""

    def __init__(self, channels: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.pre = nn.Conv1d(channels // 2, channels, 1)
        self.enc_block = nn.ModuleList(ModulatedBlock(channels, heads, dropout) for _ in range(BLOCKS))
        self.post = nn.Conv1d(channels, channels // 2, 1)
        self._start_as_identity()

    def _start_as_identity(self) -> None:
        """The published initialisation: blocks that add nothing yet (their gates are zero), a shift of zero."""
        for name, values in self.named_parameters():
            if values.dim() == 1 or name.startswith("post.") or ".adaLN_modulation." in name:
                nn.init.zeros_(values)
            else:
                nn.init.xavier_uniform_(values)

    def forward(self, x: Tensor, mask: Tensor, condition: Tensor, reverse: bool) -> Tensor:
        """`x` `(B, C, T)`, `condition` `(B, C)`."""
        kept, moved = x.chunk(2, dim=1)
        mean = self.mean(kept, mask, condition)
        moved = (moved - mean) * mask if reverse else mean + moved * mask
        return torch.cat((kept, moved), dim=1)

    def mean(self, kept: Tensor, mask: Tensor, condition: Tensor) -> Tensor:
        """The shift `(B, C / 2, T)`."""
        inner, places = (self.pre(kept) * mask).transpose(1, 2), mask.transpose(1, 2)
        for block in self.enc_block:
            inner = block(inner, places, condition)
        shift: Tensor = self.post(inner.transpose(1, 2)) * mask
        return shift


class ModulatedBlock(nn.Module):
    """Attention and a convolving feed-forward over `(B, T, C)`, shifted, scaled and gated by the condition.

    As published, the attention has no mask: padded places answer, so a padded batch differs from single lines.
    """

    def __init__(self, channels: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(channels, elementwise_affine=False, eps=1e-6)
        self.attn = FusedAttention(channels, heads)
        self.norm2 = nn.LayerNorm(channels, elementwise_affine=False, eps=1e-6)
        self.mlp = ConvFeedForward(channels, dropout)
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(channels, 6 * channels))

    def forward(self, x: Tensor, mask: Tensor, condition: Tensor) -> Tensor:
        """`x` `(B, T, C)`, `mask` `(B, T, 1)`, `condition` `(B, C)`."""
        shift1, scale1, gate1, shift2, scale2, gate2 = self.adaLN_modulation(condition)[:, None].chunk(6, dim=2)
        x = x * mask
        x = x + gate1 * self.attn(self.norm1(x) * mask * (1 + scale1) + shift1) * mask
        output: Tensor = x + gate2 * self.mlp(self.norm2(x) * (1 + scale2) + shift2, mask)
        return output


class FusedAttention(nn.Module):
    """Multi-head self-attention over `(B, T, C)`, without a mask."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """`(B, T, C)` to the same shape."""
        query, key, value = self.qkv(x).reshape(*x.shape[:2], 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        output: Tensor = self.proj(mixed.transpose(1, 2).flatten(2))
        return output


class ConvFeedForward(nn.Module):
    """A convolution over time to four times the channels, and back by a pointwise one; `(B, T, C)`."""

    def __init__(self, channels: int, dropout: float) -> None:
        super().__init__()
        self.fc1 = nn.Conv1d(channels, 4 * channels, KERNEL, padding=KERNEL // 2)
        self.fc2 = nn.Conv1d(4 * channels, channels, 1)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`(B, T, C)` to the same shape, `mask` `(B, T, 1)`."""
        places = mask.transpose(1, 2)
        inner = self.drop(functional.gelu(self.fc1(x.transpose(1, 2)), approximate="tanh"))
        output: Tensor = self.drop(self.fc2(inner * places) * places).transpose(1, 2)
        return output
