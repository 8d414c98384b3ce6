import numpy as np
import pytest

from codub.face.crop import (
    LEFT_EYE,
    MOUTH_WINDOW_OF,
    RIGHT_EYE,
    CropTransform,
    extract,
    lower_face,
    lower_face_of_eyes,
    mouth_window,
    project,
)


def ramp(height: int, width: int) -> np.ndarray:
    """A picture that says where it is: red is the column's number, green the row's, below 256."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x, y, 0 * x + 128], axis=2).astype(np.uint8)


def eyes(angle: float, iod: float, middle: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    half = iod / 2 * np.array([np.cos(angle), np.sin(angle)])
    return np.array(middle) - half, np.array(middle) + half


def test_window_hangs_below_the_eyes() -> None:
    transform = lower_face_of_eyes(*eyes(0.0, 40.0, (100.0, 50.0)))
    # 2 IOD wide, from 0.3 to 2.3 IOD below the eyes: 60..140 across, 62..142 down.
    np.testing.assert_allclose(transform.restore(np.array([[0.0, 0.0], [1.0, 1.0]])), [[60, 62], [140, 142]], atol=1e-9)
    assert transform.side == pytest.approx(80.0)


@pytest.mark.parametrize("angle", [-0.5, 0.0, 0.3])
def test_turned_head_turns_the_window(angle: float) -> None:
    level = lower_face_of_eyes(*eyes(0.0, 40.0, (0.0, 0.0)))
    turned = lower_face_of_eyes(*eyes(angle, 60.0, (200.0, 100.0)))
    chin = np.array([[3.0, 70.0]])
    c, s = np.cos(angle), np.sin(angle)
    moved = 1.5 * chin @ np.array([[c, s], [-s, c]]) + [200.0, 100.0]
    np.testing.assert_allclose(turned.apply(moved), level.apply(chin), atol=1e-9)
    np.testing.assert_allclose(turned.restore(turned.apply(moved)), moved, atol=1e-9)


def test_mesh_corners_make_the_eyes() -> None:
    points = np.zeros((468, 2), np.float32)
    points[list(RIGHT_EYE)] = [[70, 50], [90, 50]]
    points[list(LEFT_EYE)] = [[110, 50], [130, 50]]
    expected = lower_face_of_eyes(np.array([80.0, 50.0]), np.array([120.0, 50.0]))
    np.testing.assert_allclose(lower_face(points).matrix, expected.matrix, atol=1e-6)


@pytest.mark.parametrize("size", [16, 33, 80, 160])
@pytest.mark.parametrize("angle", [0.0, 0.2])
def test_crop_shows_the_places_it_says(size: int, angle: float) -> None:
    transform = lower_face_of_eyes(*eyes(angle, 40.0, (110.0, 70.0)))
    crop = extract(ramp(240, 240), transform, size).astype(float)
    centres = (np.stack(np.meshgrid(np.arange(size), np.arange(size)), -1).reshape(-1, 2) + 0.5) / size
    places = transform.restore(centres).reshape(size, size, 2)
    # Pairs of neighbours on a ramp average to a half, which bytes round up when the crop halves the plate.
    rounding = 0.5 if size < 40 else 0.0
    np.testing.assert_allclose(crop[..., :2] + 0.5, places, atol=1.2 + rounding)
    assert np.abs((crop[..., :2] + 0.5 - places).mean((0, 1))).max() < 0.15 + rounding


def test_shrinking_counts_every_pixel() -> None:
    board = np.zeros((240, 240, 3), np.uint8)
    board[::2, ::2] = board[1::2, 1::2] = 255
    for side in (70.0, 130.0, 200.0):
        transform = lower_face_of_eyes(*eyes(0.1, side / 2, (120.0, 20.0)))
        crop = extract(board, transform, 24)
        assert np.abs(crop[2:-2, 2:-2].astype(int) - 127.5).max() < 20, side


def test_edge_repeats_outside_the_frame() -> None:
    picture = np.full((60, 60, 3), 90, np.uint8)
    crop = extract(picture, lower_face_of_eyes(*eyes(0.0, 40.0, (10.0, 50.0))), 80)
    assert np.unique(crop).tolist() == [90]


def test_round_trip_of_a_smooth_picture_stays_within_a_level() -> None:
    y, x = np.mgrid[:200, :240]
    picture = (128 + 60 * np.sin(x / 9)[..., None] * np.cos(y / 11)[..., None] * [1.0, 0.7, -0.8]).astype(np.uint8)
    transform = lower_face_of_eyes(*eyes(0.15, 45.0, (120.0, 50.0)))
    crop = extract(picture, transform, 96)
    box = transform.box(picture.shape)
    back = project(crop, transform, box)
    inside = np.asarray(project(np.ones((96, 96, 1), np.float32), transform, box, outside="zeros")) > 0.999
    error = np.abs(back - picture[box.rows, box.columns])[inside[..., 0]]
    assert error.mean() < 0.6
    assert error.max() <= 3


def test_projection_is_zero_outside_the_crop() -> None:
    transform = lower_face_of_eyes(*eyes(0.0, 40.0, (100.0, 50.0)))
    box = transform.box((400, 400), margin=10)
    mask = np.asarray(project(np.ones((80, 80, 1), np.float32), transform, box, outside="zeros"))
    assert mask[:9].max() == mask[-9:].max() == mask[:, :9].max() == 0
    assert mask[12:-12, 12:-12].min() > 0.999


def test_box_ends_at_the_frame() -> None:
    transform = lower_face_of_eyes(*eyes(0.0, 40.0, (10.0, 380.0)))
    box = transform.box((400, 400))
    assert (box.x0, box.y1) == (0, 400)
    assert lower_face_of_eyes(*eyes(0.0, 40.0, (-200.0, 380.0))).box((400, 400)).empty


def test_mouth_window_scales_with_the_crop() -> None:
    assert mouth_window(np.zeros((MOUTH_WINDOW_OF,) * 2 + (3,), np.uint8)).shape == (40, 48, 3)
    assert mouth_window(np.zeros((160, 160, 3), np.uint8)).shape == (80, 96, 3)


def test_inverse_undoes() -> None:
    transform = CropTransform(np.array([[0.01, 0.002, -1.0], [-0.002, 0.01, 0.3]]))
    points = np.random.default_rng(0).normal(100, 50, (20, 2))
    np.testing.assert_allclose(transform.restore(transform.apply(points)), points)
