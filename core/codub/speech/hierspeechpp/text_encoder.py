"""The text side: what each symbol asks of the latent, as a normal distribution, in the style of a voice."""

import math

from torch import Tensor, nn

from codub.speech.hierspeechpp.transformer import Transformer


class TextEncoder(nn.Module):
    """Two transformers, the style mixed in between them."""

    def __init__(self, symbols: int, channels: int, style: int = 256, layers: int = 3, kernel: int = 9) -> None:
        super().__init__()
        self.emb = nn.Embedding(symbols, channels)
        nn.init.normal_(self.emb.weight, 0.0, channels**-0.5)
        self.cond = nn.Conv1d(style, channels, 1)
        self.encoder = _transformer(channels, layers, kernel)
        self.encoder2 = _transformer(channels, layers, kernel)
        self.proj = nn.Conv1d(channels, 2 * channels, 1)

    def forward(self, tokens: Tensor, mask: Tensor, g: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The text's states, and the mean and log-scale of the latent in every symbol, each `(B, C, L)`.

        `tokens` `(B, L)`, `mask` `(B, 1, L)`, style `g` `(B, style, 1)`.
        """
        x = self.emb(tokens).transpose(1, 2) * math.sqrt(self.emb.embedding_dim)
        x = self.encoder(x, mask)
        x = self.encoder2(x + self.cond(g), mask)
        mean, log_scale = (self.proj(x) * mask).chunk(2, dim=1)
        return x, mean, log_scale


def _transformer(channels: int, layers: int, kernel: int) -> Transformer:
    return Transformer(channels, 4 * channels, heads=4, layers=layers, kernel=kernel, dropout=0.2)
