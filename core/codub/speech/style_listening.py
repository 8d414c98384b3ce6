"""What is heard of a style: pieces of lines, spoken in it, as the speaker encoder embeds them."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from codub.latent import EMBEDDED, SpeechLatent
from codub.speech.kokoro.voices import HALF
from codub.speech.model import Speech, Style

FloatArray = NDArray[np.float32]

VOICED = 10.0  # Hz
PIECE = 64  # latent vectors, 1.6 s: exactly one piece of the speaker network


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

    def stretch(self, vectors: int, random: torch.Generator) -> "Piece":
        """A stretch of `vectors` at a random place, the whole where it is not longer."""
        room = self.features.shape[-1] - vectors
        start = int(torch.randint(room + 1, (1,), generator=random)) if room > 0 else 0
        return self.window(start, vectors)

    @property
    def f0_hz(self) -> float | None:
        """Median F0 of the voiced values, None where none is."""
        voiced = self.f0[self.f0 > VOICED]
        return float(voiced.median()) if len(voiced) else None

    def at(self, f0_hz: float | None) -> "Piece":
        """The same melody with its median F0 at `f0_hz` (None: as it is)."""
        own = self.f0_hz
        return self if f0_hz is None or own is None else self.moved(f0_hz / own)

    def moved(self, factor: float) -> "Piece":
        """The same with its F0 multiplied where it is voiced."""
        return Piece(self.features, torch.where(self.f0 > VOICED, self.f0 * factor, self.f0), self.energy)


class Speaking(Protocol):
    """Gives a latent a voice, as a `Synthesizer` does."""

    def synthesize(self, latent: SpeechLatent, style: Style) -> Speech:
        """Waveform of the latent's duration, 24 kHz."""
        ...


class Hearing(Protocol):
    """Hears what a style sounds like."""

    def heard(self, piece: Piece, acoustic: FloatArray) -> FloatArray:
        """Unit embedding `(256,)` of the piece spoken in the acoustic style `(128,)`."""
        ...


@dataclass(frozen=True)
class Ear:
    """Hears what a style sounds like, without gradients; `network` embeds 16 kHz waves `(1, N)`."""

    speaking: Speaking
    network: nn.Module
    device: str = "cpu"

    @torch.no_grad()
    def heard(self, piece: Piece, acoustic: FloatArray) -> FloatArray:
        """Unit embedding `(256,)` of the piece spoken in the acoustic style `(128,)`."""
        features, f0, energy = (values[0].cpu().numpy() for values in (piece.features, piece.f0, piece.energy))
        latent = SpeechLatent(EMBEDDED, features, np.log1p(f0), energy, ())
        vector = np.concatenate([acoustic, np.zeros(HALF, np.float32)])  # the other half shaped the latent already
        wave = torch.from_numpy(self.speaking.synthesize(latent, Style(EMBEDDED, vector)).samples)[None]
        return np.asarray(self.network(to_speech_rate(wave).to(self.device))[0].cpu().numpy(), dtype=np.float32)


@dataclass(frozen=True)
class Listening:
    """How like the reference a style makes the decoder sound; differentiable.

    `decoder` takes features, F0, energy and acoustic style as Kokoro's does, and speaks at 24 kHz; `network` embeds
    16 kHz waves; `wanted` is the reference's embedding `(256,)`.
    """

    decoder: nn.Module
    network: nn.Module
    wanted: Tensor

    def heard(self, piece: Piece, acoustic: Tensor) -> Tensor:
        """Embedding `(256,)` of the piece spoken in the acoustic style `(128,)`."""
        wave = self.decoder(piece.features, piece.f0, piece.energy, acoustic[None])
        embedding: Tensor = self.network(to_speech_rate(wave))[0]
        return embedding

    def likeness(self, piece: Piece, acoustic: Tensor) -> Tensor:
        """Cosine between the reference and the piece spoken in the acoustic style."""
        return torch.dot(self.heard(piece, acoustic), self.wanted)


def to_speech_rate(waves: Tensor) -> Tensor:
    """Waves `(B, N)` at 24 kHz as `(B, 2 N / 3)` at 16 kHz, band-limited in the frequency domain; N divides by 3."""
    spectrum = torch.fft.rfft(waves)
    samples = waves.shape[1] * 2 // 3
    slower: Tensor = torch.fft.irfft(spectrum[:, : samples // 2 + 1], samples)
    return slower * (2 / 3)
