from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from codub.face.crop import eye_centres
from codub.face.detect import Detection
from codub.face.landmarks import LandmarkSource
from codub.face.mesh import Region, mouth_opening, region_of_detection, region_of_mesh


def test_region_of_a_detection_is_turned_with_the_eyes() -> None:
    keypoints = np.zeros((6, 2), np.float32)
    keypoints[1] = [10, 10]
    region = region_of_detection(Detection((10, 20, 30, 60), 1.0, keypoints))
    assert region.angle == pytest.approx(np.pi / 4)
    assert (region.x, region.y, region.side) == (20, 40, 60)


def test_region_maps_its_corners_to_the_unit_square() -> None:
    region = Region(100.0, 50.0, 40.0, 0.3)
    corners = region.transform().restore(np.array([[0.5, 0.5], [1.0, 0.5]]))
    np.testing.assert_allclose(corners[0], [100, 50])
    np.testing.assert_allclose(corners[1] - corners[0], 20 * np.array([np.cos(0.3), np.sin(0.3)]))


def test_region_of_a_mesh_turns_with_it() -> None:
    points = np.random.default_rng(0).uniform(-50, 50, (468, 2)).astype(np.float32)
    points[33], points[263] = (-40, 0), (40, 0)
    level = region_of_mesh(points)
    turn = np.array([[0.8, 0.6], [-0.6, 0.8]], np.float32)
    turned = region_of_mesh(points @ turn)
    assert level.angle == 0
    assert turned.angle == pytest.approx(np.arctan2(0.6, 0.8), abs=1e-6)
    assert turned.side == pytest.approx(level.side, rel=1e-4)
    np.testing.assert_allclose([turned.x, turned.y], np.array([level.x, level.y]) @ turn, atol=1e-3)


@pytest.mark.weights
def test_points_move_with_the_picture(
    source: LandmarkSource,
    read_clip: Callable[..., list[np.ndarray]],
    move: Callable[..., np.ndarray],
    new_places: Callable[..., np.ndarray],
) -> None:
    frame = read_clip("s4/bgim8s", 1)[0]
    (still,) = source.find(frame, thorough=False)
    for motion in ((7.3, -4.6, 0.0, 1.0), (-20.0, 10.0, 12.0, 0.9), (0.0, 0.0, -8.0, 1.15)):
        (face,) = source.find(move(frame, *motion), thorough=False)
        expected = new_places(still.points, frame.shape, *motion)
        error = np.hypot(*(face.points - expected).T)
        assert np.median(error) < 1.8, motion  # of a face 230 px wide
        np.testing.assert_allclose(face.eyes, new_places(still.eyes, frame.shape, *motion), atol=2.5)


@pytest.mark.weights
def test_agrees_with_mediapipe_on_portraits(source: LandmarkSource, corpora: Path) -> None:
    truth = np.load(corpora / "portraits" / "mesh468.npz")
    errors, shifts = [], []
    for i in range(0, 544, 32):
        picture = np.array(Image.open(corpora / "portraits" / str(truth["files"][i])).convert("RGB"))
        (face, *_) = source.find(picture, thorough=False)
        # MediaPipe's points count from the middle of the first pixel.
        difference = face.points - (160.5 + 160 * truth["mesh"][i].astype(float)[:, :2])
        errors.append(np.hypot(*difference.T).mean())
        shifts.append(difference.mean(0))
    assert np.median(errors) < 1.2  # px of 320, eyes 88 px apart
    assert np.abs(np.mean(shifts, 0)).max() < 0.3


@pytest.mark.weights
def test_mirrored_face_has_mirrored_points(source: LandmarkSource, corpora: Path) -> None:
    names = sorted((corpora / "portraits" / "img").glob("*.jpg"))[::60]
    biases = []
    for name in names:
        picture = np.array(Image.open(name).convert("RGB"))
        (face, *_) = source.find(picture, thorough=False)
        (mirrored, *_) = source.find(np.ascontiguousarray(picture[:, ::-1]), thorough=False)
        (first, second), (a, b) = eye_centres(face.points), eye_centres(mirrored.points)
        biases.append((first[0] + b[0] + second[0] + a[0]) / 4 - picture.shape[1] / 2)
    assert abs(np.mean(biases)) < 0.4


@pytest.mark.weights
def test_open_mouth_is_open(source: LandmarkSource, read_clip: Callable[..., list[np.ndarray]]) -> None:
    frames = read_clip("s31/bgiq6p", 24)
    closed, wide = (source.find(frames[i], thorough=False)[0] for i in (10, 22))
    assert mouth_opening(wide.points) > 0.15 > 3 * mouth_opening(closed.points)
    assert wide.opening == mouth_opening(wide.points)
