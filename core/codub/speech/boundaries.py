"""Boundaries of sounds as they are heard, and the symbols behind them: what a dragged boundary asks of a voice."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from codub.errors import CueError
from codub.latent import SILENCE, PhonemeSpan, SpeechLatent
from codub.speech.fitting import round_to_sum
from codub.speech.model import LONGEST_SYMBOL, PLAIN, Delivery
from codub.speech.notation import MARKS, PAUSES, STRESS


def spans_symbols(spans: Sequence[PhonemeSpan], symbols: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """For each span the indexes of the symbols that are heard in it; none for the silence at the edges.

    Spans join what belongs together (see `kokoro.spans`): stress marks stand with the sound after them, length marks
    with the one before, a space in running speech with the sound before it, and pauses are silence. A voice may have
    swallowed sounds at either end of the line; the others are all there, in order.

    Raises:
        CueError: the spans are of another text.
    """
    sounding = [i for i, symbol in enumerate(symbols) if symbol not in PAUSES and symbol not in MARKS]
    heard = [k for k, span in enumerate(spans) if span.phoneme != SILENCE]
    first = _found([spans[k].phoneme for k in heard], [symbols[i] for i in sounding])
    groups: list[list[int]] = [[] for _ in spans]
    for k, i in zip(heard, sounding[first:], strict=False):
        groups[k].append(i)
    for before, after in pairwise(heard):
        silence = before + 1 if after > before + 1 else before
        for i in range(groups[before][0] + 1, groups[after][-1]):
            symbol = symbols[i]
            groups[after if symbol in STRESS else before if symbol in MARKS else silence].append(i)
    if heard:
        start = groups[heard[0]][0]
        while start > 0 and symbols[start - 1] in MARKS:
            start -= 1
            groups[heard[0]].append(start)
        end = groups[heard[-1]][0] + 1
        while end < len(symbols) and symbols[end] in MARKS - STRESS:
            groups[heard[-1]].append(end)
            end += 1
    return tuple(tuple(sorted(group)) for group in groups)


def dragged(
    latent: SpeechLatent,
    symbols: Sequence[str],
    given: Sequence[float],
    sounds: tuple[int, int],
    to: float,
    delivery: Delivery = PLAIN,
) -> Delivery:
    """The delivery that lets a sound or word end at another moment when the line is said again.

    `given` are the seconds each of the line's `symbols` got in the take that `latent` is of; `sounds` are the first
    and last of the latent's spans that are stretched or squeezed (the same twice for one phoneme, those of a word for
    a word); `to` is where they shall end, in seconds from the latent's start, kept to the latent's own step. What
    comes before keeps its durations and so its place; what comes after is fitted into what is left of the window,
    but for durations that `delivery` has set.

    Raises:
        CueError: the take is of another text, or nothing in these spans can be moved.
    """
    if len(given) != len(symbols):
        raise CueError(
            "The boundaries of this take cannot be dragged.",
            cause="It is not known how long each of its sounds was made."
            if not given
            else "Its text is not the line's.",
            fix="Dub the line again and drag in the new take.",
        )
    groups = spans_symbols(latent.spans, symbols)
    moved = [i for group in groups[sounds[0] : sounds[1] + 1] for i in group if given[i] > 0]
    if not moved:
        raise CueError("The silence round a line has no length of its own.", fix="Move the cue's start or end.")
    step = float(1 / latent.space.rate)
    steps = np.array([given[i] / step for i in moved])
    target = round((to - latent.spans[sounds[1]].end) / step) + round(float(steps.sum()))
    longest = int(LONGEST_SYMBOL / step) * len(moved)
    target = min(max(target, len(moved)), longest)
    fitted = round_to_sum(steps * target / steps.sum(), target) * step
    durations = list(delivery.durations) or [None] * len(symbols)
    for i in range(moved[0]):
        durations[i] = given[i] or None
    for i, seconds in zip(moved, fitted.tolist(), strict=True):
        durations[i] = round(seconds, 6)
    return replace(delivery, durations=tuple(durations))


def _found(heard: Sequence[str], wanted: Sequence[str]) -> int:
    """Where the heard phonemes begin among those of the line."""
    for first in range(len(wanted) - len(heard) + 1):
        if list(wanted[first : first + len(heard)]) == list(heard):
            return first
    raise CueError("The take was spoken from another text.", fix="Dub the line again, or give it the take's text.")
