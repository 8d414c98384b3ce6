"""Words with stated times laid onto their sound, as GRID gives them.

The times bound each word, and the voice's own durations are scaled inside it; the speech encoder's scores then move
the borders to where the sounds are heard.
"""
# ruff: noqa: RUF001 - IPA looks like Latin letters on purpose

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from codub.errors import CueError
from codub.latent import FloatArray
from codub.speech.alignment import CLOSE, RATE, Aligned, align, natural_durations
from codub.speech.inventory import GAP
from codub.speech.kokoro.ttv import KokoroTextToVec
from codub.speech.listening import HEARD_BEFORE
from codub.speech.model import Style
from codub.speech.phonemes import phonemize

SLACK = 4  # vectors that a word may reach beyond its stated time
DELAY = HEARD_BEFORE  # vectors: stated times are the sound's

_LETTER_A = ("ˈ", "e", "ɪ")  # espeak-ng reads a lone "a" as the article


@dataclass(frozen=True)
class SpokenWord:
    """A word with its start and end in seconds."""

    text: str
    start: float
    end: float


def align_grid(
    samples: FloatArray,
    words: Sequence[SpokenWord],
    *,
    ttv: KokoroTextToVec | None = None,
    style: Style | None = None,
    posteriors: FloatArray | None = None,
) -> Aligned:
    """The words of a clip (`sil` among them) at its own timing; `words` have `text`, `start` and `end` in seconds.

    `ttv` with `style` gives the natural proportions inside a word, plain ones serve without. `posteriors` are the
    speech encoder's log-probabilities `(P, T)` of the same sound and refine the borders.

    Raises:
        CueError: no word is spoken, or one cannot be read.
    """
    vectors = -(-len(samples) // (16_000 // RATE))
    late = DELAY / RATE
    spoken = [
        SpokenWord(word.text, word.start + late, word.end + late) for word in words if word.text not in ("sil", "sp")
    ]
    parts = [_symbols(word.text) for word in spoken]
    if not parts:
        raise CueError("The clip has no spoken word.", fix="Leave it out.")
    symbols = (*[symbol for part in parts for symbol in (*part, GAP)][:-1], CLOSE)
    natural = natural_durations(symbols, ttv, style)
    scaled = _inside_words(natural, [len(part) for part in parts], spoken, vectors)
    simple = Aligned(symbols, tuple(int(n) for n in scaled))
    if posteriors is None:
        return simple
    limits = _limits([len(part) for part in parts], spoken, vectors)
    return replace(simple, durations=align(posteriors, symbols, natural, limits))


def _symbols(word: str) -> tuple[str, ...]:
    return _LETTER_A if word == "a" else phonemize(word, "en").symbols


def _inside_words(
    natural: NDArray[np.float64], sizes: list[int], spoken: Sequence[SpokenWord], vectors: int
) -> NDArray[np.int64]:
    """Durations of `[pad, word, gap, word, ..., close, pad]` with each word stretched over its stated time."""
    edges = [0.0]  # in vectors, one after each entry
    at = 1
    for i, (size, word) in enumerate(zip(sizes, spoken, strict=True)):
        start = max(word.start * RATE, edges[-1])
        edges.append(start)  # the pad or gap before the word ends here
        last = i == len(sizes) - 1
        until = vectors if last else spoken[i + 1].start * RATE
        end = max(min(word.end * RATE, float(vectors)), start)
        share = natural[at : at + size]
        if not last and until - end < 1.0:  # words that touch: the gap is taken out of the first one
            share = natural[at : at + size + 1]
        inner = start + np.cumsum(_stretched(share, end - start))
        edges.extend(inner[:size].tolist())
        at += size + 1
    silence = vectors - edges[-1]
    edges += [edges[-1] + silence * 0.6, float(vectors)]
    whole = np.minimum(np.maximum.accumulate(np.round(edges)).astype(np.int64), vectors)
    return np.asarray(np.diff(whole))


def _stretched(share: NDArray[np.float64], total: float) -> NDArray[np.float64]:
    """`share` scaled to `total`, each at least one vector where there is room for that."""
    scaled: NDArray[np.float64] = share / share.sum() * total
    short = scaled < 1.0
    if total <= len(share) or not short.any():
        return scaled
    rest = scaled[~short] - 1.0
    out: NDArray[np.float64] = np.ones_like(scaled)
    out[~short] += rest / rest.sum() * (total - len(share))
    return out


def _limits(sizes: list[int], spoken: Sequence[SpokenWord], vectors: int) -> NDArray[np.int64]:
    """Where each entry of `[pad, word, gap, word, ..., close, pad]` may lie, in vectors."""
    rows = [(0, round(spoken[0].end * RATE))]  # what is stated to be the first sound is sometimes a breath
    for i, (size, word) in enumerate(zip(sizes, spoken, strict=True)):
        start, end = round(word.start * RATE) - SLACK, round(word.end * RATE) + SLACK
        rows += [(start, end)] * size
        until = spoken[i + 1].start * RATE if i + 1 < len(spoken) else vectors
        rows.append((end - 2 * SLACK, round(until) + SLACK))
    rows.append((round(spoken[-1].end * RATE) - SLACK, vectors))
    return np.array(rows, dtype=np.int64)
