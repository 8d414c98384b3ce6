"""Parts of a face that something covers in single frames: a microphone, a hand at the chin; there the plate stays.

Seen in the track's thumbnails, cell by cell: what is there in a frame and was hardly ever there before or after. Speech
changes a cell by at most 35 levels in 999 of 1000 (13 GRID clips, 11 people), 52 at the most, in the mouth; outside
the mouth by 44. Skin before skin is not told apart here: a hand that hides most of the face is (`visibility`).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label, maximum_filter

from codub.face.sampling import LUMA
from codub.face.track import FaceTrack

STRANGE, PART_OF_IT = 50.0, 30.0  # levels: of a cell outside the mouth, and of cells that hang together with such
USUAL_SHARE = 20  # per cent of the frames that a cell must be like to be the face's own
EXEMPLARS = 64  # frames of the track that each frame is compared with
AROUND = 2  # frames before and after in which what covers a part is still coming or going
MOUTH_ROWS, MOUTH_COLUMNS = slice(5, 10), slice(4, 13)  # of the 16 x 16 cells
RIM = 1  # cells at the crop's border, where the background shows


def hidden_parts(track: FaceTrack) -> NDArray[np.float32]:
    """How much of each cell is covered in each frame, (N, 16, 16) in 0..1; 0 nearly everywhere."""
    far = _unusual(track)
    seeds = far > STRANGE
    seeds[:, MOUTH_ROWS, MOUTH_COLUMNS] = False
    seeds[:, :, :RIM] = seeds[:, :, -RIM:] = seeds[:, -RIM:] = False
    covered = np.zeros(far.shape, np.float32)
    for number in np.flatnonzero(seeds.any(axis=(1, 2))):
        parts, _ = label(far[number] > PART_OF_IT)
        named = np.unique(parts[seeds[number]])
        covered[number] = maximum_filter(np.isin(parts, named[named > 0]), 3)
    return _around(covered)


def _unusual(track: FaceTrack) -> NDArray[np.float32]:
    """Levels by which each cell differs from what the track usually shows there, light aside: (N, 16, 16)."""
    frames = track.thumbnails.astype(np.float32)
    light = (frames @ LUMA).mean(axis=(1, 2))
    frames *= (np.median(light) / np.maximum(light, 1.0))[:, None, None, None]
    shown = np.flatnonzero(track.found)
    exemplars = frames[shown[np.unique(np.linspace(0, len(shown) - 1, EXEMPLARS).round().astype(int))]]
    far = np.empty(frames.shape[:3], np.float32)
    for number, frame in enumerate(frames):
        far[number] = np.percentile(np.abs(exemplars - frame).max(axis=3), USUAL_SHARE, axis=0)
    return far


def _around(covered: NDArray[np.float32]) -> NDArray[np.float32]:
    """Covered parts fade in before and out after, so that no edge appears at once."""
    result = covered.copy()
    for step in range(1, AROUND + 1):
        share = 1 - step / (AROUND + 1)
        result[step:] = np.maximum(result[step:], share * covered[:-step])
        result[:-step] = np.maximum(result[:-step], share * covered[step:])
    return result
