"""How late a film's sound is against its picture: the mouth's opening beside the opening that the sound lets expect.

`face/speaking.py` listens to one band of the sound. A clip that may be off by half a second needs more than a band:
the phonemes that the speech encoder hears, each with how far lips open in it. On 126 GRID films of 3 s the lag is
within 80 ms of nothing in 120, by the band in 98; its standard deviation is then 24 ms.
"""
# ruff: noqa: RUF001 - IPA looks like Latin letters on purpose

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from codub.latent import EMBEDDED, FloatArray
from codub.speech.inventory import GAP, INVENTORY, PAUSE

# How far the lips are apart in a phoneme, 1 in an open vowel: by the manner and the place where it is made.
_CLASSES = {"pbm": 0.0, "fvβ": 0.1, "wuʊyøœɹʃʒɜɔ": 0.3, "iɪɨ": 0.5, "eɛəɚʌɐo": 0.8, "aɑæɒ": 1.0}
_OTHERS = 0.45
_RESTING = 0.2
_PARTED = {symbol: value for symbols, value in _CLASSES.items() for symbol in symbols} | {
    PAUSE: _RESTING,
    GAP: _RESTING,
}
OPENNESS = np.array([_PARTED.get(symbol, _OTHERS) for symbol in INVENTORY], np.float32)

HEARD_LATE = 0.04  # seconds that what the encoder says of a moment stands behind the picture of it, measured on GRID
SLOW = 4.0  # frames; standard deviation of the Gaussian mean that is taken off both
LARGEST = 0.6  # seconds
STEP = 0.02
LAGS = np.linspace(-LARGEST, LARGEST, 2 * round(LARGEST / STEP) + 1)
REACH = 1.0  # seconds of sound that are heard before and after a clip, so that every lag finds some

# A lag counts as found where the correlation is so high, and so much higher than anywhere beyond its own peak; most
# footage is in sync, so lags cost a little. GRID's films by themselves: of 126 in sync 119 are found to be, 0 are
# found to be shifted; shifted by 0.2 and 0.4 s, 102 to 111 are put right, 0 to 2 wrong, the others undecided.
LEAST = 0.35
CLEARLY, CLEARLY_SHIFTED = 0.05, 0.10
PEAK_WIDTH = 0.13  # seconds
LAG_COST = 0.15  # of correlation, a second
IN_SYNC = 0.06  # seconds: nearer to nothing than this, nothing is changed
FOLLOWS = 0.25  # of a single clip's correlation at the film's lag: below, its mouth and its sound are not one person's


@dataclass(frozen=True)
class Offset:
    """Seconds that the sound is late (negative: early), how well mouth and sound agree then, whether that is certain.

    What is nearer to nothing than the measurement is certain (`IN_SYNC`) is nothing.
    """

    late: float
    agreement: float
    found: bool

    def __str__(self) -> str:
        return f"mouth and sound agree best ({self.agreement:.2f}) with the sound {1000 * self.late:+.0f} ms late"


def expected_opening(posteriors: FloatArray) -> FloatArray:
    """How far lips should be apart, 0..1, in each 25 ms vector of the encoder's log-probabilities `(P, T)`: `(T,)`."""
    return np.asarray(np.exp(posteriors).T @ OPENNESS, np.float32)


def agreement_by_lag(
    openings: FloatArray, times: Sequence[float] | NDArray[np.float64], expected: FloatArray, begins: float
) -> NDArray[np.float64]:
    """Correlation of the mouth's `openings` (F,) at `times` in seconds with the sound, for each of `LAGS`, -1..1.

    `expected` is `expected_opening` of sound that begins at second `begins`. A lag that leaves part of the clip
    without sound counts for less.
    """
    seconds = np.asarray(times, np.float64)
    mouth = _quick(openings)
    places = begins + (np.arange(len(expected)) + 0.5) / float(EMBEDDED.rate)
    result = np.zeros(len(LAGS))
    for number, lag in enumerate(LAGS):
        wanted = seconds + lag + HEARD_LATE
        sound = _quick(np.interp(wanted, places, expected))
        there = (wanted >= places[0]) & (wanted <= places[-1])
        if there.sum() < 0.5 * len(seconds):
            continue
        a, b = mouth[there], sound[there]
        if a.std() > 1e-6 and b.std() > 1e-6:
            result[number] = np.corrcoef(a, b)[0, 1] * np.sqrt(there.mean())
    return result


def offset_of(curves: Sequence[NDArray[np.float64]], weights: Sequence[float]) -> Offset:
    """The one lag of a film, from `agreement_by_lag` of its clips, each with its weight (its frames)."""
    mean = np.average(np.stack(curves), axis=0, weights=weights)
    scored = mean - LAG_COST * np.abs(LAGS)
    best = int(scored.argmax())
    lag = float(LAGS[best])
    elsewhere = scored[np.abs(LAGS - lag) > PEAK_WIDTH].max()
    clear = CLEARLY if abs(lag) <= IN_SYNC + STEP else CLEARLY_SHIFTED
    inside = 0 < best < len(LAGS) - 1
    found = bool(inside and scored[best] >= LEAST and scored[best] - elsewhere >= clear)
    return Offset(0.0 if abs(lag) <= IN_SYNC + 1e-9 else lag, float(mean[best]), found)


def agreement_at(curve: NDArray[np.float64], late: float) -> float:
    """The best of a clip's `agreement_by_lag` within one frame or so of a lag in seconds."""
    return float(curve[np.abs(LAGS - late) <= IN_SYNC + 1e-9].max())


def _quick(values: NDArray[np.floating]) -> NDArray[np.float64]:
    wide = values.astype(np.float64)
    return np.asarray(wide - gaussian_filter1d(wide, SLOW))
