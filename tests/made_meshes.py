"""A face mesh for tests without its weights: the same face wherever it looks, with a mouth that opens and shuts."""

import numpy as np

from codub.face.crop import LEFT_EYE, RIGHT_EYE
from codub.face.mesh import INNER_LIPS_DOWN, INNER_LIPS_UP, MOUTH_CORNERS, MeshResult, Region
from codub.face.mesh import REGION_SCALE as SCALE


class MadeMesh:
    """Fills two thirds of the square it looks at, as a true mesh does; `sure` is its confidence."""

    def __init__(self, sure: float = 1.0) -> None:
        self.sure = sure
        self.looks = 0

    def landmarks(self, frame: np.ndarray, region: Region) -> MeshResult:
        self.looks += 1
        points = np.zeros((468, 2))
        points[:4] = [(-1, -1), (1, -1), (-1, 1), (1, 1)]  # its box
        points[list(RIGHT_EYE)], points[list(LEFT_EYE)] = [(-0.6, -0.3), (-0.3, -0.3)], [(0.3, -0.3), (0.6, -0.3)]
        gap = 0.1 + 0.1 * np.sin(self.looks)
        points[list(INNER_LIPS_UP)], points[list(INNER_LIPS_DOWN)] = (0, 0.4 - gap / 2), (0, 0.4 + gap / 2)
        points[list(MOUTH_CORNERS)] = [(-0.3, 0.4), (0.3, 0.4)]
        plate = points * region.side / SCALE / 2 + (region.x, region.y)
        return MeshResult(plate.astype(np.float32), np.zeros(468, np.float32), self.sure)
