"""How a line was performed: its phrases, the melody and the loudness inside each, and the pauses between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, median_filter

from codub.latent import SILENCE, SpeechLatent
from codub.speech.activity import Interval, speech_intervals
from codub.speech.pitch import track_f0
from codub.timing import SPEECH_RATE

Floats = NDArray[np.float64]

RATE = 100  # values a second of melodies and loudness
SHORTEST_PAUSE = 0.12  # s; a shorter gap is a stop consonant
SMOOTH = 0.04  # s, of a melody: syllables stay, the wobble of single periods goes
SMOOTH_LEVEL = 0.08  # s
WIDEST = 10.0  # semitones round the median; beyond it a tracker has jumped an octave
FLOOR = -30.0  # dB under the median level: as deep as a level counts
SAME_PLACE = 0.15  # share of a line's speech by which two pauses may stand apart and be the same


@dataclass(frozen=True)
class Performance:
    """What a voice did in one line, in its own time: `phrases` in seconds from the sound's start.

    `semitones` `(T,)` at 100 values/s is the melody round the line's median, without gaps inside a phrase; `level` the
    loudness in dB round its median.
    """

    phrases: tuple[Interval, ...]
    semitones: Floats
    level: Floats


def hear(samples: NDArray[np.float32]) -> Performance | None:
    """The performance in 16 kHz mono sound; None where hardly anything is voiced."""
    phrases = _joined(speech_intervals(samples))
    f0 = track_f0(samples).astype(np.float64)
    voiced = f0 > 0
    if not phrases or voiced.sum() < RATE // 10:
        return None
    inside = _inside(phrases, len(f0))
    if (voiced & inside).sum() < RATE // 10:
        return None
    semitones = melody(f0, float(np.median(f0[voiced & inside])), RATE)
    return Performance(phrases, semitones, _level(samples, inside))


def melody(f0: Floats, median: float, rate: float) -> Floats:
    """Semitones round the median of F0 in Hz (0 or near it where unvoiced), smooth, straight across unvoiced gaps."""
    voiced = np.flatnonzero(f0 > 10)
    if not len(voiced):
        return np.zeros(len(f0))
    heard = np.clip(12 * np.log2(f0[voiced] / median), -WIDEST, WIDEST)
    steady = median_filter(heard, size=5, mode="nearest")
    return np.asarray(gaussian_filter1d(np.interp(np.arange(len(f0)), voiced, steady), SMOOTH * rate, mode="nearest"))


def phrases_of(latent: SpeechLatent) -> tuple[Interval, ...]:
    """The stretches of a predicted line between its pauses."""
    sounding = [Interval(span.start, span.end) for span in latent.spans if span.phoneme != SILENCE]
    return _joined(sounding)


def mapped(values: Floats, phrases: Sequence[Interval], onto: Sequence[Interval], times: Floats) -> Floats:
    """A performance's values at `times` of another line, whose phrases are `onto`; 0 outside them.

    With as many phrases each is laid onto its own; else speech is laid onto speech, pauses aside.
    """
    if len(phrases) == len(onto):
        found = np.zeros(len(times))
        for phrase, target in zip(phrases, onto, strict=True):
            here = (times >= target.start) & (times <= target.end)
            share = (times[here] - target.start) / max(target.duration, 1e-6)
            found[here] = _at(values, phrase.start + share * phrase.duration)
        return found
    position = _spoken_share(times, onto)
    inside = np.any([(times >= p.start) & (times <= p.end) for p in onto], axis=0)
    lengths = np.cumsum([0.0, *(phrase.duration for phrase in phrases)])
    spoken = position * lengths[-1]
    which = np.clip(np.searchsorted(lengths, spoken, side="right") - 1, 0, len(phrases) - 1)
    starts = np.array([phrase.start for phrase in phrases])
    return np.where(inside, _at(values, starts[which] + spoken - lengths[which]), 0.0)


def matched_pauses(performance: Performance, onto: Sequence[Interval]) -> dict[int, float]:
    """Seconds that the original paused where the new line pauses: by the number of the phrase before the pause."""
    theirs, ours = _pauses(performance.phrases), _pauses(onto)
    if len(theirs) == len(ours):
        return {number: length for number, (_, length) in enumerate(theirs)}
    found: dict[int, float] = {}
    free = dict(enumerate(theirs))
    for number, (place, _) in enumerate(ours):
        near = min(free, key=lambda k: abs(free[k][0] - place), default=None)
        if near is not None and abs(free[near][0] - place) <= SAME_PLACE:
            found[number] = free.pop(near)[1]
    return found


def _pauses(phrases: Sequence[Interval]) -> list[tuple[float, float]]:
    """Where pauses stand, as the share of the speech before them, and their seconds."""
    whole = sum(phrase.duration for phrase in phrases)
    found, spoken = [], 0.0
    for before, after in pairwise(phrases):
        spoken += before.duration
        found.append((spoken / max(whole, 1e-6), after.start - before.end))
    return found


def _spoken_share(times: Floats, phrases: Sequence[Interval]) -> Floats:
    spoken = np.zeros(len(times))
    for phrase in phrases:
        spoken += np.clip(times - phrase.start, 0, phrase.duration)
    return spoken / max(sum(phrase.duration for phrase in phrases), 1e-6)


def _at(values: Floats, seconds: Floats) -> Floats:
    return np.asarray(np.interp(seconds * RATE, np.arange(len(values)), values))


def _joined(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    found: list[Interval] = []
    for one in intervals:
        if found and one.start - found[-1].end < SHORTEST_PAUSE:
            found[-1] = Interval(found[-1].start, one.end)
        else:
            found.append(one)
    return tuple(found)


def _inside(phrases: Sequence[Interval], count: int) -> NDArray[np.bool_]:
    times = np.arange(count) / RATE
    return np.asarray(np.any([(times >= p.start) & (times <= p.end) for p in phrases], axis=0), dtype=np.bool_)


def _level(samples: NDArray[np.float32], inside: NDArray[np.bool_]) -> Floats:
    level = loudness(samples, SPEECH_RATE)[: len(inside)]
    level = np.pad(level, (0, len(inside) - len(level)), mode="edge")
    return np.asarray(np.maximum(level - float(np.median(level[inside])), FLOOR))


def loudness(samples: NDArray[np.float32], sample_rate: int) -> Floats:
    """Level in dB at 100 values/s, smooth over a syllable."""
    hop = sample_rate // RATE
    power = np.square(samples[: len(samples) // hop * hop].astype(np.float64)).reshape(-1, hop).mean(axis=1)
    return np.asarray(10 * np.log10(gaussian_filter1d(power, SMOOTH_LEVEL * RATE, mode="nearest") + 1e-9))
