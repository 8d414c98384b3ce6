"""Faces of a film as measuring and training want them: mesh points followed through all frames, steady crops."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from codub.errors import MediaError
from codub.face.crop import CropTransform, eye_centres, lower_face_of_eyes
from codub.face.detect import FaceDetector
from codub.face.landmarks import STABLE_POINTS
from codub.face.mesh import FaceMesh, region_of_mesh
from codub.face.steady import steady_eyes


def mesh_points(
    pictures: Sequence[NDArray[np.uint8]], detector: FaceDetector, mesh: FaceMesh, name: str
) -> NDArray[np.float32]:
    """Mesh `(F, 468, 2)` in plate pixels of consecutive frames (H, W, 3), followed from frame to frame.

    Raises:
        MediaError: a frame shows no face.
    """
    points: list[NDArray[np.float32]] = []
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
