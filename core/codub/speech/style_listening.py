"""What the fit of a style hears: pieces of lines, spoken in a style, as the speaker encoder embeds them."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from codub.speech.equaliser import amplitudes
from codub.timing import SPEECH_RATE


@dataclass(frozen=True)
class Listening:
    """How like the reference a style makes the decoder sound; differentiable.

    `decoder` takes features, F0, energy and acoustic style as Kokoro's does, and speaks at 24 kHz; `network` embeds
    16 kHz waves; `wanted` is the reference's embedding `(256,)`, `gains` the equaliser's `(40,)` that the sound gets.
    """

    decoder: nn.Module
    network: nn.Module
    wanted: Tensor
    gains: NDArray[np.float32] | None = None

    def heard(self, piece: "Piece", acoustic: Tensor) -> Tensor:
        """Embedding `(256,)` of the piece spoken in the acoustic style `(128,)`."""
        wave = to_speech_rate(self.decoder(piece.features, piece.f0, piece.energy, acoustic[None]))
        embedding: Tensor = self.network(wave if self.gains is None else filtered(wave, self.gains))[0]
        return embedding

    def likeness(self, piece: "Piece", acoustic: Tensor) -> Tensor:
        """Cosine between the reference and the piece spoken in the acoustic style."""
        return torch.dot(self.heard(piece, acoustic), self.wanted)


@dataclass(frozen=True)
class Piece:
    """What the decoder speaks besides the style: features `(1, 512, T)`, F0 in Hz and energy `(1, 2 T)`."""

    features: Tensor
    f0: Tensor
    energy: Tensor

    def window(self, start: int, vectors: int) -> "Piece":
        """The stretch of `vectors` from `start` on."""
        curve = slice(2 * start, 2 * (start + vectors))
        return Piece(self.features[..., start : start + vectors], self.f0[:, curve], self.energy[:, curve])


def to_speech_rate(waves: Tensor) -> Tensor:
    """Waves `(B, N)` at 24 kHz as `(B, 2 N / 3)` at 16 kHz, band-limited in the frequency domain; N divides by 3."""
    spectrum = torch.fft.rfft(waves)
    samples = waves.shape[1] * 2 // 3
    slower: Tensor = torch.fft.irfft(spectrum[:, : samples // 2 + 1], samples)
    return slower * (2 / 3)


def filtered(waves: Tensor, gains: NDArray[np.float32]) -> Tensor:
    """Waves `(B, N)` at 16 kHz with the equaliser's gains; differentiable, else as `equaliser.equalised`."""
    hertz = np.arange(waves.shape[1] // 2 + 1, dtype=np.float64) * (SPEECH_RATE / waves.shape[1])
    factors = amplitudes(gains, hertz)
    spectrum = torch.fft.rfft(waves) * torch.from_numpy(factors).to(waves)
    louder: Tensor = torch.fft.irfft(spectrum, waves.shape[1])
    return louder
