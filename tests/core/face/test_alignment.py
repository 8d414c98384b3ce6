import numpy as np
import pytest

from codub.face import alignment
from codub.face.alignment import AlignmentSource, landmarks_of_68
from codub.face.landmarks import MeshSource
from codub.face.source import landmark_source


def face68(centre: tuple[float, float], opening: float = 0.0) -> np.ndarray:
    """A level, frontal face of 68 points with eyes 40 px apart."""
    points = np.zeros((68, 2), np.float32)
    angles = np.linspace(np.pi, 0, 17)
    points[:17] = np.stack([50 * np.cos(angles), 10 + 60 * np.sin(angles)], axis=1)
    points[36], points[39], points[42], points[45] = (-30, 0), (-10, 0), (10, 0), (30, 0)
    points[27:31, 1] = [0, 10, 20, 28]
    points[48:60] = [0, 48]
    points[60:68] = [0, 48]
    points[61:64, 1] -= opening * 20
    points[65:68, 1] += opening * 20
    return points + np.array(centre, np.float32)


class OneFace:
    """Stands in for the library: one face at a known place."""

    def __init__(self, score: float = 0.8) -> None:
        self.score = score
        self.boxes: list[object] = []

    def get_landmarks_from_image(self, image, detected_faces=None, return_bboxes=False, return_landmark_score=False):  # type: ignore[no-untyped-def]
        self.boxes.append(detected_faces)
        if image.max() == 0:
            return None, None, None
        return [face68((100, 80), 0.25)], [np.full(68, self.score)], [[0, 0, 1, 1, 1]]


def test_68_points_give_the_same_geometry() -> None:
    face = landmarks_of_68(face68((100, 80), opening=0.25), 0.9)
    np.testing.assert_allclose(face.eyes, [[80, 80], [120, 80]])
    assert face.opening == pytest.approx(0.25)
    assert face.width == pytest.approx(
        np.hypot(*(face.points[64] - face.points[60])) / np.hypot(*(face.eyes[1] - face.eyes[0]))
    )
    assert face.yaw == pytest.approx(0, abs=1e-3)
    assert face.outline[0].tolist() == [50, 90]
    assert face.outline[8].tolist() == [100, 150]


def test_yaw_grows_with_the_nose() -> None:
    yaws = []
    for shift in (-10, 0, 10, 20):
        points = face68((100, 80))
        points[27:31, 0] += shift
        yaws.append(landmarks_of_68(points, 1.0).yaw)
    assert yaws == sorted(yaws)
    assert yaws[0] == pytest.approx(-yaws[2], abs=1e-3)
    assert 20 < yaws[3] < 40


def test_source_finds_follows_and_loses() -> None:
    library = OneFace()
    source = AlignmentSource(library)
    frame = np.full((200, 200, 3), 100, np.uint8)
    (face,) = source.find(frame, thorough=True)
    again = source.follow(frame, face)
    assert again is not None
    assert library.boxes[0] is None
    assert library.boxes[1] is not None
    assert source.find(np.zeros_like(frame), thorough=True) == []
    assert source.follow(np.zeros_like(frame), face) is None
    assert AlignmentSource(OneFace(score=0.1)).find(frame, thorough=False) == []


def test_a_cpu_takes_the_mesh_and_says_why() -> None:
    reason = alignment.obstacle("cpu")
    assert reason is not None
    assert "GPU" in reason


@pytest.mark.weights
def test_chosen_source_names_itself(weights_home: object) -> None:
    source = landmark_source("cpu")
    assert isinstance(source, MeshSource)
    assert "GPU" in source.reason
