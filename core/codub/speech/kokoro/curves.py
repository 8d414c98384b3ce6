"""Frames of a line as the text side predicts them, cut, joined, and held silent."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codub.latent import SILENT_ENERGY
from codub.speech.kokoro.spans import FEATURES_BEHIND

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Curves:
    """Features `(512, T)` at 40 Hz, F0 in Hz and energy `(2 T,)` at 80 Hz, and the symbol of each frame."""

    features: Floats
    f0: Floats
    energy: Floats
    owners: Whole

    def cut(self, start: int, end: int) -> "Curves":
        """The frames `[start, end)`."""
        f0, energy = self.f0[2 * start : 2 * end], self.energy[2 * start : 2 * end]
        return Curves(self.features[:, start:end], f0, energy, self.owners[start:end])

    def silenced(self, durations: Whole, more: Whole) -> "Curves":
        """With `more` silent frames in each symbol, of which each has `durations` frames here.

        They are put where the symbol is quietest, before its last frame.
        """
        curves, end = self, 0
        for own, extra in zip(durations.tolist(), more.tolist(), strict=True):
            if extra:
                curves, own = curves._silent_at(end, end + own, extra), own + extra
            end += own
        return curves

    def _silent_at(self, start: int, end: int, count: int) -> "Curves":
        # F0 and energy are in time with the sound, features and owners stand behind it.
        first, last = max(start - FEATURES_BEHIND, 0), max(end - FEATURES_BEHIND, 1)
        loudest = self.energy.reshape(-1, 2).max(axis=1)
        at = first + int(np.argmin(loudest[first:last]))
        behind = min(max(at + FEATURES_BEHIND, start), end - 1)
        where = np.full(count, behind)
        return Curves(
            np.insert(self.features, where, self.features[:, behind, None], axis=1),
            np.insert(self.f0, np.full(2 * count, 2 * at), 0.0),
            np.insert(self.energy, np.full(2 * count, 2 * at), SILENT_ENERGY),
            np.insert(self.owners, where, self.owners[behind]),
        )


def joined(parts: Sequence[Curves]) -> Curves:
    """The parts one after the other."""
    return Curves(
        np.concatenate([part.features for part in parts], axis=1),
        np.concatenate([part.f0 for part in parts]),
        np.concatenate([part.energy for part in parts]),
        np.concatenate([part.owners for part in parts]),
    )
