"""A style for a voice never met: what the stock voices say together about how styles sound.

A style moves inside the space that the 54 stock voices span. A linear map, learned from 641 voices and blends that the
model spoke, tells the speaker embedding that an acoustic style will have (cosine 0.94 on blends kept apart, as near as
two lines of one voice are). It is inverted here: the likeliest style whose embedding is the wanted one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from codub import weights
from codub.latent import EMBEDDED
from codub.speech.kokoro.voice_table import VoiceTable, read_table
from codub.speech.kokoro.voices import HALF, named_voice, stock_voices
from codub.speech.model import Style

FloatArray = NDArray[np.float32]
Doubles = NDArray[np.float64]

ASSET = "voice-likeness.safetensors"
RIDGE = 0.3  # 0.1 to 3 give the same cosine on blends kept apart
# Weight of the mean squared distance from the mean voice, in standard deviations of the stock voices. On three people
# of LibriSpeech test-other, cosine to other sentences of theirs / DistillMOS: nearest stock voice 0.61 / 4.06;
# 0.02: 0.66 / 4.53; 0.05: 0.65 / 4.57; 0.1: 0.64 / 4.56. Without it the speech falls apart (DistillMOS 1.3).
RESTRAINT = 0.05
SHARPNESS = 20.0  # of the shares that stock voices have in the prosody: 0.05 less cosine is a third of the share
F0_FACTORS = (0.8, 1.25)  # beyond them a voice sounds like another one sped up


@dataclass(frozen=True)
class Likeness:
    """How styles sound, as learned from a table of voices.

    Of the stock voices: `names`, styles `vectors` `(N, 256)`, `embeddings` `(N, 256)`, median F0 `f0_hz` `(N,)`.
    `style_mean` `(128,)`, `slope` `(128, 256)` and `embedding_mean` `(256,)` are the linear map of `forecast`.
    """

    names: tuple[str, ...]
    vectors: FloatArray
    embeddings: FloatArray
    f0_hz: FloatArray
    style_mean: FloatArray
    slope: FloatArray
    embedding_mean: FloatArray

    def forecast(self, acoustic: FloatArray | Doubles) -> FloatArray:
        """Embedding that the acoustic style `(128,)` is expected to have, unnormalised."""
        return np.asarray((acoustic - self.style_mean) @ self.slope + self.embedding_mean, dtype=np.float32)


def nearest_style(embedding: FloatArray, f0_median_hz: float | None, likeness: Likeness | None = None) -> Style:
    """The style whose voice should sound like `embedding` (unit, `(256,)`), at about `f0_median_hz`.

    The prosody half is a mixture of the nearest stock voices'. `similarity` stays unmeasured: nothing was spoken yet.
    """
    known = likeness or stock_likeness()
    shares = _shares(known, embedding)
    acoustic = acoustic_like(known, embedding)
    prosody = shares @ known.vectors[:, HALF:]
    return Style(
        space=EMBEDDED,
        vector=np.concatenate([acoustic, prosody]).astype(np.float32),
        f0_factor=_f0_factor(known, shares, f0_median_hz),
        origin=f"drawn from the stock voices, nearest {_listed(known.names, shares)}",
    )


def nearest_stock_voice(embedding: FloatArray, likeness: Likeness | None = None) -> tuple[str, float]:
    """Name of the stock voice that sounds most like `embedding`, and the cosine."""
    known = likeness or stock_likeness()
    cosines = known.embeddings @ embedding
    best = int(np.argmax(cosines))
    return known.names[best], float(cosines[best])


@cache
def stock_likeness() -> Likeness:
    """What the table that ships with codub teaches.

    Raises:
        WeightsError: this installation lacks it.
    """
    return learn(read_table(weights.shipped(ASSET)))


def learn(table: VoiceTable) -> Likeness:
    """Ridge regression of the table's embeddings on the acoustic styles of its voices and blends."""
    styles = np.stack([named_voice(name)[:HALF] for name in table.names]).astype(np.float64)
    style_mean, embedding_mean = styles.mean(axis=0), table.embeddings.mean(axis=0)
    centred = styles - style_mean
    gram = centred.T @ centred + RIDGE * np.eye(HALF)
    slope = np.linalg.solve(gram, centred.T @ (table.embeddings - embedding_mean))
    stock = [i for i, name in enumerate(table.names) if name in stock_voices()]
    return Likeness(
        names=tuple(table.names[i] for i in stock),
        vectors=np.stack([named_voice(table.names[i]) for i in stock]),
        embeddings=table.embeddings[stock],
        f0_hz=table.median_f0[stock],
        style_mean=style_mean.astype(np.float32),
        slope=slope.astype(np.float32),
        embedding_mean=embedding_mean,
    )


@dataclass(frozen=True)
class VoiceSpace:
    """Coordinates of acoustic styles in which the stock voices have mean 0 and variance 1 in each of 53 dimensions.

    An acoustic style is `centre + z @ axes`; outside that space no voice was ever heard.
    """

    centre: Doubles
    axes: Doubles


def voice_space(vectors: FloatArray) -> VoiceSpace:
    """The space that the styles `(N, 256)` span, by principal components."""
    acoustic = vectors[:, :HALF].astype(np.float64)
    centre = acoustic.mean(axis=0)
    _, extents, axes = np.linalg.svd(acoustic - centre, full_matrices=False)
    kept = extents > 1e-6 * extents[0]
    return VoiceSpace(centre, axes[kept] * extents[kept, None] / np.sqrt(len(vectors)))


def acoustic_like(known: Likeness, embedding: FloatArray) -> FloatArray:
    """Acoustic style `(128,)` that should sound like `embedding`."""
    space = voice_space(known.vectors)
    slope = space.axes @ known.slope
    start = known.forecast(space.centre).astype(np.float64)

    def cost(z: Doubles) -> tuple[float, Doubles]:
        raw = start + z @ slope
        norm = np.linalg.norm(raw)
        cosine = raw @ embedding / norm
        rise = slope @ (embedding / norm - cosine * raw / norm**2)
        return 1 - cosine + RESTRAINT * np.mean(z**2), 2 * RESTRAINT * z / len(z) - rise

    found: Doubles = minimize(cost, np.zeros(len(slope)), jac=True, method="L-BFGS-B").x
    return np.asarray(space.centre + found @ space.axes, dtype=np.float32)


def _shares(known: Likeness, embedding: FloatArray) -> Doubles:
    cosines = (known.embeddings @ embedding).astype(np.float64)
    shares = np.exp(SHARPNESS * (cosines - cosines.max()))
    return np.asarray(shares / shares.sum())


def _f0_factor(known: Likeness, shares: Doubles, wanted_hz: float | None) -> float:
    # The F0 of a blend is the weighted geometric mean of its voices' to 5 % (587 blends).
    if wanted_hz is None:
        return 1.0
    own_hz = float(np.exp(shares @ np.log(known.f0_hz)))
    return float(np.clip(wanted_hz / own_hz, *F0_FACTORS))


def _listed(names: Sequence[str], shares: Doubles) -> str:
    return ", ".join(f"{names[i]} {shares[i]:.0%}" for i in np.argsort(-shares)[:2])
