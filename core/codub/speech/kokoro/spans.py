"""Phoneme spans of a latent: which sound stands where, silence told from what merely has no letter."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from codub.latent import SILENCE, PhonemeSpan
from codub.speech.kokoro.vocabulary import MARKS, PAUSES, STRESS

Whole = NDArray[np.int64]

QUIET = 0.0  # energy below which nothing is heard: about 55 dB under a vowel (measured against the synthesizer)
FRAME = 0.025  # s
# The features stand 50 ms behind the sound made of them: labels of clips that the voice spoke follow their loudness
# best at +50 ms, while F0 and energy are in time.
FEATURES_BEHIND = 2  # frames
SHORTEST_PAUSE = 3  # frames; a shorter gap inside a line is part of a sound


def phoneme_spans(symbols: Sequence[str], owners: Whole, energy: NDArray[np.float32]) -> tuple[PhonemeSpan, ...]:
    """Spans without gaps; `owners` is the index of each 25 ms frame's symbol (`SILENCE` for pads).

    `energy` is the line's at 80 Hz. Stress marks join the sound after them, length marks the one before; a space
    inside running speech is no silence and goes to the sound before it; silence at either end is split off.
    """
    labels = _labels(symbols, owners, loud(energy))
    edges = [0, *(np.flatnonzero(labels[1:] != labels[:-1]) + 1).tolist(), len(labels)]
    sounding = [int(labels[start]) for start in edges[:-1]]
    return tuple(
        PhonemeSpan(SILENCE if owner < 0 else symbols[owner], start * FRAME, end * FRAME)
        for owner, start, end in zip(sounding, edges[:-1], edges[1:], strict=True)
    )


def in_sound(owners: Whole) -> Whole:
    """Owners of the frames of the sound, from those of the features: the features stand `FEATURES_BEHIND` later."""
    return np.concatenate([owners[FEATURES_BEHIND:], np.repeat(owners[-1:], min(FEATURES_BEHIND, len(owners)))])


def loud(energy: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which 25 ms frames can be heard, from the energy at 80 Hz."""
    return np.asarray(energy.reshape(-1, 2).max(axis=1) > QUIET, dtype=np.bool_)


def pausing(symbols: Sequence[str], durations: Whole, energy: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which symbols (pads among them) stand for silence: pads, spaces and punctuation that are not spoken through."""
    ends = np.cumsum(durations)
    heard = loud(energy)
    silent = [not heard[end - n : end].mean() >= 0.5 for n, end in zip(durations, ends, strict=True)]
    return _pauses(symbols) & np.array(silent, dtype=np.bool_)


def _labels(symbols: Sequence[str], owners: Whole, heard: NDArray[np.bool_]) -> Whole:
    """For each frame the index of the symbol that sounds, -1 for silence."""
    pause = _pauses(symbols)
    silent = pause[owners] & ~heard
    for start, end in runs(silent):
        silent[start:end] &= end - start >= SHORTEST_PAUSE or start == 0 or end == len(owners)
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


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The stretches `[start, end)` where `flags` hold."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _pauses(symbols: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([symbol == SILENCE or symbol in PAUSES for symbol in symbols], dtype=np.bool_)


def _neighbours(symbols: Sequence[str], pause: NDArray[np.bool_]) -> tuple[Whole, Whole]:
    """For each symbol the nearest one with a sound of its own at or before it, and at or after it; -1 for none."""
    speaks = ~pause & np.array([symbol not in MARKS for symbol in symbols])
    own = np.where(speaks, np.arange(len(symbols)), -1)
    before = np.maximum.accumulate(own)
    far = len(symbols)
    after = np.minimum.accumulate(np.where(speaks, own, far)[::-1])[::-1]
    return before, np.where(after == far, -1, after)
