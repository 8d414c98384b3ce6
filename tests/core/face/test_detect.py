from pathlib import Path

import numpy as np
import pytest

from codub.face.detect import FULL_RANGE, SHORT_RANGE, letterbox, load_detector, merge, overlap


def test_anchor_grids() -> None:
    assert SHORT_RANGE.anchors().shape == (896, 2)
    assert FULL_RANGE.anchors().shape == (2304, 2)
    np.testing.assert_allclose(SHORT_RANGE.anchors()[[0, 1, 2]], [[1 / 32, 1 / 32], [1 / 32, 1 / 32], [3 / 32, 1 / 32]])
    np.testing.assert_allclose(SHORT_RANGE.anchors()[-1], [15 / 16, 15 / 16])


def test_overlapping_candidates_become_their_weighted_mean() -> None:
    def candidate(x: float) -> np.ndarray:
        return np.array([[x, 0], [x + 10, 10], *[[x, 5]] * 6], np.float32)

    found = merge(np.stack([candidate(0), candidate(2), candidate(50)]), np.array([0.9, 0.6, 0.8]))
    assert [round(d.score, 2) for d in found] == [0.9, 0.8]
    assert found[0].box[0] == pytest.approx(2 * 0.6 / 1.5)
    assert found[0].keypoints[0, 0] == pytest.approx(0.8)


def test_overlap_is_intersection_over_union() -> None:
    assert overlap((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 1, 1), (2, 2, 3, 3)) == 0


@pytest.mark.parametrize(("height", "width"), [(100, 300), (300, 100), (2160, 3840)])
def test_letterbox_keeps_shape_and_place(height: int, width: int) -> None:
    picture = np.zeros((height, width, 3), np.uint8)
    y, x = height * 3 // 4, width // 4
    picture[y - height // 20 : y + height // 20, x - width // 20 : x + width // 20] = 255
    square, scale, left, top = letterbox(picture, 128)
    row, column = np.argwhere(square[..., 0] > 127).mean(0) + 0.5
    assert (column - left) * scale == pytest.approx(x, abs=scale)
    assert (row - top) * scale == pytest.approx(y, abs=scale)


@pytest.mark.weights
def test_finds_a_real_face_at_every_size(weights_home: Path, read_clip: object) -> None:
    detector = load_detector()
    frame = read_clip("s1/bbaf2n", 1)[0]  # type: ignore[operator]
    (face,) = detector.detect(frame)
    assert face.score > 0.8
    right, left, nose, mouth = face.keypoints[:4]
    assert right[0] < nose[0] < left[0]
    assert right[1] < nose[1] < mouth[1]
    # The same picture six times as large (UHD's width), and small inside a large dark one.
    (large,) = detector.detect(frame.repeat(6, 0).repeat(6, 1))
    np.testing.assert_allclose(large.keypoints[:4] / 6, face.keypoints[:4], atol=2)
    wide = np.full((1080, 1920, 3), 30, np.uint8)
    wide[500 : 500 + 144, 1200 : 1200 + 180] = frame[::2, ::2]
    (far,) = detector.detect(wide)
    np.testing.assert_allclose((far.keypoints[:4] - [1200, 500]) * 2, face.keypoints[:4], atol=12)


@pytest.mark.weights
def test_finds_nothing_where_nothing_is(weights_home: Path) -> None:
    detector = load_detector()
    assert detector.detect(np.zeros((288, 360, 3), np.uint8)) == ()
    assert detector.detect(np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)) == ()
