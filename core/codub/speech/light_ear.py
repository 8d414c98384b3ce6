"""The light ear: a small wav2vec 2.0, distilled from what Whisper and the adapter hear, in Whisper's place."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import Wav2Vec2Config, Wav2Vec2Model

from codub.speech.whisper import log_mel
from codub.timing import SPEECH_RATE

BANDS = 64
WINDOW = 400  # samples of the first convolution
KERNELS, STRIDES = (WINDOW, 8, 3), (40, 4, 2)
SEEN = WINDOW + 7 * STRIDES[0] + 2 * STRIDES[0] * STRIDES[1]  # samples that one state is made of
LOWEST, HIGHEST = 60.0, 7600.0  # Hz


class LightEar(nn.Module):
    """Sound to hidden states at 50 Hz, by transformers' own wav2vec 2.0 with three convolutions of its seven.

    The first convolution begins as a bank of filters, a cosine and a sine a band, so that training need not find out
    that sound has frequencies; the second begins as the mean over their rectified swings.
    """

    def __init__(self, *, width: int = 256, layers: int = 6, bands: int = BANDS) -> None:
        super().__init__()
        self.shape = {"width": width, "layers": layers, "bands": bands}
        config = Wav2Vec2Config(
            hidden_size=width,
            num_hidden_layers=layers,
            num_attention_heads=max(1, width // 64),
            intermediate_size=4 * width,
            conv_dim=(2 * bands, width, width),
            conv_kernel=KERNELS,
            conv_stride=STRIDES,
            num_conv_pos_embeddings=64,
            num_conv_pos_embedding_groups=max(1, width // 16),
            feat_extract_norm="group",
            layerdrop=0.0,
            hidden_dropout=0.0,
            attention_dropout=0.0,
            activation_dropout=0.0,
            feat_proj_dropout=0.0,
            apply_spec_augment=False,
        )
        self.network = Wav2Vec2Model(config)
        convolutions: Any = self.network.feature_extractor.conv_layers
        first, second = (layer.conv for layer in convolutions[:2])
        with torch.no_grad():
            first.weight.copy_(filters(bands)[:, None])
            for band in range(min(2 * bands, width)):
                second.weight[band] *= 0.1
                second.weight[band, band] += torch.hann_window(KERNELS[1] + 2, periodic=False)[1:-1] / 2

    def states(self, samples: Tensor) -> Tensor:
        """Hidden states `(B, N, width)` of 16 kHz sound `(B, samples)`; state k stands at k / 50 s, as Whisper's do."""
        level = samples.std(dim=1, keepdim=True).clamp(min=1e-5)
        padded = nn.functional.pad(samples / level, (SEEN // 2, SEEN // 2))
        states: Tensor = self.network(padded).last_hidden_state
        return states

    def forward(self, samples: Tensor) -> tuple[Tensor, Tensor]:
        """Hidden states `(N, width)`, 50 a second, and log-mel `(80, M)`, 100 a second, of sound `(samples,)`."""
        return self.states(samples[None])[0], log_mel(samples)


def filters(bands: int) -> Tensor:
    """Windowed cosines and sines `(2 bands, WINDOW)` at frequencies that the mel scale spaces evenly."""
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (LOWEST, HIGHEST))
    hertz = 700 * (10 ** (np.linspace(low, high, bands) / 2595) - 1)
    phase = 2 * np.pi * hertz[:, None] * (np.arange(WINDOW) - WINDOW / 2) / SPEECH_RATE
    bank = np.concatenate([np.cos(phase), np.sin(phase)]) * np.hanning(WINDOW)
    return torch.from_numpy((bank / np.linalg.norm(bank, axis=1, keepdims=True)).astype(np.float32))
