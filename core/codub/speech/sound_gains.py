"""How a speaker's single sounds differ from the voice's: gains that follow what is said.

The equaliser brings the mean of all sounds to the speaker's; their "s" or their "o" is still the voice's. So the
decoder says the reference again, moment for moment, and what the two differ by in each band is learned as a linear
function of what is said there (spectral differentials: Kobayashi, Toda, Neubig, Sakti, Nakamura 2014). A few seconds
tell little of it: the function is drawn to what is usual between the voice and real people, as far as 250 of them say
how much anybody's own differs, and only what differs is kept. What is usual (how recordings differ from the voice) was
tried too: it makes nobody more like themselves, and costs 0.2 DistillMOS. Four people of train-clean-100 who were left
out, 8 s of reference, six lines each in five languages, SECS / CAM++ / DistillMOS as drawn: without 0.710 / 0.213 /
4.44, with them 0.733 / 0.267 / 4.35, learned in white noise at 20 dB 0.725 / 0.235 / 4.33, at 10 dB 0.716 / 0.213 /
4.26.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from scipy.fft import dct, idct

from codub import weights
from codub.latent import EMBEDDED
from codub.speech.equaliser import BANDS, FRAME, bands_over_time
from codub.timing import SPEECH_RATE

FloatArray = NDArray[np.float32]
Doubles = NDArray[np.float64]

ASSET = "sound-axes.safetensors"
CEPSTRA = 20  # how finely bands are told apart, the first (loudness) left as it is
LIMIT = 8.0  # dB
FARTHEST = 2.5  # standard deviations along an axis: beyond, what was learned there says nothing
_LOUD_DB = -20.0  # under the loudest frames, of both sounds
_LEAST = 1e-8  # of a band's power, far below any recording's noise
_MIDDLE = 0.0125  # s, the middle of the first frame
_SMOOTH = np.array([0.25, 0.5, 0.25])  # of three latent vectors


@dataclass(frozen=True)
class SoundAxes:
    """Where sounds lie: the main directions of latent features, and what is known of people along them.

    A sound of features f lies at `(f - middle) @ axes`, `(512,)` and `(512, K)`, with variance 1 along each axis.
    `usual` `(K, 19)` is how people's cepstra (dB) change along them against the voice's, on the average; `doubt`
    `(K, 19)` how many frames' worth it takes to believe of one person that it is otherwise.
    """

    middle: Doubles
    axes: Doubles
    usual: Doubles
    doubt: Doubles

    def places(self, features: FloatArray) -> Doubles:
        """Coordinates `(T, K)` of latent features `(512, T)`."""
        return np.clip((features.T - self.middle) @ self.axes, -FARTHEST, FARTHEST)


@cache
def sound_axes() -> SoundAxes:
    """What ships with codub; `codub train sounds` makes it.

    Raises:
        WeightsError: this installation lacks it.
    """
    names = ("middle", "axes", "usual", "doubt")
    with safe_open(str(weights.shipped(ASSET)), framework="numpy") as file:
        return SoundAxes(*(file.get_tensor(name).astype(np.float64) for name in names))


@dataclass(frozen=True)
class Differing:
    """What a recording differs by from the same said by the voice, summed over `frames` loud frames.

    Of places z and cepstra d in dB, both less their means: `places` is sum z z' `(K, K)`, `both` sum z d' `(K, 19)`,
    `squares` sum d^2 `(19,)`.
    """

    places: Doubles
    both: Doubles
    squares: Doubles
    frames: int


def differing(places: Doubles, recording: FloatArray, spoken: FloatArray) -> Differing:
    """Of a recording and of what the voice made of it, 16 kHz, from the places `(T, K)` of its latent, 40 Hz."""
    (own, loud), (voice, loud_too) = bands_over_time(recording), bands_over_time(spoken)
    count = min(len(own), len(voice))
    both_loud = _loud(loud[:count]) & _loud(loud_too[:count])
    lacking = 10 * np.log10((own[:count][both_loud] + _LEAST) / (voice[:count][both_loud] + _LEAST))
    cepstra = dct(lacking, axis=1, norm="ortho")[:, 1:CEPSTRA]
    times = (np.arange(count) * FRAME / SPEECH_RATE + _MIDDLE) * float(EMBEDDED.rate) - 0.5
    at = np.stack([np.interp(times, np.arange(len(places)), axis) for axis in places.T], axis=1)[both_loud]
    if len(at):
        at, cepstra = at - at.mean(axis=0), cepstra - cepstra.mean(axis=0)
    return Differing(at.T @ at, at.T @ cepstra, (cepstra**2).sum(axis=0), len(at))


def sound_gains(said: Differing, known: SoundAxes) -> FloatArray:
    """How the speaker's sounds differ from what is usual: dB a unit along each axis, in each band, `(K, 40)`.

    The likeliest by what is known of people; of no sound at all, nothing.
    """
    unusual = said.both - said.places @ known.usual
    own = [
        np.linalg.solve(said.places + np.diag(doubt), column)
        for doubt, column in zip(known.doubt.T, unusual.T, strict=True)
    ]
    spread = np.zeros((len(own[0]), BANDS))
    spread[:, 1:CEPSTRA] = np.stack(own, axis=1)
    return np.asarray(idct(spread, axis=1, norm="ortho"), dtype=np.float32)


def gains_over_time(features: FloatArray, gains: FloatArray, known: SoundAxes | None = None) -> Doubles:
    """Gains in dB `(T, 40)` of each moment of latent features `(512, T)`, by a style's `sound_gains`."""
    moving = (known or sound_axes()).places(features) @ gains
    padded = np.pad(moving, ((1, 1), (0, 0)), mode="edge")
    before, there, after = (weight * padded[k : k + len(moving)] for k, weight in enumerate(_SMOOTH))
    return np.asarray(np.clip(before + there + after, -LIMIT, LIMIT))


def _loud(loudness: Doubles) -> NDArray[np.bool_]:
    if not len(loudness):
        return np.zeros(0, dtype=np.bool_)
    return np.asarray(loudness > np.percentile(loudness, 95) * 10 ** (_LOUD_DB / 10))
