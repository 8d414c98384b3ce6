"""Face clips made for tests: a grey face whose dark mouth opens and shuts, with the mesh points that training reads."""

import numpy as np

from codub.face.crop import LEFT_EYE
from codub.face.mesh import MOUTH_CORNERS
from codub.training.face_clips import WIDE_SIZE, FaceClip

FRAMES = 12


def made_face(name: str, person: str, seed: int, source: str | None = None) -> FaceClip:
    """12 frames of one colour; the eyes' distance is 1, the mouth is 0.6 to 0.8 wide."""
    rng = np.random.default_rng(seed)
    opening = (0.1 + 0.1 * np.sin(np.arange(FRAMES) + seed)).astype(np.float32)
    crops = np.full((FRAMES, WIDE_SIZE, WIDE_SIZE, 3), rng.integers(120, 200, 3), np.uint8)
    for frame, wide in zip(crops, opening, strict=True):
        half = 1 + round(60 * float(wide))
        frame[44 - half : 44 + half, 35:65] = 40
    points = np.zeros((FRAMES, 468, 2), np.float32)
    points[:, list(LEFT_EYE), 0] = 1
    points[:, MOUTH_CORNERS[1], 0] = 0.7 + 0.1 * np.cos(np.arange(FRAMES) + seed)
    return FaceClip(name, person, source or name, 0, crops, points, opening)
