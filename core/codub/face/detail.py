"""The generated crop as sharp as the plate, and without the references' own grain, which would stand still.

References are moved and mixed, which costs their finest detail; the plate may be out of focus where they are not.
Detail is what a Gaussian of one pixel takes away. Where skin shows in both, round the lips, that of the generated
crop is brought to the strength of the plate's, over a few frames: a lens that is turned blurs the mouth as well, though
not wholly, since coarser detail is left as it is.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from codub.compiled import compiled, inlined
from codub.face.composite import Mask, grain, shown_part
from codub.face.crop import Picture
from codub.face.sampling import LUMA
from codub.face.taps import LEAST, MOST

RADIUS = 1.0  # pixels; standard deviation of the Gaussian
# Its weights; what lies further than three deviations does not count.
KERNEL = gaussian_filter1d(np.eye(7, dtype=np.float64)[3], RADIUS, truncate=3).astype(np.float32)
REACH = 6  # pixels that two of them look further than a place
NOISE_SHARE = 0.76  # of white noise's variance that such a Gaussian takes away: 1 - 2 G(0) + sum of G squared
LEAST_NOISE = 0.7  # levels; quieter references are left as they are
CORED = 2.0  # standard deviations of the noise: weaker detail is taken for noise
EVERY, MEMORY = 2, 0.6  # frames from look to look, and the share of what is known that a new look leaves
SOFTEST, SHARPEST = -0.9, 1.2  # detail is never multiplied by less than 0.1, nor by more than 2.2
LEAST_GAIN = 0.02
# The lips: centre and half axes in crops' sides. Open or shut, their detail is not the plate's.
LIPS_X, LIPS_Y, LIPS_HALF = 0.5, 0.43, (0.22, 0.16)


def without_grain(crops: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Crops (K, S, S, 3) whose noise is gone and whose edges are there: detail as weak as the noise is left out."""
    return np.stack([_cored(crop) for crop in crops])


@dataclass
class DetailMatch:
    """Brings the generated crops of consecutive frames to the plate's sharpness."""

    _known: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))
    _frames: int = 0

    def matched(self, made: Picture, plate: Picture, mask: Mask) -> Picture:
        """`made` (S, S, 3) with as much detail as `plate` has, as far as this and the frames before it tell.

        Neither is looked at further than `REACH` pixels from where the mask shows anything.
        """
        if self._frames % EVERY == 0:
            self._look(made, plate, mask)
        self._frames += 1
        gain = _gain(*self._known)
        if abs(gain) < LEAST_GAIN:
            return made
        part, result = shown_part(mask, REACH), made.copy()
        values = made[part].astype(np.float32)
        _sharpen(values, _blurred(values), np.float32(gain), result[part])
        return result

    def _look(self, made: Picture, plate: Picture, mask: Mask) -> None:
        part = shown_part(mask, REACH)
        where = _skin(mask)[part]
        if not where.any():
            return
        made, plate, mask = made[part], plate[part], mask[part]
        once, own = (_detail(picture.astype(np.float32) @ LUMA) for picture in (made, plate))
        twice = _detail(once)
        missing = _strength(own, plate, where, mask) - _strength(once, made, where, mask)
        products = [(once[where] * twice[where]).mean(), (twice[where] ** 2).mean()]
        self._known = MEMORY * self._known + np.array([missing, *products])


def _gain(missing: float, both: float, twice: float) -> float:
    """How much detail to add so that its mean square grows by `missing`, within limits.

    Added `gain` times, the detail of the detail changes the mean square by 2 gain `both` + gain^2 `twice`.
    """
    if twice < 1e-3:
        return 0.0
    root = max(0.0, both**2 + twice * missing)
    return float(np.clip((np.sqrt(root) - both) / twice, SOFTEST, SHARPEST))


def _strength(detail: NDArray[np.float32], picture: Picture, where: NDArray[np.bool_], mask: Mask) -> float:
    """Mean square of a picture's detail without that of its noise."""
    return float((detail[where] ** 2).mean()) - NOISE_SHARE * grain(picture, mask) ** 2


def _detail(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a Gaussian takes away of (S, S) values."""
    return values - _blurred(values[..., None])[..., 0]


def _skin(mask: Mask) -> NDArray[np.bool_]:
    """Where the plate shows through the mask or the skin round the lips is generated: (S, S)."""
    place = (np.arange(mask.shape[0], dtype=np.float32) + 0.5) / mask.shape[0]
    x, y = (place - LIPS_X) / LIPS_HALF[0], (place - LIPS_Y) / LIPS_HALF[1]
    return np.asarray((mask > 0.2) & (x[None, :] ** 2 + y[:, None] ** 2 > 1))


def _cored(crop: Picture) -> Picture:
    values = crop.astype(np.float32)
    noise = grain(values, np.ones(crop.shape[:2], np.float32))
    if noise < LEAST_NOISE:
        return crop
    smooth = _blurred(values)
    detail = values - smooth
    kept = np.sign(detail) * np.maximum(np.abs(detail) - CORED * noise, 0)
    return np.asarray(np.clip(np.rint(smooth + kept), 0, 255), np.uint8)


def _blurred(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a Gaussian leaves of (H, W, C) values; at the edges they are mirrored."""
    result = np.empty(values.shape, np.float32)
    height, _, channels = values.shape
    _blur(np.ascontiguousarray(values).reshape(height, -1), KERNEL, channels, result.reshape(height, -1))
    return result


@compiled
def _blur(values: NDArray[np.float32], kernel: NDArray[np.float32], step: int, result: NDArray[np.float32]) -> None:
    """Rows of values, `step` of them a pixel: first down, then across."""
    height, width, reach = values.shape[0], values.shape[1], len(kernel) // 2
    margin = reach * step
    row = np.empty(width + 2 * margin, np.float32)
    for j in range(height):
        for i in range(width):
            row[margin + i] = kernel[reach] * values[j, i]
        for tap in range(1, reach + 1):
            upper, lower = _mirrored(j - tap, height), _mirrored(j + tap, height)
            _add_both(values[upper], values[lower], kernel[reach + tap], row[margin : margin + width])
        for i in range(margin):
            before, after = i // step - reach, width // step + i // step
            row[i] = row[margin + _mirrored(before, width // step) * step + i % step]
            row[margin + width + i] = row[margin + _mirrored(after, width // step) * step + i % step]
        for i in range(width):
            result[j, i] = kernel[reach] * row[margin + i]
        for tap in range(1, reach + 1):
            _add_both(row[margin - tap * step :], row[margin + tap * step :], kernel[reach + tap], result[j])


@compiled
def _add_both(
    one: NDArray[np.float32], two: NDArray[np.float32], weight: np.float32, result: NDArray[np.float32]
) -> None:
    for i in range(len(result)):
        result[i] += weight * (one[i] + two[i])


@inlined
def _mirrored(place: int, length: int) -> int:
    """The place within a side that one beyond it shows."""
    inside = -1 - place if place < 0 else place
    return max(0, min(inside, 2 * length - 1 - inside))


@compiled
def _sharpen(
    values: NDArray[np.float32], blurred: NDArray[np.float32], gain: np.float32, result: NDArray[np.uint8]
) -> None:
    for j in range(values.shape[0]):
        for i in range(values.shape[1]):
            for c in range(3):
                sharp = values[j, i, c] + gain * (values[j, i, c] - blurred[j, i, c])
                result[j, i, c] = np.uint8(min(max(np.rint(sharp), LEAST), MOST))
