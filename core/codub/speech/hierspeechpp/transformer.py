"""A post-norm transformer over `(B, C, T)` with windowed relative positions and convolutions for its feed-forward."""

from torch import Tensor, nn

from codub.speech.hierspeechpp.attention import SelfAttention
from codub.speech.hierspeechpp.norm import ChannelNorm

WINDOW = 4  # places on either side with learned relative positions


class Transformer(nn.Module):
    """`layers` times: attention, added and normalised; feed-forward, added and normalised."""

    def __init__(self, channels: int, inner: int, heads: int, layers: int, kernel: int, dropout: float) -> None:
        super().__init__()
        self.attn_layers = nn.ModuleList(
            SelfAttention(channels, heads, window=WINDOW, dropout=dropout) for _ in range(layers)
        )
        self.norm_layers_1 = nn.ModuleList(ChannelNorm(channels) for _ in range(layers))
        self.ffn_layers = nn.ModuleList(FeedForward(channels, inner, kernel, dropout) for _ in range(layers))
        self.norm_layers_2 = nn.ModuleList(ChannelNorm(channels) for _ in range(layers))
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`x` `(B, C, T)`, `mask` `(B, 1, T)`; masked places come out as zero."""
        x = x * mask
        layers = zip(self.attn_layers, self.norm_layers_1, self.ffn_layers, self.norm_layers_2, strict=True)
        for attend, norm1, feed, norm2 in layers:
            x = norm1(x + self.drop(attend(x, mask)))
            x = norm2(x + self.drop(feed(x, mask)))
        return x * mask


class FeedForward(nn.Module):
    """Two convolutions over time with a rectifier between them."""

    def __init__(self, channels: int, inner: int, kernel: int, dropout: float) -> None:
        super().__init__()
        self.conv_1 = nn.Conv1d(channels, inner, kernel, padding=kernel // 2)
        self.conv_2 = nn.Conv1d(inner, channels, kernel, padding=kernel // 2)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`(B, C, T)` to the same shape; `mask` `(B, 1, T)`."""
        inner = self.drop(self.conv_1(x * mask).relu())
        output: Tensor = self.conv_2(inner * mask) * mask
        return output
