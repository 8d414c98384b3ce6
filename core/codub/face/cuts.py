"""Where one picture ends and another begins: cuts of the whole picture, and of a face before a backdrop that stays."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from codub.face.crop import CropTransform, Plate
from codub.face.likeness import agreement
from codub.face.looks import looks

# A cut changes thumbnails by this many levels of 255 (between GRID's clips 39 to 52, inside them 1), by a factor over
# the changes just before, which a fast pan makes too, and in so large a part of the picture: a passing arm is no cut.
CUT_DIFFERENCE, CUT_FACTOR, CUT_PART = 16.0, 4.0, 0.4
# Of a face from one frame to the next: another person stands there, before a backdrop that hides the cut. Speech
# changes the lower face by 5.6 levels at the most and leaves the upper one alike by 0.94 at least (nine GRID films);
# two of those people differ by 13.7 and agree by 0.91 at the most.
ANOTHER_LOWER, ANOTHER_UPPER = 10.0, 0.925


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
        return agreement(looks(self._before, then), looks(self._frame, now)) < ANOTHER_UPPER
