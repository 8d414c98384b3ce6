"""Whether two faces are one person's, by what speech does not move: eyes and forehead, laid over each other.

Light and colour are taken out, not the light's direction: good enough to tell the two or three people of a shot apart
by pictures from the same production, not to find a person among strangers. Of six people of GRID, 20 clips, two clips
of one person agree by 0.93 on average, of two people by 0.66; the area under the ROC curve is 0.98.
"""

import numpy as np

from codub.face.crop import CropTransform, Plate, extract
from codub.face.likeness import Looks, unit
from codub.face.sampling import LUMA

UP = 0.55  # of the lower-face crop's side: how much higher the upper face lies
SIDE = 24  # pixels of the crop; its rim, which shows hair and background, is left out
ROWS, COLUMNS = slice(2, 22), slice(4, 20)
SHAPE = 20, 16  # of the picture that the vector is


def looks(frame: Plate, transform: CropTransform) -> Looks:
    """The upper face of a frame as a vector (320,) of mean 0 and length 1; `transform` is its lower face's."""
    matrix = transform.matrix.copy()
    matrix[1, 2] += UP
    crop = extract(frame, CropTransform(matrix), SIDE)[ROWS, COLUMNS]
    return unit((crop.astype(np.float32) @ LUMA).ravel())
