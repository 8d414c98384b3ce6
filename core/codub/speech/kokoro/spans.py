"""Which frames of Kokoro's latents can be heard, and which sound stands where in them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from codub.latent import PhonemeSpan
from codub.speech import spans

Whole = NDArray[np.int64]

QUIET = 0.0  # energy below which nothing is heard: about 55 dB under a vowel (measured against the synthesizer)
FRAME = 0.025  # s
# The features stand 50 ms behind the sound made of them: labels of clips that the voice spoke follow their loudness
# best at +50 ms, while F0 and energy are in time.
FEATURES_BEHIND = 2  # frames
OVERLAP = 4  # frames in which two pieces of a line fade into one another
SHORTEST = 32  # frames of a piece


def phoneme_spans(symbols: Sequence[str], owners: Whole, energy: NDArray[np.float32]) -> tuple[PhonemeSpan, ...]:
    """Spans without gaps; `owners` is the index of each 25 ms frame's symbol (`SILENCE` for pads).

    `energy` is the line's at 80 Hz.
    """
    return spans.phoneme_spans(symbols, owners, loud(energy), FRAME)


def in_sound(owners: Whole) -> Whole:
    """Owners of the frames of the sound, from those of the features: the features stand `FEATURES_BEHIND` later."""
    return np.concatenate([owners[FEATURES_BEHIND:], np.repeat(owners[-1:], min(FEATURES_BEHIND, len(owners)))])


def loud(energy: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which 25 ms frames can be heard, from the energy at 80 Hz."""
    return np.asarray(energy.reshape(-1, 2).max(axis=1) > QUIET, dtype=np.bool_)


def stretches(energy: NDArray[np.float32]) -> list[int]:
    """Where a line can be cut to be spoken in pieces: 0, vectors in the middle of pauses, and the end.

    `energy` is at 80 Hz. A pause is as long as pieces overlap, a piece as long as a norm needs.
    """
    heard = loud(energy)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], ~heard, [False])).astype(np.int8)))
    cuts = [0]
    for start, end in edges.reshape(-1, 2).tolist():
        middle = (start + end) // 2
        if end - start >= OVERLAP and min(middle - cuts[-1], len(heard) - middle) >= SHORTEST:
            cuts.append(middle)
    return [*cuts, len(heard)]


def pausing(symbols: Sequence[str], durations: Whole, energy: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which symbols (pads among them) stand for silence: pads, spaces and punctuation that are not spoken through."""
    ends = np.cumsum(durations)
    heard = loud(energy)
    silent = [not heard[end - n : end].mean() >= 0.5 for n, end in zip(durations, ends, strict=True)]
    return spans.pauses(symbols) & np.array(silent, dtype=np.bool_)
