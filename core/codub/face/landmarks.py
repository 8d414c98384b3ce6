"""What a face looks like to the tracker, and the two sources that can say it: the mesh and face-alignment.

Coordinates are those of `crop.py`: continuous plate pixels, a pixel's centre at + 0.5.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from codub.face.crop import Plate, Points, eye_centres
from codub.face.detect import FaceDetector, overlap
from codub.face.mesh import FaceMesh, MeshResult, mouth_opening, mouth_width, region_of_mesh

LEAST_CONFIDENCE = 0.5
KNOWN = 0.5  # overlap of a detected box with a mesh above which they are one face: of one and the same it is 0.8

# Mesh points that speech does not move: eye corners, bridge, tip and base of the nose. The base lies right above the
# mouth: in crops placed by them it wanders 0.14 of 80 pixels (13 GRID films), by temples and forehead 0.39, by the eyes
# alone 0.44, since heads nod.
STABLE_POINTS = (33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 1, 2, 98, 327)
# The face's outline from temple to temple by way of the chin, from the left of the picture to the right.
OUTLINE = (
    *(127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152),
    *(377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356),
)
CHEEKS = (234, 454)


@dataclass(frozen=True)
class FaceLandmarks:
    """One face of one frame.

    points      float32 (P, 2) as the source gives them, plate pixels
    eyes        float64 (2, 2): centres of the eyes on the left and on the right of the picture
    stable      float32 (Q, 2): points that speech does not move, the same ones in every frame of a source
    outline     float32 (R, 2): temple, jaw, chin, jaw, temple, from left to right
    opening     of the inner lips, over the distance of the eyes
    width       between the corners of the inner lips, over the distance of the eyes
    yaw         degrees, 0 frontal, positive towards the right of the picture
    confidence  0..1 that there is a face
    """

    points: Points
    eyes: NDArray[np.float64]
    stable: Points
    outline: Points
    opening: float
    width: float
    yaw: float
    confidence: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1 round all points, in plate pixels."""
        (x0, y0), (x1, y1) = self.points.min(0), self.points.max(0)
        return float(x0), float(y0), float(x1), float(y1)


class LandmarkSource(Protocol):
    """Finds faces, and follows them from frame to frame. `name` is for reports, `reason` why it was chosen."""

    name: str
    reason: str

    def find(self, frame: Plate, *, thorough: bool, known: Sequence[FaceLandmarks] = ()) -> list[FaceLandmarks]:
        """All faces of a frame (H, W, 3), best first; those that are `known` in it already may be left out.

        `thorough` spends more on small ones when none is found.
        """
        ...

    def follow(self, frame: Plate, previous: FaceLandmarks) -> FaceLandmarks | None:
        """The face that was at `previous` a frame ago, or None when it is lost."""
        ...


class MeshSource:
    """BlazeFace and the 468-point mesh; the mesh of one frame says where to look in the next."""

    name = "BlazeFace and face mesh"

    def __init__(self, detector: FaceDetector, mesh: FaceMesh, reason: str = "") -> None:
        self.reason = reason
        self._detector = detector
        self._mesh = mesh

    def find(self, frame: Plate, *, thorough: bool, known: Sequence[FaceLandmarks] = ()) -> list[FaceLandmarks]:
        """All other faces that both the detector and the mesh believe in."""
        found: list[FaceLandmarks] = []
        for detection in self._detector.detect(frame, thorough=thorough):
            if any(overlap(detection.box, face.box) > KNOWN for face in known):
                continue
            first = self._mesh.landmarks(frame, detection)
            # The detector's box is loose: a second look through the mesh's own region puts the points right.
            result = self._mesh.landmarks(frame, region_of_mesh(first.points))
            face = landmarks_of_mesh(result)
            if plausible(face, frame) and all(overlap(face.box, f.box) < 0.5 for f in found):
                found.append(face)
        return found

    def follow(self, frame: Plate, previous: FaceLandmarks) -> FaceLandmarks | None:
        """The mesh in the region of the previous mesh."""
        face = landmarks_of_mesh(self._mesh.landmarks(frame, region_of_mesh(previous.points), quick=True))
        return face if plausible(face, frame) else None


def landmarks_of_mesh(result: MeshResult) -> FaceLandmarks:
    """What the tracker wants to know of a mesh."""
    points = result.points
    dx, dy = (points[CHEEKS[1]] - points[CHEEKS[0]]).tolist()
    dz = float(result.depth[CHEEKS[1]] - result.depth[CHEEKS[0]])
    return FaceLandmarks(
        points=points,
        eyes=np.stack(eye_centres(points)),
        stable=points[list(STABLE_POINTS)],
        outline=points[list(OUTLINE)],
        opening=mouth_opening(points),
        width=float(mouth_width(points)),
        yaw=math.degrees(math.atan2(dz, math.hypot(dx, dy))),
        confidence=result.confidence,
    )


def plausible(face: FaceLandmarks, frame: Plate) -> bool:
    """Whether a face is believed: confident, and its middle inside the frame."""
    height, width = frame.shape[:2]
    x, y = face.points.mean(0)
    return face.confidence >= LEAST_CONFIDENCE and 0 <= x < width and 0 <= y < height
