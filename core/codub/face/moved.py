"""A person's references moved by a motion at the plate's resolution, where the mask shows it only, in one pass."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from codub.compiled import compiled, inlined
from codub.face.model import FloatArray, MouthMotion, Pictures
from codub.face.taps import LEAST, MOST, ONE, Colour, weighed
from codub.face.warp import enlarge_mask, enlarging

# Sampling between two pixels blurs; between coefficients that lie so far aside it does not, at the same cost (Blu,
# Thevenaz and Unser 2004): 56 to 58 dB to bicubic sampling, which looks at 16 pixels, and a little sharper.
ASIDE = np.float32(0.21)  # of a pixel
STEPS = 64  # of a coefficient, to a level: they are kept as whole numbers, half as large as floats
AFTER = 2  # numbers that a look at the last pixel loads beyond it
LEAST_SHARE = np.float32(1 / 2048 / STEPS)  # a reference with a smaller one is left out there: an eighth of a level


class MovedReferences:
    """One person's references `(K, S, S, 3)` RGB uint8 made ready once, to be moved frame by frame.

    What `compose` gives, worked out where the mask shows it only.
    """

    def __init__(self, references: Pictures) -> None:
        self._size = references.shape[1]
        coefficients = np.rint(STEPS * _coefficients(references)).astype(np.int16)
        self._pictures = np.concatenate([coefficients.ravel(), np.zeros(AFTER, np.int16)])
        self._mask: FloatArray | None = None
        self._shares: FloatArray | None = None

    def laid(self, motion: MouthMotion, target: Pictures, *, whole: bool = False) -> Pictures:
        """One generated crop `(S, S, 3)` RGB uint8: `target` outside the mask, the moving mouth inside.

        `motion` holds one frame; `target` is a crop of the references' size. Where the mask is 0 the target's values
        come back unchanged; `whole`: everywhere else it does not show through at all.
        """
        shares = self._enlarged(motion.mask)
        maps = np.concatenate([motion.blend[0] / STEPS, motion.flow[0].reshape(-1, *motion.mask.shape)])
        rows, columns = (
            slice(int(places[0]), int(places[-1]) + 1) if len(places) else slice(0, 0)
            for places in (np.flatnonzero((shares > 0).any(axis)) for axis in (1, 0))
        )
        result = target.copy()
        cubic = enlarging(len(motion.mask), self._size)
        across = (motion.colour[0].transpose(1, 0, 2) @ cubic[columns].T).reshape(len(motion.mask), -1)
        own = (cubic[rows] @ (MOST * STEPS * across)).reshape(-1, 3, columns.stop - columns.start)
        first = rows.start, columns.start
        _move(np.ascontiguousarray(maps.transpose(1, 2, 0)), self._pictures, own, shares, first, whole, result)
        return result

    def _enlarged(self, mask: FloatArray) -> FloatArray:
        """The mask at the references' size; it is the same for every frame."""
        if self._mask is None or self._shares is None or not np.array_equal(self._mask, mask):
            self._mask, self._shares = mask, enlarge_mask(mask, self._size)
        return self._shares


def apply(motion: MouthMotion, references: Pictures, target: Pictures) -> Pictures:
    """`MovedReferences.laid` of references `(K, S, S, 3)` that serve for one frame only."""
    return MovedReferences(references).laid(motion, target)


def _coefficients(references: Pictures) -> FloatArray:
    """References `(K, S, S, 3)` such that a bilinear look, `ASIDE` pixels back, finds their own values at pixels."""
    values: NDArray[np.floating] = references.astype(np.float64)
    back = ASIDE / (1 - ASIDE)
    for axis in (1, 2):
        first = -back * np.take(values, [0], axis)  # before the picture its edge repeats
        values, _ = lfilter([1 + back], [1, back], values, axis, first)
    return values.astype(np.float32)


@compiled
def _move(
    maps: FloatArray,
    pictures: NDArray[np.int16],
    own: FloatArray,
    shares: FloatArray,
    first: tuple[int, int],
    whole: bool,
    result: Pictures,
) -> None:
    """Maps (s, s, K + 1 + 2 K): shares, then flows; `own` (h, 3, w) is what is painted, from place `first` on."""
    side, size, count = maps.shape[0], result.shape[0], maps.shape[2] // 3
    wide, row, here = np.float32(size), np.empty((side, maps.shape[2]), np.float32), np.empty(maps.shape[2], np.float32)
    for j in range(first[0], first[0] + own.shape[0]):
        upper, lower, below = _neighbours(j, size, side)
        for column in range(side):
            for c in range(maps.shape[2]):
                row[column, c] = maps[upper, column, c] + below * (maps[lower, column, c] - maps[upper, column, c])
        for i in range(first[1], first[1] + own.shape[2]):
            if shares[j, i] <= 0:
                continue
            left, right, past = _neighbours(i, size, side)
            for c in range(maps.shape[2]):
                here[c] = row[left, c] + past * (row[right, c] - row[left, c])
            own_row, column, painted = own[j - first[0]], i - first[1], here[count]
            red, green, blue = painted * own_row[0, column], painted * own_row[1, column], painted * own_row[2, column]
            for k in range(count):
                if here[k] >= LEAST_SHARE:
                    x, y = wide * here[count + 1 + 2 * k] - ASIDE, wide * here[count + 2 + 2 * k] - ASIDE
                    more = _look(pictures, k, size, np.float32(i) + x, np.float32(j) + y, here[k])
                    red, green, blue = red + more[0], green + more[1], blue + more[2]
            share = ONE if whole else shares[j, i]
            for c, made in enumerate((red, green, blue)):
                before = np.float32(result[j, i, c])
                result[j, i, c] = np.uint8(min(max(np.rint(before + share * (made - before)), LEAST), MOST))


@inlined
def _look(pictures: NDArray[np.int16], number: int, size: int, x: Any, y: Any, share: np.float32) -> Colour:
    """A share of a picture's colour at a place, pixels' centres at + 0; beyond its edge that repeats."""
    last = np.float32(size - 1)
    x, y = min(max(x, LEAST), last), min(max(y, LEAST), last)
    left, top = min(np.int32(x), np.int32(size - 2)), min(np.int32(y), np.int32(size - 2))
    past, below = x - np.float32(left), share * (y - np.float32(top))
    place = 3 * ((number * size + top) * size + left)
    colour: Colour = weighed(pictures, place, 3 * size, (ONE - past, past), (share - below, below))
    return colour


@inlined
def _neighbours(place: int, size: int, side: int) -> tuple[int, int, np.float32]:
    """Of `side` values enlarged to `size` the two that a place lies between, and how far beyond the first."""
    exact = max((place + 0.5) * side / size - 0.5, 0.0)
    first = int(exact)
    return first, min(first + 1, side - 1), np.float32(exact - first)
