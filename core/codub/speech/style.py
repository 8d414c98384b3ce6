"""A style for a voice never met: what was heard of the voice model says how styles sound.

A style moves inside the space that the 54 stock voices span. A map learned from the stock voices, blends of them and
styles that were drawn for strangers and heard tells the speaker embedding that an acoustic style will have. It is
inverted here: the likeliest style whose embedding is the wanted one. That is the style encoder: a reference's embedding
and its F0 in, a style out, in a hundredth of a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from codub import weights
from codub.latent import EMBEDDED
from codub.speech.kokoro.voice_table import VoiceTable, read_table
from codub.speech.kokoro.voices import HALF, named_voice, stock_voices
from codub.speech.model import Style
from codub.speech.style_examples import ASSET, read_heard
from codub.speech.style_map import HeardStyles, StyleMap, learn_map
from codub.speech.voice_space import voice_space

FloatArray = NDArray[np.float32]
Doubles = NDArray[np.float64]

TABLE = "voice-likeness.safetensors"
SHARPNESS = 20.0  # of the shares that stock voices have in the prosody: 0.05 less cosine is a third of the share
TONE_WIDTH = 0.15  # of ln F0: a stock voice a sixth higher or lower than the speaker has six tenths of its share
F0_FACTORS = (0.8, 1.25)  # beyond them a voice sounds like another one sped up


@dataclass(frozen=True)
class Likeness:
    """How styles sound, as learned from what was heard.

    Of the stock voices: `names`, styles `vectors` `(N, 256)`, `embeddings` `(N, 256)`, median F0 `f0_hz` `(N,)`.
    `map` tells how any acoustic style sounds.
    """

    names: tuple[str, ...]
    vectors: FloatArray
    embeddings: FloatArray
    f0_hz: FloatArray
    map: StyleMap


def nearest_style(embedding: FloatArray, f0_median_hz: float | None, likeness: Likeness | None = None) -> Style:
    """The style whose voice should sound like `embedding` (unit, `(256,)`), at about `f0_median_hz`.

    The prosody half is a mixture of those stock voices' that are nearest in sound and F0. `similarity` stays
    unmeasured: nothing was spoken yet.
    """
    known = likeness or stock_likeness()
    shares = _shares(known, embedding, f0_median_hz)
    acoustic = known.map.invert(embedding, f0_median_hz)
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
    """What the tables that ship with codub teach.

    Raises:
        WeightsError: this installation lacks them.
    """
    return learn(read_table(weights.shipped(TABLE)), read_heard(weights.shipped(ASSET)))


def learn(table: VoiceTable, *heard: HeardStyles) -> Likeness:
    """What a table of voices and blends teaches, and styles that were `heard`."""
    acoustic = np.stack([named_voice(name)[:HALF] for name in table.names])
    stock = [i for i, name in enumerate(table.names) if name in stock_voices()]
    vectors = np.stack([named_voice(table.names[i]) for i in stock])
    spoken = HeardStyles(acoustic, table.median_f0, table.embeddings)
    return Likeness(
        names=tuple(table.names[i] for i in stock),
        vectors=vectors,
        embeddings=table.embeddings[stock],
        f0_hz=table.median_f0[stock],
        map=learn_map(voice_space(vectors[:, :HALF]), (spoken, *heard)),
    )


def _shares(known: Likeness, embedding: FloatArray, wanted_hz: float | None) -> Doubles:
    cosines = (known.embeddings @ embedding).astype(np.float64)
    likely = SHARPNESS * cosines
    if wanted_hz is not None:  # from voices of about that F0, so that theirs need not be changed much
        likely -= 0.5 * (np.log(known.f0_hz / wanted_hz) / TONE_WIDTH) ** 2
    shares = np.exp(likely - likely.max())
    return np.asarray(shares / shares.sum())


def _f0_factor(known: Likeness, shares: Doubles, wanted_hz: float | None) -> float:
    # The F0 of a blend is the weighted geometric mean of its voices' to 5 % (587 blends).
    if wanted_hz is None:
        return 1.0
    own_hz = float(np.exp(shares @ np.log(known.f0_hz)))
    return float(np.clip(wanted_hz / own_hz, *F0_FACTORS))


def _listed(names: Sequence[str], shares: Doubles) -> str:
    return ", ".join(f"{names[i]} {shares[i]:.0%}" for i in np.argsort(-shares)[:2])
