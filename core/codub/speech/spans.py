"""Phoneme spans of a latent: which sound stands where, silence told from what merely has no letter."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from codub.latent import SILENCE, PhonemeSpan
from codub.speech.notation import MARKS, PAUSES, STRESS

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

SHORTEST_PAUSE = 0.06  # s; a shorter gap inside a line is part of a sound


def phoneme_spans(symbols: Sequence[str], owners: Whole, heard: Flags, frame: float) -> tuple[PhonemeSpan, ...]:
    """Spans without gaps of frames of `frame` seconds.

    `owners` `(T,)` is the index of each frame's symbol (`SILENCE` for pads), `heard` `(T,)` whether it can be heard.
    Stress marks join the sound after them, length marks the one before; a space inside running speech is no silence
    and goes to the sound before it; silence at either end is split off.
    """
    labels = _labels(symbols, owners, heard, SHORTEST_PAUSE / frame)
    edges = [0, *(np.flatnonzero(labels[1:] != labels[:-1]) + 1).tolist(), len(labels)]
    sounding = [int(labels[start]) for start in edges[:-1]]
    return tuple(
        PhonemeSpan(SILENCE if owner < 0 else symbols[owner], start * frame, end * frame)
        for owner, start, end in zip(sounding, edges[:-1], edges[1:], strict=True)
    )


def pauses(symbols: Sequence[str]) -> Flags:
    """Which symbols may stand for silence: pads, spaces and punctuation."""
    return np.array([symbol == SILENCE or symbol in PAUSES for symbol in symbols], dtype=np.bool_)


def _labels(symbols: Sequence[str], owners: Whole, heard: Flags, shortest: float) -> Whole:
    """For each frame the index of the symbol that sounds, -1 for silence."""
    pause = pauses(symbols)
    silent = pause[owners] & ~heard
    for start, end in runs(silent):
        silent[start:end] &= end - start >= shortest or start == 0 or end == len(owners)
    if heard.any():
        first, last = np.flatnonzero(heard)[[0, -1]]
        silent[:first] = True
        silent[last + 1 :] = True
    before, after = _neighbours(symbols, pause)
    labels = np.full(len(owners), -1, dtype=np.int64)
    for i in np.flatnonzero(~silent):
        opening = i == 0 or labels[i - 1] != before[owners[i]] or symbols[owners[i]] in STRESS
        wanted = (after, before) if opening else (before, after)
        labels[i] = next((side[owners[i]] for side in wanted if side[owners[i]] >= 0), -1)
    return labels


def runs(flags: Flags) -> list[tuple[int, int]]:
    """The stretches `[start, end)` where `flags` hold."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _neighbours(symbols: Sequence[str], pause: Flags) -> tuple[Whole, Whole]:
    """For each symbol the nearest one with a sound of its own at or before it, and at or after it; -1 for none."""
    speaks = ~pause & np.array([symbol not in MARKS for symbol in symbols])
    own = np.where(speaks, np.arange(len(symbols)), -1)
    before = np.maximum.accumulate(own)
    far = len(symbols)
    after = np.minimum.accumulate(np.where(speaks, own, far)[::-1])[::-1]
    return before, np.where(after == far, -1, after)
