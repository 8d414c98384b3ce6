"""From scores of phonemes in every vector to phonemes in order with their times."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from codub.latent import SILENCE, FloatArray, PhonemeSpan
from codub.speech.inventory import GAP, INVENTORY, NUMBER, PAUSE

# The voice's text features stand 50 ms behind the sound that is made of them: the labels of its own clips follow their
# loudness best at +50 ms, while F0 and energy are in time. What is trained on them hears with the same delay.
HEARD_BEFORE = 2  # vectors
SWITCH_COST = 2.5  # nats for leaving a phoneme: a sound of one vector must be clearly heard
SHORT_GAP = 4  # vectors: a gap between words that is no longer belongs to its neighbours


def spans_of(log_probabilities: FloatArray, rate: float) -> tuple[PhonemeSpan, ...]:
    """Phonemes in order without holes, at the times of their sound, from log-probabilities `(P, T)`.

    `rate` is in vectors a second.
    """
    track = smoothed(log_probabilities)
    track = np.concatenate([track[HEARD_BEFORE:], np.repeat(track[-1:], min(HEARD_BEFORE, len(track)))])
    runs = _without_gaps(_runs(track))
    return tuple(PhonemeSpan(INVENTORY[number], start / rate, end / rate) for number, start, end in runs)


def smoothed(log_probabilities: FloatArray, cost: float = SWITCH_COST) -> NDArray[np.int64]:
    """Likeliest phoneme number of each vector (Viterbi), where every change costs `cost` nats."""
    count, length = log_probabilities.shape
    came_from = np.zeros((length, count), dtype=np.int64)
    best = log_probabilities[:, 0].astype(np.float64)
    own = np.arange(count)
    for t in range(1, length):
        winner = int(best.argmax())
        changed = best[winner] - cost > best
        came_from[t] = np.where(changed, winner, own)
        best = np.where(changed, best[winner] - cost, best) + log_probabilities[:, t]
    track = np.empty(length, dtype=np.int64)
    track[-1] = int(best.argmax())
    for t in range(length - 1, 0, -1):
        track[t - 1] = came_from[t, track[t]]
    return track


def _runs(track: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """(number, start, end) of every stretch of the same number."""
    edges = [0, *(np.flatnonzero(np.diff(track)) + 1).tolist(), len(track)]
    return [(int(track[a]), a, b) for a, b in pairwise(edges)]


def _without_gaps(runs: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Gaps between words become pauses where they are long or touch one, else their neighbours meet in the middle."""
    gap, pause = NUMBER[GAP], NUMBER[PAUSE]
    out: list[tuple[int, int, int]] = []
    for i, (number, start, end) in enumerate(runs):
        if number == gap:
            beside = {runs[j][0] for j in (i - 1, i + 1) if 0 <= j < len(runs)}
            inner = 0 < i < len(runs) - 1
            if inner and end - start <= SHORT_GAP and pause not in beside:
                middle = (start + end) // 2
                out[-1] = (out[-1][0], out[-1][1], middle)
                runs[i + 1] = (runs[i + 1][0], middle, runs[i + 1][2])
                continue
            number = pause
        if out and out[-1][0] == number:
            out[-1] = (number, out[-1][1], end)
        else:
            out.append((number, start, end))
    return out


assert INVENTORY[NUMBER[PAUSE]] == SILENCE
