"""An equaliser whose gains move: what each moment of a sound gets, by what is said there."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from codub.speech.equaliser import log_amplitudes

FloatArray = NDArray[np.float32]
Doubles = NDArray[np.float64]

_HOP = 0.01  # s from frame to frame
_WINDOW = 4  # hops
_RINGS = 1  # hops that a frame may ring before and after: the narrowest band's response is 10 ms long


def equalised_over_time(samples: FloatArray, sample_rate: int, gains: Doubles, gains_rate: float) -> FloatArray:
    """Sound with gains in dB `(T, 40)` that follow one another `gains_rate` times a second; as long, not moved in time.

    Between two of them the gains go over in dB, before the first and after the last they stay. Overlapped frames, each
    filtered with zero phase.
    """
    if not len(samples):
        return samples
    hop = round(_HOP * sample_rate)
    window, whole = _WINDOW * hop, (_WINDOW + 2 * _RINGS) * hop
    count = -(-len(samples) // hop) + _WINDOW - 1
    padded = np.zeros((count + _WINDOW - 1) * hop, np.float32)
    padded[window - hop :][: len(samples)] = samples
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    buffers = np.zeros((count, whole), np.float32)
    buffers[:, _RINGS * hop : -_RINGS * hop] = frames * _window(window).astype(np.float32)
    middles = (np.arange(count) - _WINDOW / 2 + 1) * hop / sample_rate
    factors = amplitudes_over_time(gains, middles * gains_rate - 0.5, whole, sample_rate).astype(np.float32)
    pieces = irfft(rfft(buffers, axis=1) * factors, whole, axis=1)
    summed = np.zeros((count + _WINDOW + 2 * _RINGS - 1, hop), np.float32)
    for k in range(_WINDOW + 2 * _RINGS):
        summed[k : k + count] += pieces[:, k * hop : (k + 1) * hop]
    start = window - hop + _RINGS * hop
    return np.asarray(summed.reshape(-1)[start : start + len(samples)], dtype=np.float32)


def amplitudes_over_time(gains: Doubles, at: Doubles, whole: int, sample_rate: int) -> Doubles:
    """Factors `(frames, F)` on the bins of transforms of `whole` samples, of gains in dB at places `at` among them."""
    below = np.clip(np.floor(at).astype(np.int64), 0, len(gains) - 1)
    share = np.clip(at - below, 0.0, 1.0)[:, None]
    above = np.minimum(below + 1, len(gains) - 1)
    moving = (1 - share) * gains[below] + share * gains[above]
    return np.asarray(np.exp(moving @ _to_bins(whole, sample_rate)))


@cache
def _to_bins(whole: int, sample_rate: int) -> Doubles:
    """What a dB of each band adds to the logarithm of each bin's amplitude, `(40, F)`."""
    return log_amplitudes(np.fft.rfftfreq(whole, 1 / sample_rate))


def _window(length: int) -> Doubles:
    """Half of Hann's, periodic: shifted by quarters of its length it sums to 1."""
    return 0.25 - 0.25 * np.cos(2 * np.pi * np.arange(length) / length)
