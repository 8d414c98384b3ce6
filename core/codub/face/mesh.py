"""The 468 points of one face: MediaPipe's face mesh on a turned square round the face.

Coordinates are those of `crop.py`: continuous plate pixels, a pixel's centre at + 0.5.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codub.face import network
from codub.face.crop import LEFT_EYE, RIGHT_EYE, CropTransform, Plate, Points, extract
from codub.face.detect import Detection

INPUT_SIDE = 192
REGION_SCALE = 1.5  # of the longer side of the face's box, as in MediaPipe's graph
# The network counts pixel centres from 0: measured on mirrored portraits, its x are 0.58 of its pixels too small.
HALF_PIXEL = np.array([0.5, 0.5, 0], np.float32)

# Points by which the mouth's opening is read: inner lips above and below, corners of the inner lips.
INNER_LIPS_UP, INNER_LIPS_DOWN = (82, 13, 312), (87, 14, 317)
MOUTH_CORNERS = (78, 308)


@dataclass(frozen=True)
class Region:
    """A turned square on the plate: centre and side in pixels, `angle` of its x axis in radians (y is down)."""

    x: float
    y: float
    side: float
    angle: float

    def transform(self) -> CropTransform:
        """Plate pixels to the unit square of this region."""
        c, s = math.cos(self.angle) / self.side, math.sin(self.angle) / self.side
        linear = np.array([[c, s], [-s, c]])
        offset = 0.5 - linear @ [self.x, self.y]
        return CropTransform(np.concatenate([linear, offset[:, None]], axis=1))


@dataclass(frozen=True)
class MeshResult:
    """One face's mesh.

    points      float32 (468, 2) in plate pixels
    depth       float32 (468,) in the same unit; smaller is nearer to the camera
    confidence  0..1 that there is a face at all
    """

    points: Points
    depth: NDArray[np.float32]
    confidence: float


class FaceMesh:
    """The network; one call for one face of one frame."""

    def __init__(self, model: Path, threads: int = 1) -> None:
        self._run = network.load(model, threads)

    def landmarks(self, frame: Plate, region: Region | Detection, *, quick: bool = False) -> MeshResult:
        """Points of the face in `region` of a frame (H, W, 3).

        `quick` interpolates straight: a millisecond less, and points that differ by 0.07 to 0.1 pixels (four people),
        where from frame to frame they jitter by 0.14 to 0.19.
        """
        place = region_of_detection(region) if isinstance(region, Detection) else region
        transform = place.transform()
        picture = extract(frame, transform, INPUT_SIDE, "bilinear" if quick else "bicubic")
        outputs = self._run(picture.astype(np.float32) / 255)
        raw, logit = sorted((out.reshape(-1) for out in outputs), key=lambda out: -out.size)
        mesh = (raw.reshape(468, 3) + HALF_PIXEL) / INPUT_SIDE
        confidence = 1 / (1 + math.exp(-float(np.clip(logit[0], -50, 50))))
        points = transform.restore(mesh[:, :2]).astype(np.float32)
        return MeshResult(points, (mesh[:, 2] * place.side).astype(np.float32), confidence)


def load_mesh(threads: int = 1) -> FaceMesh:
    """The mesh with the fetched weights.

    Raises:
        WeightsError: they were not fetched.
    """
    from codub import weights

    return FaceMesh(weights.find("face-mesh", "face_landmark.tflite"), threads)


def region_of_detection(detection: Detection) -> Region:
    """The square round a detected face, turned so that the eyes are level."""
    x0, y0, x1, y1 = detection.box
    eyes = detection.keypoints[1] - detection.keypoints[0]
    side = REGION_SCALE * max(x1 - x0, y1 - y0)
    return Region((x0 + x1) / 2, (y0 + y1) / 2, side, math.atan2(float(eyes[1]), float(eyes[0])))


def region_of_mesh(points: Points) -> Region:
    """The square round a mesh (468, 2), turned so that the eyes are level: where to look in the next frame."""
    eyes = points[LEFT_EYE[1]].astype(np.float64) - points[RIGHT_EYE[0]]
    angle = math.atan2(eyes[1], eyes[0])
    c, s = math.cos(angle), math.sin(angle)
    turn = np.array([[c, s], [-s, c]])
    level = points @ turn.T
    low, high = level.min(0), level.max(0)
    x, y = turn.T @ ((low + high) / 2)
    return Region(float(x), float(y), REGION_SCALE * float((high - low).max()), angle)


def mouth_opening(points: Points) -> float:
    """Opening of the inner lips over the distance of the eyes; about 0 when shut, 0.3 on an open vowel."""
    gap = points[list(INNER_LIPS_DOWN)].mean(0) - points[list(INNER_LIPS_UP)].mean(0)
    eyes = points[list(LEFT_EYE)].mean(0) - points[list(RIGHT_EYE)].mean(0)
    return float(np.hypot(*gap) / np.hypot(*eyes))


def mouth_width(points: Points) -> NDArray[np.float64]:
    """Distance of the mouth's corners over the distance of the eyes, of meshes `(..., 468, 2)`; about 0.8 at rest."""
    corners = points[..., MOUTH_CORNERS[1], :] - points[..., MOUTH_CORNERS[0], :]
    eyes = points[..., list(LEFT_EYE), :].mean(-2) - points[..., list(RIGHT_EYE), :].mean(-2)
    return np.asarray(np.linalg.norm(corners, axis=-1) / np.linalg.norm(eyes, axis=-1))
