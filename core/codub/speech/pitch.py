"""The pitch of a voice: YIN (de Cheveigné and Kawahara 2002), frame by frame, in NumPy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codub.timing import SPEECH_RATE

FloatArray = NDArray[np.float32]

LOWEST, HIGHEST = 60.0, 400.0  # Hz
HOP = 160  # samples, 10 ms
WINDOW = 400  # samples that are compared, 25 ms: one and a half periods of the lowest voice
APERIODICITY = 0.15  # of the best lag; above it a frame is unvoiced
FLOOR_DB = -35.0  # below the loudest frames: breath, reverberation, hiss
MIN_VOICED = 10  # frames; fewer say nothing about a voice


@dataclass(frozen=True)
class PitchRange:
    """Where a voice speaks: its median F0 in Hz, and how far ln F0 goes from its 10th to its 90th percentile."""

    median_hz: float
    extent: float


def track_f0(samples: FloatArray) -> FloatArray:
    """F0 in Hz at 100 values/s of 16 kHz mono sound, 0 where unvoiced."""
    longest = int(SPEECH_RATE / LOWEST) + 2
    if len(samples) < WINDOW + longest:
        return np.zeros(0, np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), WINDOW + longest)[::HOP]
    deviation = _normalised_difference(frames, longest)
    shortest = int(SPEECH_RATE / HIGHEST)
    f0 = np.zeros(len(frames), np.float32)
    for i in np.flatnonzero(_loud(frames)):
        lag = _first_dip(deviation[i], shortest)
        if lag:
            f0[i] = SPEECH_RATE / lag
    return f0


def median_f0(samples: FloatArray) -> float | None:
    """Median F0 in Hz of the voiced frames, None where hardly anything is voiced."""
    found = pitch_range(samples)
    return None if found is None else found.median_hz


def pitch_range(samples: FloatArray) -> PitchRange | None:
    """Median and extent of F0 in the voiced frames, None where hardly anything is voiced."""
    f0 = track_f0(samples)
    voiced = f0[f0 > 0]
    if len(voiced) < MIN_VOICED:
        return None
    lowest, middle, highest = np.percentile(voiced, (10, 50, 90))
    return PitchRange(float(middle), float(np.log(highest / lowest)))


def _normalised_difference(frames: NDArray[np.float64], longest: int) -> NDArray[np.float64]:
    # Equations 6 and 8: squared difference to the frame shifted by each lag, over its mean up to that lag.
    size = 1 << (frames.shape[1] + WINDOW - 1).bit_length()
    spectrum = np.fft.rfft(frames, size)
    head = np.fft.rfft(frames[:, :WINDOW], size)
    correlation = np.fft.irfft(spectrum * head.conj(), size)[:, : longest + 1]
    power = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    shifted = power[:, WINDOW : WINDOW + longest + 1] - power[:, : longest + 1]
    difference = np.maximum(shifted[:, :1] + shifted - 2 * correlation, 0)
    lags = np.arange(1, longest + 1)
    mean = np.cumsum(difference[:, 1:], axis=1) / lags
    normalised = np.ones_like(difference)
    normalised[:, 1:] = difference[:, 1:] / np.maximum(mean, 1e-12)
    return normalised


def _first_dip(deviation: NDArray[np.float64], shortest: int) -> float:
    # The first lag whose dip is deep enough, at its bottom, refined by a parabola; 0 where there is none.
    below = np.flatnonzero(deviation[shortest:-1] < APERIODICITY)
    if not below.size:
        return 0.0
    lag = int(below[0]) + shortest
    while lag + 2 < len(deviation) and deviation[lag + 1] < deviation[lag]:
        lag += 1
    before, at, after = deviation[lag - 1 : lag + 2]
    curvature = before - 2 * at + after
    return lag + (0.5 * (before - after) / curvature if curvature > 0 else 0.0)


def _loud(frames: NDArray[np.float64]) -> NDArray[np.bool_]:
    power = (frames**2).mean(axis=1)
    loudest = np.percentile(power, 95)
    return np.asarray((power > loudest * 10 ** (FLOOR_DB / 10)) & (power > 1e-8))
