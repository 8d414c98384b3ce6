"""How near made pictures are to true ones: PSNR, structural similarity, sharpness, flicker. RGB uint8 `(H, W, 3)`."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Values = NDArray[np.float64]


def psnr(made: Sequence[Picture], true: Sequence[Picture]) -> float:
    """Peak signal over all pictures' error, in dB; 108 where there is none."""
    error = np.mean([(a.astype(np.float64) - b) ** 2 for a, b in zip(made, true, strict=True)])
    return 10 * math.log10(255**2 / max(float(error), 1e-6))


def mean_ssim(made: Sequence[Picture], true: Sequence[Picture]) -> float:
    """Mean of `ssim` over pairs of pictures."""
    return float(np.mean([ssim(a, b) for a, b in zip(made, true, strict=True)]))


def ssim(made: Picture, true: Picture) -> float:
    """Structural similarity of two RGB pictures (Wang et al. 2004: Gaussian window 11, 1.5; K 0.01, 0.03), grey."""
    from scipy.ndimage import gaussian_filter

    weights = np.array([0.299, 0.587, 0.114])
    x, y = (picture.astype(np.float64) @ weights for picture in (made, true))

    def blur(values: Values) -> Values:
        return np.asarray(gaussian_filter(values, 1.5, truncate=3.34))

    mx, my = blur(x), blur(y)
    vx, vy, cov = blur(x * x) - mx**2, blur(y * y) - my**2, blur(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    score = ((2 * mx * my + c1) * (2 * cov + c2)) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    return float(score[5:-5, 5:-5].mean())


def sharpness(made: Sequence[Picture], true: Sequence[Picture]) -> float:
    """Gradient energy of made over true pictures."""

    def energy(pictures: Sequence[Picture]) -> float:
        total = 0.0
        for picture in pictures:
            values = picture.astype(np.float64)
            total += float((np.diff(values, axis=0) ** 2).mean() + (np.diff(values, axis=1) ** 2).mean())
        return total

    return energy(made) / max(energy(true), 1e-6)


def flicker(made: Sequence[Picture], true: Sequence[Picture], still: Sequence[int]) -> float:
    """Mean change from a picture to the next, made over true, at the places in `still` (each with its successor).

    NaN where there is no such place.
    """

    def change(pictures: Sequence[Picture]) -> float:
        pairs = ((pictures[i].astype(np.float64), pictures[i + 1].astype(np.float64)) for i in still)
        return float(np.mean([np.abs(b - a).mean() for a, b in pairs]))

    return change(made) / max(change(true), 1e-6) if still else math.nan
