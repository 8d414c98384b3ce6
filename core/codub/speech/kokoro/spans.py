"""Which frames of Kokoro's latents can be heard, and which sound stands where in them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from codub.latent import PhonemeSpan
from codub.speech import spans

Whole = NDArray[np.int64]

QUIET = 0.0  # energy below which nothing is heard: about 55 dB under a vowel (measured against the synthesizer)
FRAME = 0.025  # s
# The features stand 50 ms behind the sound made of them: labels of clips that the voice spoke follow their loudness
# best at +50 ms, while F0 and energy are in time.
FEATURES_BEHIND = 2  # frames
OVERLAP = 4  # frames in which two pieces of a line fade into one another
CONTEXT = 4  # frames that a piece is made longer by beyond that, and cut off again: the generator sees that far
SHORTEST = 28  # frames of a piece: a norm needs so much
FIRST = 40  # frames of a line's first piece at most, so that it is heard soon
LONGEST = 80  # of the others


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
    """Where a line is cut to be spoken in pieces: 0, the quietest places that are near enough, and the end, in frames.

    `energy` is at 80 Hz.
    """
    loudest = uniform_filter1d(energy.reshape(-1, 2).max(axis=1), OVERLAP, mode="nearest")
    cuts, end = [0], len(loudest)
    while end - cuts[-1] > (most := LONGEST if cuts[-1] else FIRST) and end - cuts[-1] >= 2 * SHORTEST:
        first, last = cuts[-1] + SHORTEST, min(cuts[-1] + most, end - SHORTEST)
        cuts.append(first + int(np.argmin(loudest[first : last + 1])))
    return [*cuts, end]


def pausing(symbols: Sequence[str], durations: Whole, energy: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which symbols (pads among them) stand for silence: pads, spaces and punctuation that are not spoken through."""
    ends = np.cumsum(durations)
    heard = loud(energy)
    silent = [not heard[end - n : end].mean() >= 0.5 for n, end in zip(durations, ends, strict=True)]
    return spans.pauses(symbols) & np.array(silent, dtype=np.bool_)
