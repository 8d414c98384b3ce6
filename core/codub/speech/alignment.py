"""Known words laid onto real sound: how many 25 ms vectors each symbol of the voice's notation lasts there.

The speech encoder's phoneme scores tell where the sounds are heard (Viterbi). All durations are in the space's own
time, in which a symbol's vectors stand 50 ms behind its sound (`listening.HEARD_BEFORE`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codub.errors import CueError
from codub.latent import FloatArray
from codub.speech.inventory import GAP, LEADING_MARKS, NUMBER, PAUSE, TRAILING_MARKS, labels, last_number
from codub.speech.kokoro.ttv import KokoroTextToVec
from codub.speech.model import PhonemeLine, Style
from codub.speech.notation import PAUSES, VOWELS
from codub.speech.phonemes import phonemize

RATE = 40  # vectors a second
SKIP_COST = 6.0  # nats for a sound of the notation that nobody hears
CLOSE = "."
PAUSE_VECTORS = 5  # a gap between words of 125 ms is a pause
LONGEST_ENDING = 4.0  # vectors of the last sound
# Mean log-probability of a line's sounds where they are laid. GRID's own texts reach -0.57 to -0.07, other films'
# texts, with half of the words in common, -5.7 to -1.4, other sentences -7.5 to -3.6.
FITS = -1.2


@dataclass(frozen=True)
class Aligned:
    """Symbols of the voice's notation and the 25 ms vectors of `[pad, *symbols, pad]`, which fill the whole sound."""

    symbols: tuple[str, ...]
    durations: tuple[int, ...]


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
    return align_line(phonemize(text, language), posteriors, ttv=ttv, style=style)


def align_line(
    line: PhonemeLine, posteriors: FloatArray, *, ttv: KokoroTextToVec | None = None, style: Style | None = None
) -> Aligned:
    """`align_text` of a line that was read already.

    Raises:
        CueError: it has more sounds than the recording vectors.
    """
    symbols = line.symbols
    if symbols[-1] not in PAUSES:
        symbols = (*symbols, CLOSE)
    if posteriors.shape[1] < len(symbols) // 2:
        raise CueError(f"The text '{line.text[:40]}' is too long for its sound.", fix="Leave the recording out.")
    durations = align(posteriors, symbols, natural_durations(symbols, ttv, style))
    return _with_commas(symbols, durations)


def fit_of(aligned: Aligned, posteriors: FloatArray) -> float:
    """Mean log-probability that each spoken vector is of the phoneme laid onto it; 0 is certainty."""
    padded = [PAUSE, *aligned.symbols, PAUSE]
    numbers, last = (np.repeat(each, aligned.durations) for each in (labels(padded), labels(padded, last_number)))
    spoken = ~np.isin(numbers, [NUMBER[PAUSE], NUMBER[GAP]])
    time = np.arange(posteriors.shape[1])
    heard = np.maximum(posteriors[numbers, time], posteriors[last, time])
    return float(heard[spoken].mean()) if spoken.any() else -np.inf


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
    numbers, last = labels(padded), labels(padded, last_number)
    groups = _groups(padded)
    length = posteriors.shape[1]
    emissions = np.stack(
        [np.maximum(*(_scores(posteriors, each[group[-1]]) for each in (numbers, last))) for group in groups]
    )
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
