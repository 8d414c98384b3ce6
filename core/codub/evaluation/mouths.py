"""Faces of a film as measuring and training want them: mesh points followed through all frames, steady crops."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from codub.errors import MediaError
from codub.face.crop import CropTransform, eye_centres, lower_face_of_eyes
from codub.face.detect import FaceDetector
from codub.face.landmarks import STABLE_POINTS
from codub.face.mesh import FaceMesh, mouth_opening, mouth_width, region_of_mesh
from codub.face.steady import steady_eyes

Picture = NDArray[np.uint8]
Points = NDArray[np.float32]
Values = NDArray[np.float64]

LANDMARK_SIDE = 96  # pixels of the crop that landmark distances are stated for, as in the literature
LIPS = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409,
    78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95,
)  # fmt: skip


@dataclass(frozen=True)
class MouthTrack:
    """One person's mouth through F consecutive frames: mesh `(F, 468, 2)` in plate pixels, lower-face transforms."""

    points: Points
    transforms: tuple[CropTransform, ...]

    def __len__(self) -> int:
        return len(self.points)

    @cached_property
    def opening(self) -> Values:
        """`(F,)` over the distance of the eyes."""
        return np.array([mouth_opening(p) for p in self.points])

    @cached_property
    def width(self) -> Values:
        """Distance of the corners `(F,)` over the distance of the eyes."""
        return mouth_width(self.points)

    @cached_property
    def lips(self) -> Values:
        """Lip points `(F, L, 2)` in pixels of a 96-pixel crop."""
        own = [t.apply(p[list(LIPS)]) * LANDMARK_SIDE for t, p in zip(self.transforms, self.points, strict=True)]
        return np.stack(own)


def track_mouth(pictures: Sequence[Picture], detector: FaceDetector, mesh: FaceMesh, name: str) -> MouthTrack:
    """The mouth of the one person in consecutive frames (H, W, 3).

    Raises:
        MediaError: a frame shows no face.
    """
    points = mesh_points(pictures, detector, mesh, name)
    return MouthTrack(points, tuple(steady_transforms(points)))


def track_again(pictures: Sequence[Picture], mesh: FaceMesh, like: MouthTrack) -> MouthTrack:
    """The mouth in frames that were made of a film's, looked for where the film's own was and cropped alike."""
    points = [mesh.landmarks(f, region_of_mesh(p)).points for f, p in zip(pictures, like.points, strict=True)]
    return MouthTrack(np.stack(points), like.transforms)


def mesh_points(pictures: Sequence[Picture], detector: FaceDetector, mesh: FaceMesh, name: str) -> Points:
    """Mesh `(F, 468, 2)` in plate pixels of consecutive frames (H, W, 3), followed from frame to frame.

    Raises:
        MediaError: a frame shows no face.
    """
    points: list[Points] = []
    for number, picture in enumerate(pictures):
        found = mesh.landmarks(picture, region_of_mesh(points[-1])) if points else None
        if found is None or found.confidence < 0.5:
            faces = detector.detect(picture)
            if not faces:
                raise MediaError(f"Frame {number} of '{name}' shows no face.")
            found = mesh.landmarks(picture, faces[0])
        points.append(found.points)
    return np.stack(points)


def steady_transforms(points: NDArray[np.float32]) -> list[CropTransform]:
    """Lower-face transforms of consecutive frames from the mesh `(F, 468, 2)`, placed as a shot's track is."""
    eyes = np.array([eye_centres(p) for p in points])
    stable = points[:, list(STABLE_POINTS)].astype(np.float64)
    frontal = np.zeros(len(points), np.float32)
    placed = steady_eyes(stable, eyes, np.ones(len(points), np.bool_), frontal)
    return [lower_face_of_eyes(first, second) for first, second in placed]
