"""What the fit of a style hears: pieces of lines, spoken in a style, as the speaker encoder embeds them."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from codub.speech.accent import accented
from codub.speech.equaliser import amplitudes
from codub.speech.kokoro.voices import HALF, stock_voices
from codub.speech.model import Style
from codub.speech.style import voice_space
from codub.timing import SPEECH_RATE

Doubles = NDArray[np.float64]

# A fit hears sounds that yield less to the natives than a dub's (`accent.YIELD`). With as much, what the style changes
# is hardly heard there, and it wanders: five people, DistillMOS of English lines 4.22 for 4.42, SECS 0.816 both times.
FITTED_YIELD = 0.01


@dataclass(frozen=True)
class Listening:
    """How like the reference a style makes the decoder sound; differentiable.

    `decoder` takes what Kokoro's does, articulation included, and speaks at 24 kHz; `network` embeds
    16 kHz waves; `wanted` is the reference's embedding `(256,)`, `gains` the equaliser's `(40,)` that the sound gets.
    """

    decoder: nn.Module
    network: nn.Module
    wanted: Tensor
    gains: NDArray[np.float32] | None = None

    def heard(self, piece: "Piece", acoustic: Tensor) -> Tensor:
        """Embedding `(256,)` of the piece spoken in the acoustic style `(128,)`."""
        formed = None if piece.forming is None else piece.forming.articulation(acoustic)[None]
        told = (piece.features, piece.f0, piece.energy, acoustic[None])
        wave = to_speech_rate(self.decoder(*told, articulation=formed))
        embedding: Tensor = self.network(wave if self.gains is None else filtered(wave, self.gains))[0]
        return embedding

    def likeness(self, piece: "Piece", acoustic: Tensor) -> Tensor:
        """Cosine between the reference and the piece spoken in the acoustic style."""
        return torch.dot(self.heard(piece, acoustic), self.wanted)


@dataclass(frozen=True)
class Forming:
    """With what a language forms its sounds while the style moves: an articulation, affine in the acoustic style."""

    slope: Tensor
    shift: Tensor

    def articulation(self, acoustic: Tensor) -> Tensor:
        """The acoustic style `(128,)` of all before the generator, of the voice's acoustic style `(128,)`."""
        return acoustic @ self.slope + self.shift


def forming(language: str, style: Style, device: str = "cpu") -> Forming | None:
    """How `accent.accented` lets the language's sounds be formed, of styles among the stock voices; None: as they are.

    It is read off that: in the middle of the stock voices, and one standard deviation along each of their axes.
    """
    if accented(style, language, yielding=FITTED_YIELD).articulation is None:
        return None
    space = voice_space(np.stack(list(stock_voices().values())))
    middle = _articulation(space.centre, style, language)
    moved = np.stack([_articulation(space.centre + axis, style, language) for axis in space.axes]) - middle
    slope = np.linalg.pinv(space.axes) @ moved
    shift = middle - space.centre @ slope
    return Forming(*(torch.from_numpy(values.astype(np.float32)).to(device) for values in (slope, shift)))


def _articulation(acoustic: Doubles, style: Style, language: str) -> Doubles:
    vector = np.concatenate([acoustic, style.vector[HALF:]]).astype(np.float32)
    formed = accented(replace(style, vector=vector), language, yielding=FITTED_YIELD)
    return np.asarray(formed.articulation, dtype=np.float64)


@dataclass(frozen=True)
class Piece:
    """What the decoder speaks besides the style: features `(1, 512, T)`, F0 in Hz and energy `(1, 2 T)`.

    `forming` is the language's; None: its sounds are formed with the voice's own acoustic style.
    """

    features: Tensor
    f0: Tensor
    energy: Tensor
    forming: Forming | None = None

    def window(self, start: int, vectors: int) -> "Piece":
        """The stretch of `vectors` from `start` on."""
        curve = slice(2 * start, 2 * (start + vectors))
        part = self.features[..., start : start + vectors]
        return replace(self, features=part, f0=self.f0[:, curve], energy=self.energy[:, curve])


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
