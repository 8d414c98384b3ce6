"""Whose voice is it, by a second measure that no fit looks at: long-term statistics of the spectrum, no network.

Mel-frequency cepstra (Davis and Mermelstein 1980) over the loud frames of a sound: their means, their spread and how
fast they move, seen along the axes in which people differ most against themselves (linear discriminant analysis, Fisher
1936). The axes are learned where it is used, from recordings of other people. Learned from 250 people of LibriSpeech
train-clean-100, an utterance in thirds each, it tells the five people of test-other apart, single utterances, with an
equal error rate of 2.2 % (without the axes 8.9 %). Utterances of one person there share a microphone, which helps it.

The means are moved by any filter, and so by a style's gains: somebody else's recording, brought to a person's long-term
spectrum, is by all statistics nearer to that person in 58 % of twelve trials, and in none before. What the spectrum
does round its means no filter changes (`MOVEMENT`); that alone tells the five apart with 13.4 %.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct
from scipy.linalg import eigh

from codub.errors import UsageError
from codub.timing import SPEECH_RATE

FloatArray = NDArray[np.float32]
Doubles = NDArray[np.float64]

AXES = 20
WHOLE, MOVEMENT = slice(0, 72), slice(24, 72)  # of the statistics
PARTS = 3  # of a person's recording, when the axes are learned: what differs between them is not the person

_WINDOW, _HOP, _FFT = 400, 160, 512  # samples
_BANDS, _LOWEST, _HIGHEST = 40, 80.0, 7600.0  # mel bands from and to Hz
_CEPSTRA = slice(1, 25)  # without loudness
_EMPHASIS = 0.97
_LOUD_DB = -30.0  # under the loudest frames
_MOVED = 4  # frames, 40 ms
_SHRINK = 0.1  # of the mean variance within people, added to each
_LEAST = 20  # loud frames


def statistics(samples: FloatArray) -> Doubles:
    """Means, spreads and 40 ms changes of 24 cepstra, `(72,)`, of 16 kHz mono sound.

    Raises:
        UsageError: there is too little sound.
    """
    sound = samples[1:].astype(np.float64) - _EMPHASIS * samples[:-1]
    if len(sound) < _WINDOW + _LEAST * _HOP:
        raise UsageError("A voice cannot be told from less than a quarter of a second.")
    frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW), _FFT, axis=1)) ** 2
    loudness = power.sum(axis=1)
    loud = power[loudness > np.percentile(loudness, 95) * 10 ** (_LOUD_DB / 10)]
    if len(loud) < _LEAST:
        raise UsageError("A voice cannot be told from silence.")
    cepstra = dct(np.log(loud @ _mel_bands().T + 1e-10), norm="ortho", axis=1)[:, _CEPSTRA]
    moved = cepstra[_MOVED:] - cepstra[:-_MOVED]
    return np.concatenate([cepstra.mean(axis=0), cepstra.std(axis=0), moved.std(axis=0)])


@dataclass(frozen=True)
class TimbreSpace:
    """Axes `(K, 20)` along which people differ by K statistics, those `kept`, from `centre` in units of `scale`."""

    kept: slice
    centre: Doubles
    scale: Doubles
    axes: Doubles

    def place(self, samples: FloatArray) -> Doubles:
        """Unit vector `(20,)` of 16 kHz sound; the cosine of two says how alike the voices are."""
        placed = ((statistics(samples)[self.kept] - self.centre) / self.scale) @ self.axes
        return np.asarray(placed / max(float(np.linalg.norm(placed)), 1e-9))


def learn_timbre(people: Mapping[str, Sequence[Doubles]], kept: slice = WHOLE) -> TimbreSpace:
    """The axes along which these people differ most, against how each differs from themselves.

    Each has the statistics of several sounds, of which some are `kept`.

    Raises:
        UsageError: they are too few.
    """
    if len(people) <= AXES:
        raise UsageError(f"{len(people)} people are too few to learn how voices differ; {AXES + 1} are needed.")
    known = [np.stack(heard)[:, kept] for heard in people.values()]
    every = np.concatenate(known)
    centre, scale = every.mean(axis=0), every.std(axis=0) + 1e-9
    means = np.stack([((person - centre) / scale).mean(axis=0) for person in known])
    apart = np.concatenate([(person - person.mean(axis=0)) / scale for person in known])
    within = apart.T @ apart / max(len(every) - len(known), 1)
    within += _SHRINK * np.trace(within) / len(within) * np.eye(len(within))
    _, axes = eigh(np.cov(means.T), within)
    return TimbreSpace(kept, centre, scale, axes[:, -AXES:])


def parts(samples: FloatArray) -> list[FloatArray]:
    """A recording in thirds: several sounds of one person, where there is one recording only."""
    length = len(samples) // PARTS
    return [samples[n * length : (n + 1) * length] for n in range(PARTS)]


def equal_error_rate(likenesses: Sequence[float], same: Sequence[bool]) -> float:
    """The share of errors where as many pairs of one person are refused as pairs of two are taken for one."""
    values, alike = np.asarray(likenesses), np.asarray(same, dtype=np.bool_)
    refused = np.array([(values[alike] < t).mean() for t in np.sort(values)])
    taken = np.array([(values[~alike] >= t).mean() for t in np.sort(values)])
    at = int(np.argmin(np.abs(refused - taken)))
    return float((refused[at] + taken[at]) / 2)


def _mel_bands() -> Doubles:
    """Triangles `(40, 257)` on the mel scale."""
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (_LOWEST, _HIGHEST))
    edges = 700 * (10 ** (np.linspace(low, high, _BANDS + 2) / 2595) - 1)
    hertz = np.fft.rfftfreq(_FFT, 1 / SPEECH_RATE)
    rising = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling))
