"""Known words laid onto real sound: how many 25 ms vectors each symbol of the voice's notation lasts there.

Word times, where a corpus gives them, bound each word, and the voice's own durations are scaled inside it. The
speech encoder's phoneme scores then move the borders to where the sounds are heard (Viterbi). All durations are in
the space's own time, in which a symbol's vectors stand 50 ms behind its sound (`listening.HEARD_BEFORE`).
"""
# ruff: noqa: RUF001 - IPA looks like Latin letters on purpose

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from codub.errors import CueError
from codub.latent import FloatArray
from codub.speech.inventory import GAP, LEADING_MARKS, NUMBER, PAUSE, TRAILING_MARKS, labels
from codub.speech.kokoro.ttv import KokoroTextToVec
from codub.speech.listening import HEARD_BEFORE
from codub.speech.model import PhonemeLine, Style
from codub.speech.notation import PAUSES, VOWELS
from codub.speech.phonemes import phonemize

RATE = 40  # vectors a second
SKIP_COST = 6.0  # nats for a sound of the notation that nobody hears
SLACK = 4  # vectors that a word may reach beyond its stated time
DELAY = HEARD_BEFORE  # vectors: stated times are the sound's
CLOSE = "."
PAUSE_VECTORS = 5  # a gap between words of 125 ms is a pause
LONGEST_ENDING = 4.0  # vectors of the last sound

_LETTER_A = ("ˈ", "e", "ɪ")  # espeak-ng reads a lone "a" as the article


@dataclass(frozen=True)
class SpokenWord:
    """A word with its start and end in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Aligned:
    """Symbols of the voice's notation and the 25 ms vectors of `[pad, *symbols, pad]`, which fill the whole sound."""

    symbols: tuple[str, ...]
    durations: tuple[int, ...]


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


def align_text(
    text: str,
    language: str,
    posteriors: FloatArray,
    *,
    ttv: KokoroTextToVec | None = None,
    style: Style | None = None,
) -> Aligned:
    """A sentence laid onto its sound by the speech encoder's scores `(P, T)` alone; long gaps become commas.

    Raises:
        CueError: the sentence cannot be read, or has more sounds than the recording vectors.
    """
    symbols = phonemize(text, language).symbols
    if symbols[-1] not in PAUSES:
        symbols = (*symbols, CLOSE)
    if posteriors.shape[1] < len(symbols) // 2:
        raise CueError(f"The text '{text[:40]}' is too long for its sound.", fix="Leave the recording out.")
    durations = align(posteriors, symbols, natural_durations(symbols, ttv, style))
    return _with_commas(symbols, durations)


def _with_commas(symbols: Sequence[str], durations: Sequence[int]) -> Aligned:
    """Gaps between words that are heard as pauses written as the voice reads pauses: a comma, then a space."""
    out: list[str] = []
    lengths = [durations[0]]
    for i, (symbol, count) in enumerate(zip(symbols, durations[1:-1], strict=True)):
        if symbol == GAP and count >= PAUSE_VECTORS and symbols[i - 1] not in PAUSES:
            out += [",", GAP]
            lengths += [count - 1, 1]
        else:
            out.append(symbol)
            lengths.append(count)
    return Aligned(tuple(out), (*lengths, durations[-1]))


def natural_durations(
    symbols: Sequence[str], ttv: KokoroTextToVec | None = None, style: Style | None = None
) -> NDArray[np.float64]:
    """Vectors of `[pad, *symbols, pad]` as the voice would speak them, or a plain guess without it."""
    if ttv is not None and style is not None:
        line = PhonemeLine("", "en-us", tuple(symbols))
        predicted = np.maximum(np.asarray(ttv.durations(line, style), dtype=np.float64), 0.25)
        last = max(i for i, symbol in enumerate(symbols, 1) if symbol not in PAUSES)
        predicted[last] = min(predicted[last], LONGEST_ENDING)  # the voice keeps the silence after a line in it
        return predicted
    guess = {True: 2.5, False: 2.0}
    inner = [1.0 if s in LEADING_MARKS or s in PAUSES else guess[s in VOWELS or s in TRAILING_MARKS] for s in symbols]
    return np.array([8.0, *inner, 2.0])


