"""Which frames of a person show which kind of mouth: by the lips' opening and by the distance of their corners."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float32]

# Round and spread mouths are looked for among half open ones: a shut mouth's width says little of the vowel's.
OPENING_SHARE = 0.3
# Of mouths opened alike the usual one is taken: lips pressed in the middle of a word, taken for the closed one, cost a
# film 0.8 dB. With this the mouth's PSNR on eight films of six people hangs less on such chances: 30.96 and 30.80 dB by
# two meshes that differ by a hundredth of a pixel become 31.01 and 30.99. Alike is a tenth of the range.
USUAL_SHARE, ALIKE = 0.2, 0.1
# Of the eyes' distance; a mouth that is open wider is not shut. Of 81 clips of GRID, which all begin and end with the
# mouth shut, the smallest opening is 0.011 in the middle, 0.023 at the 95th percentile, 0.037 at the most.
SHUT_UNTIL = 0.05


def mouth_costs(openings: ArrayLike, widths: ArrayLike, count: int) -> NDArray[np.float64]:
    """How far each of N frames is from each of the first `count` kinds of `MOUTHS`, `(count, N)`; 0 is just that kind.

    `openings` and `widths` `(N,)` over the distance of the eyes; distances are in units of the frames' own range.
    Kinds beyond the eighth are openings between closed and wide.
    """
    opened, wide = np.asarray(openings, np.float64), np.asarray(widths, np.float64)
    low, high = np.percentile(opened, (4, 97))
    narrow, broad = np.percentile(wide, (4, 96))
    middle = (low + high) / 2
    opening_range, width_range = max(high - low, 1e-3), max(broad - narrow, 1e-3)

    def off(target: float) -> NDArray[np.float64]:
        return np.asarray(np.abs(opened - target) / opening_range)

    def opening(target: float) -> NDArray[np.float64]:
        usual = _weighted_median(wide, np.exp(-((off(target) / ALIKE) ** 2)))
        return np.asarray(off(target) + USUAL_SHARE * np.abs(wide - usual) / width_range)

    def width(target: float, opened_by: float = middle) -> NDArray[np.float64]:
        return np.asarray(np.abs(wide - target) / width_range + OPENING_SHARE * off(opened_by))

    ajar, wider = (3 * low + high) / 4, (low + 3 * high) / 4
    kinds = [opening(low), opening(high), opening(middle), width(narrow), width(broad)]
    kinds += [opening(ajar), opening(wider), width(narrow, ajar)]
    kinds += [opening(float(v)) for v in np.percentile(opened, np.linspace(20, 80, max(0, count - len(kinds))))]
    return np.stack(kinds[:count])


def pick_mouths(openings: ArrayLike, widths: ArrayLike, count: int) -> tuple[int, ...]:
    """The best frame of each kind, no frame twice while there are enough."""
    costs = mouth_costs(openings, widths, count)
    chosen: list[int] = []
    for own in costs:
        order = np.argsort(own, kind="stable")
        chosen.append(int(next((i for i in order if int(i) not in chosen), order[0])))
    return tuple(chosen)


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values)
    sums = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(sums, sums[-1] / 2)])
