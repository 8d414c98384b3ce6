"""How a line's symbols stand among the blanks of the text encoder, and which of them are silence.

Symbol k of n is token 2k + 1 of 2n + 1; the blank behind it counts as its end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codub.latent import SILENCE
from codub.speech import fitting
from codub.speech.notation import PAUSES

RATE = 50.0  # frames a second
LEAST = 2  # frames of a symbol with its blank: each token has at least one

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Spacing:
    """Tokens of one piece: `symbols` with `SILENCE` for blanks, `quiet` in pauses, those that sound `[first, last)`."""

    symbols: tuple[str, ...]
    quiet: NDArray[np.bool_]
    first: int
    last: int

    @classmethod
    def of(cls, symbols: Sequence[str]) -> "Spacing":
        """The spacing of a piece in which something sounds.

        A pause is a run of punctuation, with its spaces and the blanks inside and behind it; a space alone is none.
        """
        tokens = [SILENCE]
        for symbol in symbols:
            tokens += [symbol, SILENCE]
        quiet = np.zeros(len(tokens), dtype=np.bool_)
        first, last = 0, len(tokens)
        for start, end in _runs(symbols):
            if any(symbol != " " for symbol in symbols[start:end]) or start == 0 or end == len(symbols):
                quiet[2 * start + 1 : 2 * end + 1] = True
            first = 2 * end if start == 0 else first
            last = 2 * start + 1 if end == len(symbols) else last
        quiet[: first + 1] = True
        return cls(tuple(tokens), quiet, first + 1, last)

    def timing(self, durations: Whole) -> fitting.Timing:
        """What the fitting may do with the tokens' whole `durations` in frames."""
        ends = np.cumsum(durations)
        first, last = int(ends[self.first - 1]), int(ends[self.last - 1])
        return fitting.timing(durations.astype(np.float64), self.quiet, first, last, RATE)

    def heard(self, durations: Whole) -> NDArray[np.bool_]:
        """Which frames can be heard at those durations."""
        sounding = ~self.quiet
        sounding[self.last :] = False
        return np.repeat(sounding, durations)


def held(durations: Whole, wanted: Sequence[float | None]) -> Floats:
    """Frames that tokens get whatever the others do, NaN for none, from seconds wanted for every symbol.

    A symbol shares them with the blank behind it as the model does, at least one frame each.
    """
    kept = np.full(len(durations), np.nan)
    for i, seconds in enumerate(wanted):
        if seconds is not None:
            own, blank = int(durations[2 * i + 1]), int(durations[2 * i + 2])
            frames = max(round(seconds * RATE), LEAST)
            share = min(max(round(frames * blank / (own + blank)), 1), frames - 1)
            kept[2 * i + 1 : 2 * i + 3] = frames - share, share
    return kept


def given(core: Whole) -> list[float]:
    """Seconds that each symbol was given, from its tokens' frames."""
    return [float(frames) / RATE for frames in core[1::2] + core[2::2]]


def _runs(symbols: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Stretches `[start, end)` of spaces and punctuation."""
    start = None
    for i, symbol in enumerate((*symbols, SILENCE)):
        if symbol in PAUSES:
            start = i if start is None else start
        elif start is not None:
            yield start, i
            start = None
