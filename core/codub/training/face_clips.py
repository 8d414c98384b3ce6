"""Face clips: the lower faces of one film with their mesh points, cut once and kept in the cache as tensors."""

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codub.errors import CodubError
from codub.evaluation.mouths import mesh_points, steady_transforms
from codub.face.crop import CropTransform, extract
from codub.face.detect import FaceDetector
from codub.face.mesh import FaceMesh, mouth_opening, mouth_width
from codub.files import replacing
from codub.media.video import read_frames
from codub.timing import frame_times

PICTURE_RATE = 25  # frames a second of clips that have no stamps: GRID's
# The kept crop is wider than the lower-face window, so that training can shift, turn and scale it.
WIDE = 1.25
SHUT = 0.04  # opening over the distance of the eyes below which lips count as shut
SIZE = 80  # pixels of the window itself
WIDE_SIZE = round(WIDE * SIZE)


@dataclass(frozen=True)
class FaceClip:
    """Consecutive frames of one person.

    crops    uint8 `(F, S, S, 3)` RGB, the lower-face window with a margin of an eighth on each side; S is 100 unless
             larger ones were asked for
    points   float32 `(F, 468, 2)` mesh in coordinates of the lower-face window (0..1 inside)
    opening  float32 `(F,)` of the inner lips over the distance of the eyes
    source   the film whose sound it has, `first` its first frame there
    stamps   float64 `(F,)` middles of the exposures in seconds of that sound; None: 25 frames/s from `first` on
    """

    name: str
    person: str
    source: str
    first: int
    crops: NDArray[np.uint8]
    points: NDArray[np.float32]
    opening: NDArray[np.float32]
    stamps: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.crops)

    def times(self) -> NDArray[np.float64]:
        """Middles of the exposures `(F,)` in seconds of the source's sound."""
        if self.stamps is not None:
            return self.stamps
        return np.array(frame_times(self.first, len(self), Fraction(PICTURE_RATE)))

    def widths(self) -> NDArray[np.float32]:
        """Distance of the mouth's corners over the distance of the eyes, `(F,)`."""
        return mouth_width(self.points).astype(np.float32)

    def shutting(self) -> NDArray[np.bool_]:
        """Frames `(F,)` in which the lips are shut within a sixth of a second of an open mouth: p, b, m."""
        from scipy.ndimage import maximum_filter1d

        around = maximum_filter1d(self.opening, 9, mode="nearest")
        return np.asarray((self.opening < SHUT) & (around > 2 * SHUT))


def clip_of_frames(
    frames: Iterable[NDArray[np.uint8]],
    detector: FaceDetector,
    mesh: FaceMesh,
    *,
    name: str,
    person: str,
    size: int = SIZE,
) -> FaceClip:
    """The lower faces of consecutive frames (H, W, 3), one person in the picture; `size` of the window, in pixels.

    Raises:
        MediaError: a frame shows no face.
    """
    pictures = list(frames)
    plate_points = mesh_points(pictures, detector, mesh, name)
    transforms = steady_transforms(plate_points)
    crops = np.stack([extract(f, widened(t), round(WIDE * size)) for f, t in zip(pictures, transforms, strict=True)])
    points = np.stack([t.apply(p) for t, p in zip(transforms, plate_points, strict=True)]).astype(np.float32)
    opening = np.array([mouth_opening(p) for p in plate_points], np.float32)
    return FaceClip(name, person, name, 0, crops, points, opening)


def widened(transform: CropTransform) -> CropTransform:
    """The same window with its margin."""
    matrix = transform.matrix / WIDE
    matrix[:, 2] += (1 - 1 / WIDE) / 2
    return CropTransform(matrix)


def read_film(film: Path) -> list[NDArray[np.uint8]]:
    """All frames of a short film, RGB."""
    return list(read_frames(film))


def save_clip(path: Path, clip: FaceClip) -> None:
    """Write a clip as one `.npz` file, whole or not at all."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            names=np.array([clip.name, clip.person, clip.source]),
            first=np.array(clip.first),
            crops=clip.crops,
            points=clip.points.astype(np.float32),
            opening=clip.opening,
            stamps=np.zeros(0) if clip.stamps is None else clip.stamps,
        )


def load_clip(path: Path) -> FaceClip:
    """A clip that `save_clip` wrote. Its pictures and points stay on the disk until they are looked at.

    Raises:
        CodubError: the file is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as held:
            name, person, source = (str(v) for v in held["names"])
            stamps = held["stamps"] if "stamps" in held and len(held["stamps"]) else None
            first, opening = int(held["first"]), held["opening"]
        crops, points = _mapped(path, "crops"), _mapped(path, "points")
        return FaceClip(name, person, source, first, crops, points, opening, stamps)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise CodubError(
            f"The cached clip '{path}' is damaged.", cause=str(error), fix="Delete it; it is made again."
        ) from error


def _mapped(path: Path, name: str) -> NDArray[Any]:
    """An array of an uncompressed `.npz` where it lies in the file: thousands of clips need little memory."""
    with zipfile.ZipFile(path) as held:
        member = held.getinfo(f"{name}.npy")
    if member.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{name} is compressed")
    with path.open("rb") as file:
        file.seek(member.header_offset)
        header = file.read(30)  # of the local file header, whose last two numbers are the lengths of name and extra
        file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, kind = read(file)
        if kind.hasobject or fortran:
            raise ValueError(f"{name} is no plain array")
        return np.memmap(path, kind, "r", file.tell(), shape)
