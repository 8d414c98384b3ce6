"""Whether two faces are one person's, by what speech does not move: eyes and forehead, laid over each other.

Light and colour are taken out, not the light's direction: good enough to tell the two or three people of a shot apart
by pictures from the same production, not to find a person among strangers. Of six people of GRID, 20 clips, two clips
of one person agree by 0.93 on average, of two people by 0.66; the area under the ROC curve is 0.98.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from codub.face.crop import CropTransform, Plate, extract
from codub.face.likeness import Looks, mean_looks, unit
from codub.face.sampling import LUMA

if TYPE_CHECKING:  # the tracker looks too
    from codub.face.track import FaceTrack

UP = 0.55  # of the lower-face crop's side: how much higher the upper face lies
SIDE = 24  # pixels of the crop; its rim, which shows hair and background, is left out
ROWS, COLUMNS = slice(2, 22), slice(4, 20)
SHAPE = 20, 16  # of the picture that the vector is
LOOKED_AT = 3  # frames of a track


def looks(frame: Plate, transform: CropTransform) -> Looks:
    """The upper face of a frame as a vector (320,) of mean 0 and length 1; `transform` is its lower face's."""
    matrix = transform.matrix.copy()
    matrix[1, 2] += UP
    crop = extract(frame, CropTransform(matrix), SIDE)[ROWS, COLUMNS]
    return unit((crop.astype(np.float32) @ LUMA).ravel())


def looks_of_tracks(frames: Iterable[Plate], tracks: "Sequence[FaceTrack]") -> tuple[Looks, ...]:
    """The mean looks of each track, from the shot's frames (all of them, in order)."""
    wanted = [_frontal(track) for track in tracks]
    seen: list[list[Looks]] = [[] for _ in tracks]
    last = max((frame for numbers in wanted for frame in numbers), default=-1)
    for number, frame in enumerate(frames):
        if number > last:
            break
        for place, track in enumerate(tracks):
            if number in wanted[place]:
                seen[place].append(looks(frame, track.transform(number)))
    return tuple(mean_looks(each) for each in seen)


def _frontal(track: "FaceTrack") -> set[int]:
    """Frames of the shot in which the face is seen best."""
    found = np.flatnonzero(track.found)
    best = found[np.argsort(np.abs(track.yaws[found]), kind="stable")]
    return {int(place) + track.first for place in best[:LOOKED_AT]}
