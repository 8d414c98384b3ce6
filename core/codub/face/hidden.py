"""Parts of a face that something covers in single frames: a microphone, a hand at the chin; there the plate stays.

Seen in the track's thumbnails, cell by cell: what is there in a frame and was hardly ever there before or after. Speech
changes a cell by at most 35 levels in 999 of 1000 (13 GRID clips, 11 people), 52 at the most, in the mouth; outside
the mouth by 44. Skin before skin is hardly told apart; but a hand comes from somewhere, and is strange where it crosses
hair or background.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label, maximum_filter

from codub.face.sampling import LUMA
from codub.face.track import FaceTrack

STRANGE, PART_OF_IT = 50.0, 30.0  # levels: of a cell outside the mouth, and of cells that hang together with such
USUAL_SHARE = 0.2  # of the frames: so many a cell must be like to be the face's own
EXEMPLARS = 32  # frames of the track that each frame is compared with
AROUND = 2  # frames before and after in which what covers a part is still coming or going
MOUTH_ROWS, MOUTH_COLUMNS = slice(5, 10), slice(4, 13)  # of the 16 x 16 cells
RIM = 1  # cells at the crop's border, where the background shows
# The mouth's own difference, above its usual one in deviations of that: a hand before it makes it 6 in a face of weak
# colours. Open vowels reach 11 too, so it counts only where something strange is in the picture.
UNLIKE, LEAST_DEVIATION = 4.0, 1.0


def hidden_parts(track: FaceTrack) -> NDArray[np.float32]:
    """How much of each cell is covered in each frame, (N, 16, 16) in 0..1; 0 nearly everywhere."""
    return _around(_strange_parts(_unusual(track)))


def covered_mouths(track: FaceTrack) -> NDArray[np.bool_]:
    """Frames (N,) in which something strange is before the face and what it leaves of the mouth is not as usual."""
    far = _unusual(track)
    parts = _strange_parts(far)
    strange = parts.any(axis=(1, 2))
    bare = 1 - parts[:, MOUTH_ROWS, MOUTH_COLUMNS]
    seen = bare.sum(axis=(1, 2))
    mouth = (far[:, MOUTH_ROWS, MOUTH_COLUMNS] * bare).sum(axis=(1, 2)) / np.maximum(seen, 1)
    mouth[seen < bare[0].size / 2] = STRANGE
    usual = np.median(mouth)
    deviation = max(LEAST_DEVIATION, 1.4826 * float(np.median(np.abs(mouth - usual))))
    return np.asarray(strange & (mouth > usual + UNLIKE * deviation))


def _strange_parts(far: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cells (N, 16, 16) of what the face never shows, 1 with those next to them, else 0."""
    seeds = far > STRANGE
    seeds[:, MOUTH_ROWS, MOUTH_COLUMNS] = False
    seeds[:, :, :RIM] = seeds[:, :, -RIM:] = seeds[:, -RIM:] = False
    covered = np.zeros(far.shape, np.float32)
    for number in np.flatnonzero(seeds.any(axis=(1, 2))):
        parts, _ = label(far[number] > PART_OF_IT)
        named = np.unique(parts[seeds[number]])
        covered[number] = maximum_filter(np.isin(parts, named[named > 0]), 3)
    return covered


def _unusual(track: FaceTrack) -> NDArray[np.float32]:
    """Levels by which each cell differs from what the track usually shows there, light aside: (N, 16, 16)."""
    thumbnails = track.thumbnails
    light = np.array([np.median(thumbnail.astype(np.float32) @ LUMA) for thumbnail in thumbnails])
    usual = np.median(light)
    # A long track is never there in floats as a whole: that would be as much again as the track.
    gains = (usual / np.maximum(light, 1.0)).astype(np.float32)
    shown = np.flatnonzero(track.found)
    chosen = shown[np.unique(np.linspace(0, len(shown) - 1, EXEMPLARS).round().astype(int))]
    exemplars = thumbnails[chosen] * gains[chosen, None, None, None]
    like = int(USUAL_SHARE * len(exemplars))
    cells = np.ascontiguousarray(exemplars.transpose(1, 2, 3, 0))  # exemplars last: a ninth of the time
    far = np.empty(thumbnails.shape[:3], np.float32)
    for number, thumbnail in enumerate(thumbnails):
        frame = thumbnail * gains[number]
        red, green, blue = np.moveaxis(np.abs(cells - frame[..., None]), 2, 0)
        differences = np.maximum(np.maximum(red, green), blue)
        differences.partition(like, axis=-1)
        far[number] = differences[..., like]
    return far


def _around(covered: NDArray[np.float32]) -> NDArray[np.float32]:
    """Covered parts fade in before and out after, so that no edge appears at once."""
    if not covered.any():
        return covered
    result = covered.copy()
    for step in range(1, AROUND + 1):
        share = 1 - step / (AROUND + 1)
        result[step:] = np.maximum(result[step:], share * covered[:-step])
        result[:-step] = np.maximum(result[:-step], share * covered[step:])
    return result
