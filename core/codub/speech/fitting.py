"""Predicted durations fitted to a window: edges and pauses give way first, then the phonemes within limits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from codub.speech.model import Fit

SLOWEST, FASTEST = 1.25, 0.8  # factors on phonemes
PAUSE_LONGEST, PAUSE_SHORTEST = 2.0, 0.5  # factors on pauses
LEAD, TAIL = 0.075, 0.1  # seconds of silence kept before and after the line
TIGHT_LEAD, TIGHT_TAIL = 0.025, 0.05  # the same when the line is pressed for time
JOINT = 0.125  # seconds of silence kept on each side of the joint between two pieces of a long line

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Timing:
    """What the model would do with one line, in frames of which there are `rate` a second.

    `core` is the part of each symbol's predicted duration that lies between the first and the last sound, `pause`
    tells which symbols are silent there, `edge` is each symbol's share of the silence outside; `lead` and `tail` are
    the frames of that silence before and after, `between` what is kept of it between the pieces of a long line.
    """

    core: Floats
    pause: NDArray[np.bool_]
    edge: Whole
    lead: int
    tail: int
    rate: float
    between: int = 0

    def frames(self, seconds: float) -> int:
        """Whole frames of a stretch of silence."""
        return round(seconds * self.rate)


@dataclass(frozen=True)
class Fitted:
    """Whole frames of every symbol's core, the silence to keep at the edges, and the account of it."""

    core: Whole
    lead: int
    tail: int
    fit: Fit


def timing(predicted: Floats, quiet: NDArray[np.bool_], first: int, last: int, rate: float) -> Timing:
    """Timing of one piece that sounds in the frames `[first, last)` of its rounded prediction.

    `quiet` tells which symbols are silent; those between the first and the last sound are its pauses.
    """
    whole = natural(predicted)
    ends = np.cumsum(whole)
    inside = np.clip(np.minimum(ends, last) - np.maximum(ends - whole, first), 0, None)
    core = np.where(inside == whole, np.maximum(predicted, 0.5), inside)
    pause = quiet & (inside > 0)
    return Timing(core, pause, whole - inside, first, int(ends[-1]) - last, rate)


def natural(predicted: Floats) -> Whole:
    """Whole frames as the model rounds them, at least one for each symbol."""
    return np.maximum(np.rint(predicted), 1).astype(np.int64)


def join(timings: Sequence[Timing]) -> Timing:
    """One timing of the pieces of a long line, with a pause between them of what silence they bring."""
    joints = pairwise(timings)
    return Timing(
        np.concatenate([t.core for t in timings]),
        np.concatenate([t.pause for t in timings]),
        np.concatenate([t.edge for t in timings]),
        timings[0].lead,
        timings[-1].tail,
        timings[0].rate,
        sum(joined(before.tail, before.rate) + joined(after.lead, after.rate) for before, after in joints),
    )


def joined(silence: int, rate: float) -> int:
    """Frames that are kept of the silence at one side of a joint."""
    return min(silence, round(JOINT * rate))


def fit_to(line: Timing, window: float | None, syllables: int, pace: float = 1.0, kept: Floats | None = None) -> Fitted:
    """Frames for a window in seconds; None keeps the natural pace. What `pace` asks for comes after the fit.

    The line is never longer than the window if that can be reached with phonemes at 0.8 of their length, and as
    near to it as 1.25 allows. `kept` holds the frames that a symbol gets whatever the others do, NaN for none; the
    silence before the line does not depend on it, so the line begins where it began without.
    """
    spoken = line.core > 0
    held = np.zeros(len(spoken), dtype=np.int64)
    if kept is not None:
        held = np.where(spoken & ~np.isnan(kept), natural(np.nan_to_num(kept)), 0)
    free = spoken & (held == 0)
    lead, tail = min(line.frames(LEAD), line.lead), min(line.frames(TAIL), line.tail)
    unfitted = (int(natural(line.core)[spoken].sum()) + lead + tail + line.between) / line.rate
    if window is None:
        core = held + np.where(free, natural(line.core / pace), 0)
        seconds = (int(core.sum()) + lead + tail + line.between) / line.rate
        return Fitted(core, lead, tail, Fit(unfitted, seconds, seconds, 1 / pace))
    room = math.floor(window * line.rate + 1e-6) - line.between
    lead, tail = _share(line, room - round(float(line.core.sum())), lead, tail)
    budget = room - lead - tail - int(held.sum())
    sounds, pauses = float(line.core[free & ~line.pause].sum()), float(line.core[free & line.pause].sum())
    sound_scale, pause_scale = _scales(sounds, pauses, budget)
    scaled = np.where(free, line.core * np.where(line.pause, pause_scale, sound_scale) / pace, 0)
    reached = float(scaled.sum())
    total = budget if pace == 1 and abs(reached - budget) < 0.5 else round(reached)
    core = held + round_to_sum(scaled, max(total, int(free.sum())))
    seconds = (int(core.sum()) + lead + tail + line.between) / line.rate
    excess = seconds - window if seconds > window + 1e-6 else 0.0
    over = math.ceil(excess * line.rate / int(core.sum()) * syllables) if excess else 0
    return Fitted(core, lead, tail, Fit(unfitted, window, seconds, sound_scale / pace, excess, over))


def round_to_sum(values: Floats, total: int) -> Whole:
    """Whole numbers near `values` that add up to `total`; those above 0 get at least 1."""
    positive = values > 0
    whole = np.where(positive, np.maximum(np.floor(values), 1), 0).astype(np.int64)
    while (missing := total - int(whole.sum())) != 0:
        gain = (
            np.where(positive, values - whole, -np.inf) if missing > 0 else np.where(whole > 1, whole - values, -np.inf)
        )
        order = np.argsort(-gain, kind="stable")[: abs(missing)]
        order = order[np.isfinite(gain[order])]
        if not len(order):
            raise ValueError(f"{total} frames are too few for {int(positive.sum())} symbols")
        whole[order] += 1 if missing > 0 else -1
    return whole


def _share(line: Timing, slack: int, lead: int, tail: int) -> tuple[int, int]:
    """Silent frames to keep before and after, out of `slack`: the usual ones at most, the tight ones at least."""
    usual_lead, usual_tail = line.frames(LEAD), line.frames(TAIL)
    kept = min(lead, max(line.frames(TIGHT_LEAD), slack * usual_lead // (usual_lead + usual_tail)))
    return kept, min(tail, max(line.frames(TIGHT_TAIL), slack - kept))


def _scales(sounds: float, pauses: float, budget: float) -> tuple[float, float]:
    """Factors on phonemes and on pauses that bring their sum to `budget`, as far as the limits let them."""
    pause_scale = 1.0
    if pauses > 0:
        pause_scale = min(max((budget - sounds) / pauses, PAUSE_SHORTEST), PAUSE_LONGEST)
    sound_scale = (budget - pauses * pause_scale) / sounds if sounds > 0 else 1.0
    return min(max(sound_scale, FASTEST), SLOWEST), pause_scale
