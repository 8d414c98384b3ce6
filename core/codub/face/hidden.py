"""Parts of a face that something covers in single frames: a microphone, a hand at the chin; there the plate stays.

Seen in the track's thumbnails, cell by cell: what is there in a frame and was hardly ever there before or after. Speech
changes a cell by at most 35 levels in 999 of 1000 (13 GRID clips, 11 people), 52 at the most, in the mouth; outside
the mouth by 44. Skin before skin is hardly told apart; but a hand comes from somewhere, and is strange where it crosses
hair or background.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label, maximum_filter, maximum_filter1d

from codub.face.sampling import LUMA
from codub.face.spool import Rows, parts

CELLS = 16  # a side of the lower face, and pixels of the small pictures of it
SHAPE = CELLS, CELLS
STRANGE, PART_OF_IT = 50.0, 30.0  # levels: of a cell outside the mouth, and of cells that hang together with such
USUAL_SHARE = 0.2  # of the frames: so many a cell must be like to be the face's own
EXEMPLARS = 32  # frames of the track that each frame is compared with
AROUND = 2  # frames before and after in which what covers a part is still coming or going
MOUTH_ROWS, MOUTH_COLUMNS = slice(5, 10), slice(4, 13)  # of the 16 x 16 cells
RIM = 1  # cells at the crop's border, where the background shows
# The mouth's own difference, above its usual one in deviations of that: a hand before it makes it 6 in a face of weak
# colours. Open vowels reach 11 too, so it counts only where something strange is in the picture.
UNLIKE, LEAST_DEVIATION = 4.0, 1.0


@dataclass(frozen=True)
class HiddenParts:
    """What is covered of a track's face: `cells` uint8 (N, 32) are bits, 1 for a cell of the 16 x 16 that is.

    `mouths` float32 (N,) are the levels by which what is left of the mouth differs from what the track shows.
    """

    cells: NDArray[np.uint8]
    mouths: NDArray[np.float32]

    def share(self, frame: int) -> NDArray[np.float32]:
        """How much of each cell is covered in a frame, (16, 16) in 0..1; 0 nearly everywhere.

        Covered parts fade in before and out after, so that no edge appears at once.
        """
        shares = np.zeros(SHAPE, np.float32)
        for number in range(max(0, frame - AROUND), min(len(self.cells), frame + AROUND + 1)):
            share = np.float32(1 - abs(number - frame) / (AROUND + 1))
            shares = np.maximum(shares, share * np.unpackbits(self.cells[number]).reshape(SHAPE))
        return shares

    def strange(self) -> NDArray[np.bool_]:
        """Frames (N,) in which something is covered."""
        return np.asarray(self.cells.any(axis=1))

    def touched(self) -> NDArray[np.bool_]:
        """Frames (N,) in which something is covered, or fades in or out."""
        return np.asarray(maximum_filter1d(self.strange(), 2 * AROUND + 1, mode="constant"), np.bool_)

    def covered_mouths(self) -> NDArray[np.bool_]:
        """Frames (N,) in which something strange is before the face and what it leaves of the mouth is not as usual."""
        usual = np.median(self.mouths)
        deviation = max(LEAST_DEVIATION, 1.4826 * float(np.median(np.abs(self.mouths - usual))))
        return np.asarray(self.strange() & (self.mouths > usual + UNLIKE * deviation))


def hidden_parts(thumbnails: Rows, found: NDArray[np.bool_]) -> HiddenParts:
    """What something covers of a track's face in single frames.

    Of uint8 (N, 16, 16, 3) lower faces; those that were `found` (N,) show what is usual.
    """
    cells = np.empty((len(found), CELLS * CELLS // 8), np.uint8)
    mouths = np.empty(len(found), np.float32)
    # A long track is never there in floats as a whole: that would be more than the track itself.
    for number, far in enumerate(_unusual(thumbnails, found)):
        strange = _strange_parts(far)
        cells[number] = np.packbits(strange)
        bare = ~strange[MOUTH_ROWS, MOUTH_COLUMNS]
        mouth = far[MOUTH_ROWS, MOUTH_COLUMNS]
        mouths[number] = mouth[bare].mean() if bare.sum() >= bare.size / 2 else STRANGE
    return HiddenParts(cells, mouths)


def _strange_parts(far: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Cells (16, 16) of what the face never shows, with those next to them."""
    seeds = far > STRANGE
    seeds[MOUTH_ROWS, MOUTH_COLUMNS] = False
    seeds[:, :RIM] = seeds[:, -RIM:] = seeds[-RIM:] = False
    if not seeds.any():
        return seeds
    joined, _ = label(far > PART_OF_IT)
    named = np.unique(joined[seeds])
    return np.asarray(maximum_filter(np.isin(joined, named[named > 0]), 3))


def _unusual(thumbnails: Rows, found: NDArray[np.bool_]) -> Iterator[NDArray[np.float32]]:
    """Levels by which each cell differs from what the face usually shows there, light aside: (16, 16) a frame."""
    light = np.array([np.median(p.astype(np.float32) @ LUMA) for part in parts(len(found)) for p in thumbnails[part]])
    gains = (np.median(light) / np.maximum(light, 1.0)).astype(np.float32)
    shown = np.flatnonzero(found)
    chosen = shown[np.unique(np.linspace(0, len(shown) - 1, EXEMPLARS).round().astype(int))]
    exemplars = thumbnails[chosen] * gains[chosen, None, None, None]
    like = int(USUAL_SHARE * len(exemplars))
    cells = np.ascontiguousarray(exemplars.transpose(1, 2, 3, 0))  # exemplars last: a ninth of the time
    for part in parts(len(found)):
        for thumbnail, gain in zip(thumbnails[part], gains[part], strict=True):
            frame = thumbnail * gain
            red, green, blue = np.moveaxis(np.abs(cells - frame[..., None]), 2, 0)
            differences = np.maximum(np.maximum(red, green), blue)
            differences.partition(like, axis=-1)
            yield differences[..., like]
