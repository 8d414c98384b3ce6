"""The network of DistillMOS (Stahl and Gamper 2025, "Distillation and pruning for scalable self-supervised
representation-based speech quality assessment"), variant 7: a spectrogram read by a CNN and a transformer.
"""

import torch
from torch import Tensor, nn

SEGMENT = 122_880  # samples at 16 kHz, 7.68 s: the one length it takes
_WINDOW, _HOP = 320, 160
_WIDTHS = (64, 64, 128, 256, 256, 256)
_FEATURES = 1024  # 256 channels of 4 bands that are left
_POSITIONS = 384
_MODEL = 200


class NaturalnessNetwork(nn.Module):
    """Segments `(B, SEGMENT)` of 16 kHz sound to mean opinion scores `(B,)` from 1 to 5.

    The names of the parameters are the published checkpoint's.
    """

    window: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.cnn = nn.ModuleDict({"cnn": _spectral_cnn()})
        self.transformer_pool_attn = _Reader()
        self.register_buffer("window", torch.hann_window(_WINDOW), persistent=False)

    def forward(self, segments: Tensor) -> Tensor:
        """Scores; a segment's level does not matter."""
        loudest = segments.abs().amax(dim=1, keepdim=True)
        spectrum = self._compressed_spectrum(segments / (loudest + 1e-8))
        features = self.cnn["cnn"](spectrum).flatten(1, 2)
        quality: Tensor = self.transformer_pool_attn(features.transpose(1, 2))
        return 1 + 4 * quality

    def _compressed_spectrum(self, waves: Tensor) -> Tensor:
        # Real and imaginary part with the magnitude to the power 0.3: (B, 2, bands, frames).
        edge = (_WINDOW - _HOP) // 2
        padded = nn.functional.pad(waves, (edge, edge), mode="reflect")
        spectrum = torch.stft(padded, _WINDOW, _HOP, window=self.window, center=False, return_complex=True)
        parts = torch.view_as_real(spectrum)
        magnitude = parts.square().sum(dim=-1, keepdim=True).sqrt().clamp(min=1e-12)
        return (magnitude**-0.7 * parts).permute(0, 3, 1, 2)


class _Reader(nn.Module):
    """Features `(B, frames, 1024)` to a quality from 0 to 1 `(B,)`."""

    def __init__(self) -> None:
        super().__init__()
        self.norm_input = nn.BatchNorm1d(_FEATURES)
        self.transformer = _Transformer()
        self.norm_trans = nn.BatchNorm1d(_MODEL)
        self.pool = _AttentivePool()

    def forward(self, features: Tensor) -> Tensor:
        x = self.norm_input(features.transpose(1, 2)).transpose(1, 2)
        x = self.transformer(x)
        x = self.norm_trans(x.transpose(1, 2)).transpose(1, 2)
        return torch.sigmoid(self.pool(x))


class _Transformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(_FEATURES)
        self.linear_proj = nn.Linear(_FEATURES, _MODEL)
        self.position_encoding = nn.ParameterDict({"pe": nn.Parameter(torch.zeros(1, _POSITIONS, _MODEL))})
        layer = nn.TransformerEncoderLayer(_MODEL, 8, 2 * _MODEL, dropout=0.0, batch_first=True)
        self.transformer_encoder = nn.TransformerEncoder(layer, 7, enable_nested_tensor=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.linear_proj(self.norm(x.transpose(1, 2)).transpose(1, 2))
        read: Tensor = self.transformer_encoder(x + self.position_encoding["pe"])
        return read


class _AttentivePool(nn.Module):
    """Weighted mean over time, `(B, frames, 200)` to `(B,)`."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = nn.Linear(_MODEL, 2 * _MODEL)
        self.linear2 = nn.Linear(2 * _MODEL, 1)
        self.linear3 = nn.Linear(_MODEL, 1)

    def forward(self, x: Tensor) -> Tensor:
        weight = torch.softmax(self.linear2(torch.relu(self.linear1(x))), dim=1)
        pooled: Tensor = self.linear3((weight * x).sum(dim=1))
        return pooled[:, 0]


def _spectral_cnn() -> nn.Sequential:
    layers: list[nn.Module] = []
    before = 2
    for i, width in enumerate(_WIDTHS):
        # Bands are halved from the second layer on, frames by the last one.
        stride = (1 if i == 0 else 2, 2 if i == len(_WIDTHS) - 1 else 1)
        layers += [nn.Conv2d(before, width, 3, stride=stride, padding=(0, 1)), nn.LeakyReLU(0.1)]
        before = width
    return nn.Sequential(*layers)
