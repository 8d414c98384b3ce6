"""A synthesized line put into its shot: at the sample, at the original's level, never over the ceiling."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import soxr
from numpy.typing import NDArray

from codub.media.loudness import PROGRAMME_TARGET, gain_to_match, limit_peaks, speech_level, true_peak
from codub.speech.model import Speech
from codub.timing import DELIVERY_RATE, samples_to_seconds, seconds_to_samples

FloatArray = NDArray[np.float32]

CEILING_DBTP = -2.0  # Netflix's ceiling for dubbed sound; EBU R128 allows -1
_SPEECH_FLOOR_LUFS = -45.0  # an "original" below this is room tone, not a line
_FADE_SECONDS = Fraction(5, 1000)


@dataclass(frozen=True)
class PlacedLine:
    """The sound of one dubbed line, as long as its window on the timeline, to the sample.

    `samples` float32 mono at `sample_rate`, silent but for the line. `start`, `end`: the window; `spoken_from`,
    `spoken_until`: the line itself; all seconds on the timeline, exact. `gain_db` is what the level match did,
    `limited_db` how far its highest peak had to come down (0: not at all), `lost` the seconds of the line that fell
    outside the window.
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
    limited = limit_peaks(faded, DELIVERY_RATE, CEILING_DBTP)
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
        limited_db=max(0.0, true_peak(faded, DELIVERY_RATE) - CEILING_DBTP),
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

    Without an original, or where it is silent, the line goes to EBU R128's programme loudness; a silent line stays.
    """
    wanted = -np.inf if original is None else speech_level(original.samples, original.sample_rate)
    reference = wanted if wanted > _SPEECH_FLOOR_LUFS else PROGRAMME_TARGET
    return gain_to_match(reference, speech_level(line.samples, line.sample_rate))


def _fade_ends(samples: FloatArray) -> FloatArray:
    count = min(seconds_to_samples(_FADE_SECONDS, DELIVERY_RATE), len(samples) // 2)
    if not count:
        return samples
    ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / count)).astype(np.float32)
    faded = samples.copy()
    faded[:count] *= ramp
    faded[-count:] *= ramp[::-1]
    return faded
