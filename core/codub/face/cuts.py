"""Where one picture ends and another begins: cuts of the whole picture, and of a face before a backdrop that stays."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from codub.face.crop import CropTransform, Plate
from codub.face.likeness import Looks, agreement, unit
from codub.face.looks import SHAPE, looks

# A cut changes thumbnails by this many levels of 255 (between GRID's clips 39 to 52, inside them 1), by a factor over
# the changes just before, which a fast pan makes too, and in so large a part of the picture: a passing arm is no cut.
CUT_DIFFERENCE, CUT_FACTOR, CUT_PART = 16.0, 4.0, 0.4
# Of a face from one frame to the next: another person stands there, before a backdrop that hides the cut. Speech
# changes the lower face by 5.6 levels at the most (nine GRID films), another of those people by 13.7 at the least. A
# hand before the mouth changes it too, but leaves eyes and forehead alike by 0.98; two people's agree by 0.94 at most.
ANOTHER_LOWER, ANOTHER_UPPER = 10.0, 0.955
EYES_AND_FOREHEAD = 12  # upper rows of `looks`


class MovingPicture:
    """Pictures (H, W, 3) RGB in their order, of which the one before is remembered."""

    def __init__(self) -> None:
        self._frame: Plate | None = None
        self._before: Plate | None = None
        self._small: NDArray[np.int16] | None = None
        self._motion = 0.0  # usual change from frame to frame, in levels

    def cuts_to(self, frame: Plate) -> bool:
        """Whether the picture changes at once into this one; it is the next one's picture before."""
        step = max(1, min(frame.shape[:2]) // 64)
        small = Image.fromarray(np.ascontiguousarray(frame[::step, ::step])).resize((16, 16), Image.Resampling.BOX)
        before, self._small = self._small, np.asarray(small, np.int16)
        self._before, self._frame = self._frame, frame
        if before is None:
            return False
        changes = np.abs(self._small - before).max(axis=2)
        change = float(changes.mean())
        part = float((changes > CUT_DIFFERENCE).mean())
        cut = change > max(CUT_DIFFERENCE, CUT_FACTOR * self._motion) and part > CUT_PART
        if not cut:
            self._motion += 0.3 * (change - self._motion)
        return cut

    def is_another(
        self, then: CropTransform, now: CropTransform, before: NDArray[np.uint8], crop: NDArray[np.uint8]
    ) -> bool:
        """Whether the face that is placed by `now` in this picture is not the one that `then` places in the one before.

        `before` and `crop` are thumbnails of the two lower faces; upper ones are only looked at where these differ.
        """
        assert self._before is not None
        assert self._frame is not None
        if float(np.abs(crop.astype(np.int16) - before).mean()) < ANOTHER_LOWER:
            return False
        own = _eyes_and_forehead(self._before, then)
        return max(agreement(own, _eyes_and_forehead(self._frame, at)) for at in (then, now)) < ANOTHER_UPPER


def _eyes_and_forehead(frame: Plate, lower: CropTransform) -> Looks:
    return unit(looks(frame, lower).reshape(SHAPE)[:EYES_AND_FOREHEAD].ravel())
