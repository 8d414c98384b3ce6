"""What state a sound is in before anybody is heard in it: speech, noise, clipping, music.

Measured on 17 utterances of LibriSpeech test-other, alone and with noise or made-up music (chords, pads, a tune over
drums) mixed in at known levels:

    steadiness    speech -0.02 to 0.07, with noise at 0 to 20 dB -0.01 to 0.05; music 0.53 to 0.84, under the speech at
                  0 dB 0.21 to 0.52, at 10 dB 0.10 to 0.34, at 20 dB 0.04 to 0.23
    loudness span speech 23 to 51 dB; with noise at 20 dB 21 to 28, at 10 dB 15 to 19, at 5 dB 11 to 14, at 0 dB 6 to 10
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from codub.speech.activity import Interval, speech_intervals
from codub.timing import SPEECH_RATE

FloatArray = NDArray[np.float32]

FULL_SCALE = 0.985  # resampled flat tops stay below 1
MUSICAL = 0.12  # steadiness above which something holds its tones longer than speech does
SPAN = 18.0  # dB of loudness span below which speech does not stand out from what surrounds it

_WINDOW, _HOP = 1024, 256  # samples: 64 ms, every 16 ms
_LATER = 16  # hops, 256 ms: harmonics of speech have moved by then, held tones have not
_LOWEST, _HIGHEST = 3, 257  # bins, 47 Hz to 4 kHz
_SMOOTH = 13  # bins, 200 Hz: what is wider is a formant or a filter, not a harmonic
_LOUD = 1e-3  # of the power of the loudest frames
_LOUDNESS_WINDOW, _LOUDNESS_HOP = 400, 160  # samples, 25 ms and 10 ms


@dataclass(frozen=True)
class SoundCondition:
    """Measures of one sound.

    `speech` holds the stretches of speech; `clipped` is the share of all samples at full scale; `span_db` is how far
    the loud parts (95th percentile of 25 ms) stand above the quiet ones (10th); `steadiness` from about 0 to 1 says how
    much the harmonics stay where they are for a quarter of a second, None where the sound is too short to tell.
    """

    seconds: float
    speech: tuple[Interval, ...]
    clipped: float
    span_db: float
    steadiness: float | None

    @property
    def speech_seconds(self) -> float:
        """How long somebody speaks."""
        return sum(interval.duration for interval in self.speech)

    @property
    def musical(self) -> bool:
        """Whether something holds its tones as only music does."""
        return self.steadiness is not None and self.steadiness > MUSICAL

    @property
    def noisy(self) -> bool:
        """Whether the loud parts hardly stand above the quiet ones."""
        return self.span_db < SPAN


def condition(samples: FloatArray, speech: Sequence[Interval] | None = None) -> SoundCondition:
    """The state of 16 kHz mono sound; `speech`: its stretches of speech, where they are known already."""
    found = speech_intervals(samples) if speech is None else speech
    clipped = float(np.mean(np.abs(samples) >= FULL_SCALE)) if samples.size else 0.0
    return SoundCondition(
        len(samples) / SPEECH_RATE, tuple(found), clipped, loudness_span(samples), steadiness(samples)
    )


def loudness_span(samples: FloatArray) -> float:
    """95th over 10th percentile of the power of 25 ms frames, in dB; 0 for less than ten of them."""
    frames = _frames(samples, _LOUDNESS_WINDOW, _LOUDNESS_HOP)
    if len(frames) < 10:
        return 0.0
    power = 10 * np.log10((frames.astype(np.float64) ** 2).mean(axis=1) + 1e-10)
    return float(np.percentile(power, 95) - np.percentile(power, 10))


def steadiness(samples: FloatArray) -> float | None:
    """Mean correlation of the spectra's fine structure, below 4 kHz, with itself a quarter of a second later."""
    frames = _frames(samples, _WINDOW, _HOP)
    if len(frames) <= 2 * _LATER:
        return None
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW), axis=1))[:, _LOWEST:_HIGHEST]
    logarithm = np.log(spectrum + 1e-4 * max(float(spectrum.max()), 1e-9))
    fine = logarithm - uniform_filter1d(logarithm, _SMOOTH, axis=1)
    fine /= np.linalg.norm(fine, axis=1, keepdims=True) + 1e-9
    power = (spectrum**2).sum(axis=1)
    loud = np.minimum(power[:-_LATER], power[_LATER:]) > _LOUD * np.percentile(power, 95)
    if not loud.any():
        return None
    return float((fine[:-_LATER] * fine[_LATER:]).sum(axis=1)[loud].mean())


def _frames(samples: FloatArray, length: int, hop: int) -> FloatArray:
    if len(samples) < length:
        return np.zeros((0, length), np.float32)
    return np.lib.stride_tricks.sliding_window_view(samples, length)[::hop]
