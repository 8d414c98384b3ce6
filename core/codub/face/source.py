"""The choice between the two sources of landmarks."""

from codub.face import alignment
from codub.face.detect import load_detector
from codub.face.landmarks import LandmarkSource, MeshSource
from codub.face.mesh import load_mesh


def landmark_source(device: str = "cpu", threads: int = 1) -> LandmarkSource:
    """face-alignment where a CUDA device and its checkpoints are there, otherwise BlazeFace and the mesh.

    Raises:
        WeightsError: the mesh is needed and its weights were not fetched.
    """
    missing = alignment.obstacle(device)
    if missing is None:
        return alignment.load_alignment(device)
    return MeshSource(load_detector(threads), load_mesh(threads), reason=missing)
