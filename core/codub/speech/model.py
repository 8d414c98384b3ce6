"""What a voice model is: three small protocols and the values between them."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from codub.latent import LatentSpace, SpeechLatent


@dataclass(frozen=True)
class Style:
    """How a speaker sounds, in the terms of one voice model.

    `vector` is the model's style (`embedded`: 256 = 128 acoustic + 128 prosody, float32), `f0_factor` scales the
    predicted F0 in Hz, `origin` says in words where it came from, `similarity` is the speaker encoder's cosine to
    the reference (None where none was measured).
    """

    space: LatentSpace
    vector: NDArray[np.float32]
    f0_factor: float = 1.0
    origin: str = ""
    similarity: float | None = None


@dataclass(frozen=True)
class PhonemeLine:
    """One line as the voice model reads it: IPA symbols in order, spaces and punctuation among them."""

    text: str
    language: str
    symbols: tuple[str, ...]


@dataclass(frozen=True)
class Fit:
    """How a line's predicted length was fitted to its window; all in seconds.

    `natural` is the length the model would take, `wanted` the window, `spoken` what was made; `scale` is the factor
    on sounding phonemes (0.8 to 1.25), `excess` how much longer than the window the line still is (0 if it fits),
    and `syllables_over` how many syllables should go to make it fit.
    """

    natural: float
    wanted: float
    spoken: float
    scale: float
    excess: float = 0.0
    syllables_over: int = 0


@dataclass(frozen=True)
class SpokenLine:
    """A latent with the account of how it was fitted in time."""

    latent: SpeechLatent
    fit: Fit


@dataclass(frozen=True)
class Speech:
    """A mono waveform float32 in [-1, 1]; it lasts exactly as long as the latent it was cut from."""

    samples: NDArray[np.float32]
    sample_rate: int


class TextToVec(Protocol):
    """Predicts what a line sounds like: text and style in, `SpeechLatent` out."""

    space: LatentSpace

    def speak(self, line: PhonemeLine, style: Style, window: float | None, seed: int) -> SpokenLine:
        """Latent of the line, fitted to `window` seconds (None: the natural pace)."""
        ...


class SpeechEncoder(Protocol):
    """Brings real sound into the space that the TTV predicts."""

    space: LatentSpace

    def encode(self, samples: NDArray[np.float32]) -> SpeechLatent:
        """Latent of 16 kHz mono float32 sound, `origin` "sound"."""
        ...


class Synthesizer(Protocol):
    """Gives a latent a voice."""

    space: LatentSpace
    sample_rate: int

    def synthesize(self, latent: SpeechLatent, style: Style) -> Speech:
        """Waveform of exactly the latent's duration."""
        ...
