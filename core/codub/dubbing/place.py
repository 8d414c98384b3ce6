"""A synthesized line put into its shot: at the sample, at the original's level, never over the ceiling."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pyloudnorm
import soxr
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d

from codub.speech.model import Speech
from codub.timing import DELIVERY_RATE, samples_to_seconds, seconds_to_samples

FloatArray = NDArray[np.float32]

DIALOGUE_LUFS = -23.0  # EBU R128: the level of a line that has no original to match
CEILING_DBTP = -2.0  # Netflix's ceiling for dubbed sound; EBU R128 allows -1
_SPEECH_FLOOR_LUFS = -45.0  # an "original" below this is room tone, not a line
_BLOCK_SECONDS = 0.4  # ITU-R BS.1770: the gating block
_FADE_SECONDS = Fraction(5, 1000)
_LIMITER_SECONDS = Fraction(5, 1000)  # look-ahead, and half the release
_OVERSAMPLING = 4  # ITU-R BS.1770, annex 2: true peak at four times 48 kHz


@dataclass(frozen=True)
class PlacedLine:
    """The sound of one dubbed line, as long as its window on the timeline, to the sample.

    `samples` float32 mono at `sample_rate`, silent but for the line. `start`, `end`: the window; `spoken_from`,
    `spoken_until`: the line itself; all seconds on the timeline, exact. `gain_db` is what the level match did,
    `limited_db` how far the limiter had to reach (0: not at all), `lost` the seconds of the line outside the window.
    """

    samples: FloatArray
    sample_rate: int
    start: Fraction
    end: Fraction
    spoken_from: Fraction
    spoken_until: Fraction
    gain_db: float
    limited_db: float
    lost: Fraction


def place_line(speech: Speech, *, start: Fraction, end: Fraction, at: Fraction, gain_db: float = 0.0) -> PlacedLine:
    """The line beginning at time `at`, in a file that covers [start, end) of the timeline at 48 kHz.

    Raises:
        ValueError: the window is empty.
    """
    count = seconds_to_samples(end - start, DELIVERY_RATE)
    if count <= 0:
        raise ValueError(f"the window from {start} s to {end} s is empty")
    line = to_delivery_rate(speech)
    first = seconds_to_samples(at - start, DELIVERY_RATE)
    head, tail = max(0, -first), max(0, min(len(line), count - first))
    inside = line[head:tail]
    faded = _fade_ends(inside * np.float32(10 ** (gain_db / 20)))
    limited, limited_db = limit_peaks(faded, CEILING_DBTP)
    samples = np.zeros(count, dtype=np.float32)
    samples[first + head : first + head + len(limited)] = limited
    begin = start + samples_to_seconds(first, DELIVERY_RATE)
    return PlacedLine(
        samples=samples,
        sample_rate=DELIVERY_RATE,
        start=start,
        end=end,
        spoken_from=max(begin, start),
        spoken_until=min(begin + samples_to_seconds(len(line), DELIVERY_RATE), end),
        gain_db=gain_db,
        limited_db=limited_db,
        lost=samples_to_seconds(len(line) - len(inside), DELIVERY_RATE),
    )


def to_delivery_rate(speech: Speech) -> FloatArray:
    """The waveform at 48 kHz, exactly as long (to the nearest sample) as it was."""
    resampled = soxr.resample(speech.samples, speech.sample_rate, DELIVERY_RATE, quality="VHQ")
    wanted = seconds_to_samples(samples_to_seconds(len(speech.samples), speech.sample_rate), DELIVERY_RATE)
    exact = np.zeros(wanted, dtype=np.float32)
    exact[: min(wanted, len(resampled))] = resampled[:wanted]
    return exact


def match_gain(line: Speech, original: Speech | None) -> float:
    """Gain in dB that makes the line as loud as the original one (gated loudness, ITU-R BS.1770).

    Without an original, or where it is silent, the line goes to `DIALOGUE_LUFS`; a silent line stays as it is.
    """
    own = _loudness(line)
    if own == -np.inf:
        return 0.0
    wanted = -np.inf if original is None else _loudness(original)
    return (wanted if wanted > _SPEECH_FLOOR_LUFS else DIALOGUE_LUFS) - own


def limit_peaks(samples: FloatArray, ceiling_dbtp: float) -> tuple[FloatArray, float]:
    """The waveform (48 kHz) with no true peak above the ceiling, and the deepest reduction in dB.

    A look-ahead limiter: the gain that each peak needs, held and smoothed over the look-ahead on both sides, so that
    it never clips and never steps.
    """
    ceiling = 10 ** (ceiling_dbtp / 20)
    peaks = _true_peaks(samples)
    if not len(samples) or peaks.max() <= ceiling:
        return samples, 0.0
    reach = seconds_to_samples(_LIMITER_SECONDS, DELIVERY_RATE)
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, ceiling))
    held = minimum_filter1d(np.pad(needed, reach, mode="edge"), 2 * reach + 1)
    window = np.hanning(2 * reach + 3)[1:-1]
    gain = np.convolve(held, window / window.sum(), mode="valid")
    limited = (samples * gain).astype(np.float32)
    # A moving gain may leave a few hundredths of a dB between two samples; the ceiling is a promise.
    over = float(_true_peaks(limited).max()) / ceiling
    if over > 1:
        limited /= np.float32(over)
    return limited, float(-20 * np.log10(gain.min() / max(over, 1.0)))


def true_peak(samples: FloatArray) -> float:
    """Highest true peak of a 48 kHz waveform in dBTP; -inf for silence."""
    highest = float(_true_peaks(samples).max(initial=0.0))
    return float(20 * np.log10(highest)) if highest else -np.inf


def _true_peaks(samples: FloatArray) -> NDArray[np.float64]:
    """Per sample, the largest magnitude of the continuous wave within a sample's reach."""
    if not len(samples):
        return np.zeros(0)
    padded = np.pad(samples, 64)  # the interpolator rings past the ends
    fine = soxr.resample(padded, DELIVERY_RATE, _OVERSAMPLING * DELIVERY_RATE, quality="VHQ")
    fine = np.abs(fine[: _OVERSAMPLING * len(padded)]).reshape(len(padded), _OVERSAMPLING).max(axis=1)
    near: NDArray[np.float64] = np.maximum(fine, np.maximum(np.roll(fine, 1), np.abs(padded))).astype(np.float64)
    return near[64:-64]


def _loudness(sound: Speech) -> float:
    samples = sound.samples.astype(np.float64)
    shortest = int(np.ceil(_BLOCK_SECONDS * sound.sample_rate)) + 1
    if len(samples) < shortest:  # a word shorter than a gating block: repeat it, silence would dilute it
        if not len(samples):
            return float(-np.inf)
        samples = np.tile(samples, -(-shortest // len(samples)))
    if not samples.any():
        return float(-np.inf)
    return float(pyloudnorm.Meter(sound.sample_rate, block_size=_BLOCK_SECONDS).integrated_loudness(samples))


def _fade_ends(samples: FloatArray) -> FloatArray:
    count = min(seconds_to_samples(_FADE_SECONDS, DELIVERY_RATE), len(samples) // 2)
    if not count:
        return samples
    ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / count)).astype(np.float32)
    faded = samples.copy()
    faded[:count] *= ramp
    faded[-count:] *= ramp[::-1]
    return faded
