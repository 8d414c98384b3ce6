"""What the generator does to maps in bfloat16 between its convolutions, each in one pass; torch takes four or more."""

import numpy as np
from numpy.typing import NDArray

from codub.compiled import compiled
from codub.face.bfloat16 import Brains, narrowed, power_of_two, widened

Floats = NDArray[np.float32]

ZERO, ONE, TWO = np.float32(0), np.float32(1), np.float32(2)
EPSILON = np.float32(1e-5)  # torch's, of a group's variance
POWER = np.float32(1 / np.log(2))  # of two, that e is


@compiled
def normalise(x: Brains, weight: Floats, bias: Floats, groups: int, film: Floats, residual: Brains) -> None:
    """A map (N, H, W, C) in place: GroupNorm, FiLM, the residual added, SiLU.

    `film` (N, 2 C) are the scale over 1 and the shift of each channel; it and `residual` (N, H, W, C) have no rows
    where there is none.
    """
    count, height, width, channels = x.shape
    rows, added = x.reshape(count, height, -1), residual.reshape(len(residual), height, -1)
    gain, shift, row = np.empty((3, width * channels), np.float32)
    for n in range(count):
        _tally(rows[n], gain, shift)
        _level(gain, shift, height, weight, bias, groups, film[n] if len(film) else film.reshape(-1))
        for j in range(height):
            for i in range(width * channels):
                row[i] = gain[i] * widened(rows[n, j, i]) + shift[i]
            if len(added):
                for i in range(width * channels):
                    row[i] += widened(added[n, j, i])
            for i in range(width * channels):
                rows[n, j, i] = narrowed(row[i] / (ONE + power_of_two(-POWER * row[i])))


@compiled
def _tally(rows: Brains, sums: Floats, squares: Floats) -> None:
    """Sums over the first axis."""
    sums[:] = ZERO
    squares[:] = ZERO
    for j in range(rows.shape[0]):
        for i in range(rows.shape[1]):
            value = widened(rows[j, i])
            sums[i] += value
            squares[i] += value * value


@compiled
def _level(gain: Floats, shift: Floats, height: int, weight: Floats, bias: Floats, groups: int, film: Floats) -> None:
    """What a row's values are multiplied by and what is added; before, these hold the sums of values and squares."""
    channels = len(weight)
    own, width = channels // groups, len(gain) // channels
    for group in range(groups):
        total, squares = 0.0, 0.0
        for column in range(width):
            for c in range(group * own, (group + 1) * own):
                total += gain[column * channels + c]
                squares += shift[column * channels + c]
        places = height * width * own
        mean = total / places
        scale = 1 / np.sqrt(max(squares / places - mean * mean, 0.0) + EPSILON)
        for c in range(group * own, (group + 1) * own):
            more = ONE + film[c] if len(film) else ONE
            gain[c] = more * weight[c] * np.float32(scale)
            shift[c] = more * (bias[c] - weight[c] * np.float32(mean * scale))
            if len(film):
                shift[c] += film[channels + c]
    for i in range(channels, len(gain)):
        gain[i], shift[i] = gain[i - channels], shift[i - channels]


@compiled
def motion(out: Brains, first: tuple[int, int], reach: np.float32, flow: Floats, blend: Floats, colour: Floats) -> None:
    """The head's maps (N, h, w, C) as flow (N, K, 2, S, S), blend (N, K + 1, S, S) and colour (N, 3, S, S) in 0..1.

    They fill a box of these from row and column `first` on.
    """
    count, height, width, channels = out.shape
    kinds = blend.shape[1] - 1
    flat, factors, shown = out.reshape(count, height, -1), np.empty(width * channels, np.float32), 3 * kinds + 1
    row, near = np.empty((2, width * channels), np.float32)
    for i in range(width * channels):
        c = i % channels
        factors[i] = TWO * POWER if c < 2 * kinds else POWER if c < shown else -POWER
    for n in range(count):
        for j in range(height):
            for i in range(width * channels):
                row[i] = power_of_two(factors[i] * widened(flat[n, j, i]))
                near[i] = ONE / (ONE + row[i])
            y = first[0] + j
            for i in range(width):
                x, place, total = first[1] + i, i * channels, ZERO
                for c in range(2 * kinds, shown):
                    total += row[place + c]
                share = ONE / total
                for k in range(kinds + 1):
                    blend[n, k, y, x] = share * row[place + 2 * kinds + k]
                for k in range(kinds):
                    flow[n, k, 0, y, x] = reach * (ONE - TWO * near[place + 2 * k])
                    flow[n, k, 1, y, x] = reach * (ONE - TWO * near[place + 2 * k + 1])
                for c in range(3):
                    colour[n, c, y, x] = near[place + shown + c]