def align(
    posteriors: FloatArray,
    symbols: Sequence[str],
    natural: NDArray[np.float64],
    limits: NDArray[np.int64] | None = None,
) -> tuple[int, ...]:
    """Vectors of `[pad, *symbols, pad]` on the best path through `posteriors` `(P, T)`; they sum to T.

    A mark shares its phoneme's time in the proportions of `natural`. `limits` `(L, 2)` are the first vector and the
    vector after the last that each entry of `[pad, *symbols, pad]` may have.
    """
    padded = [PAUSE, *symbols, PAUSE]
    numbers = labels(padded)
    groups = _groups(padded)
    length = posteriors.shape[1]
    emissions = np.stack([_scores(posteriors, numbers[group[-1]]) for group in groups])
    if limits is not None:
        time = np.arange(length)
        for row, group in zip(emissions, groups, strict=True):
            row[(time < limits[group, 0].min()) | (time >= limits[group, 1].max())] -= 20.0
    optional = np.array([numbers[group[-1]] in (NUMBER[PAUSE], NUMBER[GAP]) for group in groups])
    counts = _best_path(emissions, np.where(optional, 0.0, SKIP_COST))
    out = np.zeros(len(padded), dtype=np.int64)
    for group, count in zip(groups, counts, strict=True):
        out[group] = _shared(natural[group], int(count))
    return tuple(int(n) for n in out)


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


def _groups(padded: Sequence[str]) -> list[list[int]]:
    """Indices of each phoneme with its marks; the phoneme's own label stands at every one of them."""
    groups: list[list[int]] = []
    open_group = False
    for i, symbol in enumerate(padded):
        joins = symbol in TRAILING_MARKS and groups and i > 1
        if open_group or joins:
            groups[-1].append(i)
        else:
            groups.append([i])
        open_group = symbol in LEADING_MARKS and i + 1 < len(padded)
    return groups


def _scores(posteriors: FloatArray, number: int) -> NDArray[np.float64]:
    if number in (NUMBER[PAUSE], NUMBER[GAP]):
        return np.array(np.maximum(posteriors[NUMBER[PAUSE]], posteriors[NUMBER[GAP]]), dtype=np.float64)
    return np.array(posteriors[number], dtype=np.float64)


def _best_path(emissions: NDArray[np.float64], skip: NDArray[np.float64]) -> NDArray[np.int64]:
    """Vectors in each of the states `(S, T)` on the best way through them in order; leaving one out costs `skip`."""
    states, length = emissions.shape
    # cost of all states before each: a jump from a to b leaves out a+1 ... b-1
    before = np.concatenate([[0.0], np.cumsum(skip)])
    score = emissions[:, 0] - before[:states]
    came_from = np.zeros((length, states), dtype=np.int64)
    index = np.arange(states)
    for t in range(1, length):
        # best a < b of score[a] + before[a + 1], less before[b]
        reach = score + before[1:]
        best = np.maximum.accumulate(reach)
        where = np.maximum.accumulate(np.where(reach >= best, index, 0))
        moved = np.concatenate([[-np.inf], best[:-1] - before[1:states]])
        origin = np.concatenate([[0], where[:-1]])
        stays = score >= moved
        came_from[t] = np.where(stays, index, origin)
        score = np.where(stays, score, moved) + emissions[:, t]
    final = score - (before[states] - before[1:])
    state = int(final.argmax())
    counts = np.zeros(states, dtype=np.int64)
    for t in range(length - 1, -1, -1):
        counts[state] += 1
        state = int(came_from[t, state])
    return counts


def _shared(shares: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """`count` vectors among the members of a group, by their shares."""
    ends = np.round(np.cumsum(shares) / shares.sum() * count).astype(np.int64)
    return np.asarray(np.diff(ends, prepend=0), dtype=np.int64)
