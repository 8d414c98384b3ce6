"""Prosody side: how long each symbol lasts, and the F0 and energy of the line in a given style."""

import torch
from torch import Tensor, nn

from codub.speech.kokoro.blocks import STYLE, AdaptiveLayerNorm, ResidualBlock
from codub.speech.kokoro.text import repeat

WIDTH = 512
LONGEST = 50  # 25 ms frames that one symbol can take at normal speed: one sigmoid each


class DurationEncoder(nn.Module):
    """Text with style mixed in, `(B, L, 640)`: LSTMs and styled norms in turn, the style joined on before each."""

    def __init__(self, depth: int = 3) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for _ in range(depth):
            layers += [_lstm(), AdaptiveLayerNorm(WIDTH)]
        self.lstms = nn.ModuleList(layers)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """`(B, L, 512)` to `(B, L, 640)`; the last 128 channels are the style."""
        constant = style[:, None].expand(-1, x.shape[1], -1)
        x = torch.cat((x, constant), dim=2)
        for lstm, norm in zip(self.lstms[::2], self.lstms[1::2], strict=True):
            x = torch.cat((norm(lstm(x)[0], style), constant), dim=2)
        return x


class ProsodyPredictor(nn.Module):
    """Durations, F0 and energy from ALBERT's reading of the symbols and the prosody half of the style."""

    def __init__(self) -> None:
        super().__init__()
        self.text_encoder = DurationEncoder()
        self.lstm: nn.Module = _lstm()
        self.duration_proj = nn.ModuleDict({"linear_layer": nn.Linear(WIDTH, LONGEST)})
        self.shared: nn.Module = _lstm()
        self.F0 = _curve()
        self.N = _curve()
        self.F0_proj = nn.Conv1d(WIDTH // 2, 1, 1)
        self.N_proj = nn.Conv1d(WIDTH // 2, 1, 1)

    def durations(self, encoded: Tensor) -> Tensor:
        """Expected frames `(B, L)` of each symbol, not rounded; `encoded` is the duration encoder's `(B, L, 640)`."""
        return torch.sigmoid(self.duration_proj["linear_layer"](self.lstm(encoded)[0])).sum(dim=2)

    def timed(self, encoded: Tensor, durations: Tensor) -> Tensor:
        """What F0 and energy are read from: `(B, 512, T)` for whole-frame durations `(L,)`."""
        repeated = repeat(encoded.transpose(1, 2), durations).transpose(1, 2)
        x: Tensor = self.shared(repeated)[0].transpose(1, 2)
        return x

    def f0(self, x: Tensor, style: Tensor) -> Tensor:
        """F0 in Hz (about 0 where unvoiced), `(B, 2 T)` at 80 Hz."""
        for block in self.F0:
            x = block(x, style)
        f0: Tensor = self.F0_proj(x)[:, 0]
        return f0

    def energy(self, x: Tensor, style: Tensor) -> Tensor:
        """Energy `(B, 2 T)` at 80 Hz."""
        for block in self.N:
            x = block(x, style)
        energy: Tensor = self.N_proj(x)[:, 0]
        return energy


class Prosody(nn.Module):
    """ALBERT, its projection and the predictor: everything that reads a line before it sounds."""

    def __init__(self, symbols: int = 178) -> None:
        super().__init__()
        self.bert = _albert(symbols)
        self.bert_encoder = nn.Linear(768, WIDTH)
        self.predictor = ProsodyPredictor()

    def forward(self, ids: Tensor, style: Tensor) -> Tensor:
        """Encoded line `(B, L, 640)` of symbol numbers `(B, L)` in the prosody style `(B, 128)`."""
        hidden = self.bert(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
        encoded: Tensor = self.predictor.text_encoder(self.bert_encoder(hidden), style)
        return encoded


def _albert(symbols: int) -> nn.Module:
    from transformers import AlbertConfig, AlbertModel

    settings = AlbertConfig(
        vocab_size=symbols,
        embedding_size=128,
        hidden_size=768,
        num_attention_heads=12,
        intermediate_size=2048,
        max_position_embeddings=512,
        num_hidden_layers=12,
    )
    model: nn.Module = AlbertModel(settings, add_pooling_layer=False)
    return model


def _lstm() -> nn.LSTM:
    return nn.LSTM(WIDTH + STYLE, WIDTH // 2, batch_first=True, bidirectional=True)


def _curve() -> nn.ModuleList:
    half = WIDTH // 2
    return nn.ModuleList(
        (ResidualBlock(WIDTH, WIDTH), ResidualBlock(WIDTH, half, double=True), ResidualBlock(half, half))
    )
