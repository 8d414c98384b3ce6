"""The joint space: `SpeechLatent` is the one value in which voice and picture meet."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from codub.errors import LatentSpaceError

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class LatentSpace:
    """A named space of speech features.

    `rate` is feature vectors per second, `f0_rate` values of ln-F0 and energy per second; both in Hz.
    """

    name: str
    channels: int
    rate: Fraction
    f0_rate: Fraction


# Aligned text features of Kokoro-82M (StyleTTS 2 family); 25 ms a vector.
EMBEDDED = LatentSpace("embedded", channels=512, rate=Fraction(40), f0_rate=Fraction(80))
# Residual stream after layer 7 of mms-300m, the space of HierSpeech++'s TTV; 20 ms a vector.
HIERSPEECHPP = LatentSpace("hierspeechpp", channels=1024, rate=Fraction(50), f0_rate=Fraction(200))

SPACES = {space.name: space for space in (EMBEDDED, HIERSPEECHPP)}

SILENCE = ""
SILENT_ENERGY = -9.2  # where nothing sounds in the `embedded` space: what its model predicts before the first sound


@dataclass(frozen=True)
class PhonemeSpan:
    """One phoneme (IPA; `SILENCE` for a pause) with its start and end in seconds from the latent's start."""

    phoneme: str
    start: float
    end: float

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.end - self.start


@dataclass(frozen=True)
class SpeechLatent:
    """What is said and how, before it has a voice or a face.

    features  `(C, T)` float32 at `space.rate`
    log_f0    `(F,)` float32 at `space.f0_rate`, ln(F0 in Hz + 1), 0 where unvoiced
    energy    `(F,)` float32 at `space.f0_rate`, in the space's own unit
    spans     phonemes in order, without gaps, covering the whole duration
    origin    "text" (predicted by a TTV) or "sound" (a speech encoder heard it)
    """

    space: LatentSpace
    features: FloatArray
    log_f0: FloatArray
    energy: FloatArray
    spans: tuple[PhonemeSpan, ...]
    origin: Literal["text", "sound"] = "text"

    def __post_init__(self) -> None:
        if self.features.ndim != 2 or self.features.shape[0] != self.space.channels:
            raise LatentSpaceError(
                f"Features of shape {self.features.shape} are not of the space '{self.space.name}'.",
                cause=f"That space has {self.space.channels} channels.",
            )
        expected = self.features.shape[1] * self.space.f0_rate / self.space.rate
        for name, values in (("log_f0", self.log_f0), ("energy", self.energy)):
            if values.shape != (int(expected),):
                raise LatentSpaceError(f"{name} has shape {values.shape}, expected ({int(expected)},).")

    @property
    def duration(self) -> Fraction:
        """Length in seconds, exact."""
        return Fraction(self.features.shape[1]) / self.space.rate

    def require(self, space: LatentSpace) -> None:
        """Refuse to be used by a model that was trained for another space.

        Raises:
            LatentSpaceError: this latent lives in another space than `space`.
        """
        if self.space != space:
            raise LatentSpaceError(
                f"A latent of the space '{self.space.name}' was given to a model of '{space.name}'.",
                cause="A face or voice model is trained for one space.",
                fix="Use the voice and the face of one profile.",
            )

    def windows(self, times: NDArray[np.float64], width: int) -> FloatArray:
        """Features round each time, `(N, C, width)`, linearly interpolated at the space's own rate.

        Vector t covers [t, t + 1) / rate, so its value stands at its middle. Times in seconds from the latent's
        start; `width` vectors centred on each time, spaced 1 / rate; beyond the ends the edge vectors repeat.
        Any picture rate works, because frames ask by time and never by index.
        """
        offsets = np.arange(width) - (width - 1) / 2
        position = np.asarray(times)[:, None] * float(self.space.rate) - 0.5 + offsets[None]
        position = np.clip(position, 0, self.features.shape[1] - 1)
        low = np.floor(position).astype(np.int64)
        high = np.minimum(low + 1, self.features.shape[1] - 1)
        weight = (position - low).astype(np.float32)
        window = self.features[:, low] * (1 - weight) + self.features[:, high] * weight
        return np.ascontiguousarray(window.transpose(1, 0, 2), dtype=np.float32)

    def spans_between(self, start: float, end: float) -> tuple[PhonemeSpan, ...]:
        """Phonemes that overlap the interval, in seconds from the latent's start."""
        return tuple(span for span in self.spans if span.start < end and span.end > start)
