"""Loudness of speech and of programmes (ITU-R BS.1770), gain to match, and a true-peak limit."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from codub.media.audio import Samples

PROGRAMME_TARGET = -23.0  # LUFS, EBU R128
TRUE_PEAK_CEILING = -1.0  # dBTP, EBU R128

_BLOCK, _STEP = 0.4, 0.1  # s: gating blocks of BS.1770-4, overlapping by 75 %
_SHORTEST = 0.4  # s that BS.1770 can measure
_ABSOLUTE_GATE, _RELATIVE_GATE = -70.0, -10.0  # LUFS, LU
_OVERSAMPLING = 4  # BS.1770-4 annex 2
_PEAK_CONTEXT = 256  # samples beside a block that the oversampling filter sees
_LOOK_AHEAD = 0.005  # s over which the limiter's gain moves
_SILENT = 1e-12  # power that the filter's tail and rounding leave of silence: -120 LUFS
_MAX_GAIN = 30.0  # dB: a level further off is a mistake, not a level


@dataclass(frozen=True)
class Loudness:
    """What was measured of a sound: gated loudness in LUFS and true peak in dBTP, -inf for silence."""

    integrated: float
    true_peak: float


def speech_level(samples: Samples, rate: int) -> float:
    """Level of the speech in a mono piece in LUFS; pauses do not count (BS.1770 gating); -inf where there is silence.

    A piece shorter than 0.4 s is one block by itself.
    """
    if samples.ndim != 1:
        raise ValueError(f"mono samples are wanted, got {samples.shape}")
    if not np.any(samples):
        return -inf
    weighted = _KWeighting(rate, 1)(samples[:, None])
    step = round(_STEP * rate)
    if len(samples) < _SHORTEST * rate:
        return _lufs(float(np.mean(weighted**2)))
    steps = weighted[: len(weighted) // step * step].reshape(-1, step)
    return _gated((steps**2).mean(axis=1))


def momentary_levels(samples: Samples, rate: int) -> NDArray[np.float32]:
    """Momentary loudness in LUFS (EBU Tech 3341: 400 ms, ungated), ten values a second, the first for 0 to 0.4 s.

    `samples` are `(n,)` or `(n, channels)`; silence is -inf; what is shorter than 0.4 s has no value.
    """
    planes = samples.reshape(len(samples), -1)
    step, per_block = round(_STEP * rate), round(_BLOCK / _STEP)
    if len(planes) < step * per_block:
        return np.zeros(0, np.float32)
    weighted = _KWeighting(rate, planes.shape[1])(planes)[: len(planes) // step * step]
    powers = (weighted**2).reshape(-1, step, planes.shape[1]).mean(axis=1).sum(axis=1)
    blocks = np.convolve(powers, np.ones(per_block) / per_block, mode="valid")
    with np.errstate(divide="ignore"):
        levels = -0.691 + 10 * np.log10(np.where(blocks > _SILENT, blocks, 0.0))
    return levels.astype(np.float32)


def gain_to_match(reference: float, level: float) -> float:
    """Decibels that bring a sound of `level` to the `reference` level, both in LUFS; 0 where either is silence."""
    if not (np.isfinite(reference) and np.isfinite(level)):
        return 0.0
    return float(np.clip(reference - level, -_MAX_GAIN, _MAX_GAIN))


def match_level(samples: Samples, rate: int, reference: float, ceiling: float = TRUE_PEAK_CEILING) -> Samples:
    """The mono samples at the `reference` speech level (LUFS), true peaks softly limited to `ceiling` dBTP."""
    gain = gain_to_match(reference, speech_level(samples, rate))
    return limit_peaks(samples * np.float32(decibels(gain)), rate, ceiling)


def limit_peaks(samples: Samples, rate: int, ceiling: float = TRUE_PEAK_CEILING) -> Samples:
    """The samples with no true peak above `ceiling` dBTP; untouched where none is.

    The gain bends over 5 ms before and after each peak, so no edge is heard. Stereo keeps its balance.
    """
    from scipy.ndimage import convolve1d, minimum_filter1d

    limit = decibels(ceiling)
    limited = samples
    for _ in range(3):  # a moving gain can lift the curve between samples a little: once more takes it down
        peaks = _peak_curve(limited, rate)
        if not len(peaks) or peaks.max() <= limit:
            return limited
        wanted = np.minimum(1.0, limit * 0.999 / np.maximum(peaks, limit * 0.999))
        width = 2 * int(_LOOK_AHEAD * rate) + 1
        window = np.hanning(width + 2)[1:-1]
        held = minimum_filter1d(wanted, width, mode="nearest")
        gain = convolve1d(held, window / window.sum(), mode="nearest").astype(np.float32)
        limited = (limited.T * gain).T.astype(np.float32)
    return limited * np.float32(min(1.0, limit / _peak_curve(limited, rate).max()))


def limited_blocks(blocks: Iterable[Samples], rate: int, ceiling: float = TRUE_PEAK_CEILING) -> Iterator[Samples]:
    """Blocks in, blocks out: `limit_peaks` over a programme, each block seeing 100 ms of its neighbours."""
    for before, block, after in _with_neighbours(blocks, rate // 10):
        limited = limit_peaks(np.concatenate([before, block, after]), rate, ceiling)
        yield limited[len(before) : len(before) + len(block)]


def true_peak(samples: Samples, rate: int) -> float:
    """Highest true peak in dBTP, by four-fold oversampling; -inf for silence."""
    peaks = _peak_curve(samples, rate)
    return _level(float(peaks.max())) if len(peaks) else -inf


def measure(blocks: Iterable[Samples], rate: int) -> Loudness:
    """Loudness of a programme given in blocks, mono or stereo, in memory that does not grow with its sound.

    The same as `pyloudnorm.Meter(rate)` on the whole, but for keeping only ten powers a second.
    """
    step = round(_STEP * rate)
    powers: list[float] = []
    peak = -inf
    weighting: _KWeighting | None = None
    rest = np.zeros((0, 1))
    for before, block, after in _with_neighbours(blocks, _PEAK_CONTEXT):
        curve = _peak_curve(np.concatenate([before, block, after]), rate)[len(before) :][: len(block)]
        peak = max(peak, _level(float(curve.max())) if len(curve) else -inf)
        planes = block.reshape(len(block), -1)
        weighting = weighting or _KWeighting(rate, planes.shape[1])
        rest = rest if rest.shape[1] == planes.shape[1] else np.zeros((0, planes.shape[1]))
        weighted = np.concatenate([rest, weighting(planes)])
        whole = len(weighted) // step * step
        steps = weighted[:whole].reshape(-1, step, planes.shape[1])
        powers += list((steps**2).mean(axis=1).sum(axis=1))
        rest = weighted[whole:]
    return Loudness(_gated(np.asarray(powers)), peak)


def decibels(gain: float) -> float:
    """The factor that a gain in decibels means."""
    return float(10 ** (gain / 20))


def _level(value: float) -> float:
    return 20 * float(np.log10(value)) if value else -inf


def _with_neighbours(blocks: Iterable[Samples], count: int) -> Iterator[tuple[Samples, Samples, Samples]]:
    """Each block with the last `count` samples before it and the first after it, empty at the ends."""
    before: Samples | None = None
    block: Samples | None = None
    for after in blocks:
        if block is not None:
            yield before if before is not None else block[:0], block, after[:count]
            before = block[-count:]
        block = after
    if block is not None:
        yield before if before is not None else block[:0], block, block[:0]


def _gated(powers: NDArray[np.float64]) -> float:
    """Integrated loudness from the powers of 100 ms steps."""
    per_block = round(_BLOCK / _STEP)
    if len(powers) < per_block:
        return _lufs(float(powers.mean())) if powers.any() else -inf
    blocks = np.convolve(powers, np.ones(per_block) / per_block, mode="valid")
    with np.errstate(divide="ignore"):
        levels = -0.691 + 10 * np.log10(blocks)
    loud = blocks[levels > _ABSOLUTE_GATE]
    if not len(loud):
        return -inf
    gate = _lufs(float(loud.mean())) + _RELATIVE_GATE
    return _lufs(float(blocks[levels > max(gate, _ABSOLUTE_GATE)].mean()))


def _lufs(power: float) -> float:
    return -0.691 + 10 * float(np.log10(power)) if power > 0 else -inf


def _peak_curve(samples: Samples, rate: int) -> NDArray[np.float32]:
    """Highest of the four oversampled values near each sample, over all channels."""
    import soxr

    if not len(samples):
        return np.zeros(0, np.float32)
    dense = np.abs(soxr.resample(samples, rate, rate * _OVERSAMPLING, quality="HQ"))
    dense = dense.reshape(len(dense), -1).max(axis=1)
    wanted = len(samples) * _OVERSAMPLING
    dense = np.pad(dense, (0, max(0, wanted - len(dense))))[:wanted]
    at_samples = np.abs(samples).reshape(len(samples), -1).max(axis=1)
    curve: NDArray[np.float32] = np.maximum(at_samples, dense.reshape(-1, _OVERSAMPLING).max(axis=1))
    return curve


class _KWeighting:
    """BS.1770's K filter, block after block; its two stages are pyloudnorm's."""

    def __init__(self, rate: int, channels: int) -> None:
        from pyloudnorm import IIRfilter

        self._stages = [
            IIRfilter(4.0, 1 / np.sqrt(2), 1500.0, rate, "high_shelf"),
            IIRfilter(0.0, 0.5, 38.0, rate, "high_pass"),
        ]
        self._memory = [np.zeros((2, channels)) for _ in self._stages]

    def __call__(self, block: Samples) -> NDArray[np.float64]:
        from scipy.signal import lfilter

        values = block.astype(np.float64)
        for i, stage in enumerate(self._stages):
            values, self._memory[i] = lfilter(stage.b, stage.a, values, axis=0, zi=self._memory[i])
            values = values * stage.passband_gain
        return values
