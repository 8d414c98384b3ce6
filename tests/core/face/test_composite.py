from collections.abc import Callable

import numpy as np
import pytest

from codub.face.composite import Patch, composite, face_mask, grain, match_colour
from codub.face.crop import extract
from codub.face.track import FaceTrack

Make = Callable[..., FaceTrack]
SIZE = 96


@pytest.fixture
def frame(noise: Callable[..., object]) -> np.ndarray:
    return next(iter(noise(1)))  # type: ignore[call-overload, no-any-return]


@pytest.fixture
def mask(make_track: Make) -> np.ndarray:
    track = make_track(1)
    return face_mask(np.ones((20, 20), np.float32), track.outlines[0], track.transform(0), SIZE)


def patch(frame: np.ndarray, track: FaceTrack, mask: np.ndarray, change: int) -> Patch:
    transform = track.transform(0)
    plate = extract(frame, transform, SIZE)
    return Patch(np.clip(plate.astype(int) + change, 0, 255).astype(np.uint8), plate, mask, transform)


def test_equal_crop_changes_nothing(frame: np.ndarray, make_track: Make, mask: np.ndarray) -> None:
    result = composite(frame, patch(frame, make_track(1), mask, 0), 1.0, np.random.default_rng(0))
    assert (result == frame).all()


@pytest.mark.parametrize("weight", [1.0, 0.5])
def test_change_arrives_whole_inside_and_not_at_all_outside(
    frame: np.ndarray, make_track: Make, mask: np.ndarray, weight: float
) -> None:
    track = make_track(1)
    result = composite(frame, patch(frame, track, mask, 20), weight, np.random.default_rng(0)).astype(int)
    difference = result - frame
    assert np.abs(difference[100:120, 110:130] - 20 * weight).max() <= 1
    # Eyes are at y = 60, the crop runs from 72 to 152 and from 80 to 160.
    outside = difference.copy()
    outside[72:152, 80:160] = 0
    assert not outside.any()
    assert np.abs(np.diff(difference[110, 80:120, 0])).max() <= 9  # a slope, no edge


def test_input_is_not_written_to(frame: np.ndarray, make_track: Make, mask: np.ndarray) -> None:
    before = frame.copy()
    composite(frame, patch(frame, make_track(1), mask, 20), 1.0, np.random.default_rng(0))
    assert (frame == before).all()


def test_crop_beyond_the_frame_is_laid_in_as_far_as_it_goes(make_track: Make, mask: np.ndarray) -> None:
    frame = np.full((100, 120, 3), 90, np.uint8)
    result = composite(frame, patch(frame, make_track(1), mask, 20), 1.0, np.random.default_rng(0))
    assert result.shape == frame.shape
    assert (result[95, 110] == 110).all()
    away = np.full((40, 40, 3), 90, np.uint8)
    assert composite(away, patch(away, make_track(1), mask, 20), 1.0, np.random.default_rng(0)) is away


def test_mask_ends_inside_the_crop_and_where_the_face_ends(make_track: Make) -> None:
    track = make_track(1)
    base = np.ones((20, 20), np.float32)
    whole = face_mask(base, track.outlines[0], track.transform(0), SIZE)
    assert whole[0].max() == whole[-1].max() == whole[:, 0].max() == whole[:, -1].max() == 0
    assert whole[SIZE // 2, SIZE // 2] > 0.99
    narrow = track.outlines[0].copy()
    narrow[:, 0] = np.maximum(narrow[:, 0], 115)  # a head turned to the right: the cheek ends at x = 115
    cheek = face_mask(base, narrow, track.transform(0), SIZE)
    assert cheek[SIZE // 2, : SIZE // 4].max() < 0.01
    assert cheek[SIZE // 2, SIZE * 2 // 3] > 0.99


def test_the_masks_edge_moves_by_less_than_a_pixel(make_track: Make) -> None:
    track, base = make_track(1), np.ones((20, 20), np.float32)
    cheek = track.outlines[0].copy()
    cheek[:, 0] = np.maximum(cheek[:, 0], 110)
    places = []
    for step in range(11):  # tenths of a pixel of the plate
        moved = cheek + np.float32([0.1 * step, 0])
        row = face_mask(base, moved, track.transform(0), SIZE)[SIZE // 2]
        places.append(float(np.interp(0.5, row[: SIZE // 2], np.arange(SIZE // 2))))
    steps = np.diff(places)
    assert places[-1] - places[0] == pytest.approx(SIZE / track.sides()[0], rel=0.25)
    assert steps.min() > -0.02
    assert steps.max() < 0.4


def test_slow_colour_is_matched_and_the_mouth_is_left(make_track: Make) -> None:
    place = np.hypot(*np.meshgrid(np.linspace(-1, 1, SIZE), np.linspace(-1, 1, SIZE)))
    ellipse = np.clip((0.85 - place) * 3, 0, 1).astype(np.float32)
    plate = np.full((SIZE, SIZE, 3), (150, 120, 100), np.uint8)
    made = np.full((SIZE, SIZE, 3), (140, 125, 100), np.uint8)
    made[44:52, 40:56] = 30  # an open mouth, in the generated picture only
    result = match_colour(made, plate, ellipse).astype(int)
    assert np.abs(result[20:30, 40:56] - plate[0, 0]).max() <= 2
    np.testing.assert_allclose(result[46, 48], [40, 25, 30], atol=2)


def test_missing_grain_is_added_and_present_grain_is_not(make_track: Make, mask: np.ndarray) -> None:
    generator = np.random.default_rng(0)
    track = make_track(1)
    grainy = np.clip(130 + generator.normal(0, 5, (200, 240, 1)).repeat(3, 2), 0, 255).astype(np.uint8)
    own = extract(grainy, track.transform(0), 80)
    smooth = np.full_like(own, 130)
    full = np.clip(mask * 2, 0, 1)
    result = composite(grainy, Patch(smooth, own, full, track.transform(0)), 1.0, np.random.default_rng(1))
    inside = (slice(95, 135), slice(100, 140))
    measured = [grain(p[inside].astype(np.float32), np.ones((40, 40), np.float32)) for p in (grainy, result)]
    assert measured[0] == pytest.approx(5, rel=0.2)
    assert measured[1] == pytest.approx(measured[0], rel=0.25)
    again = composite(grainy, Patch(smooth, own, full, track.transform(0)), 1.0, np.random.default_rng(1))
    assert (again == result).all()


def test_grain_is_blind_to_slopes_and_edges() -> None:
    y, x = np.mgrid[:60, :60].astype(np.float32)
    picture = np.repeat((x + 2 * y + 50 * (x > 30))[..., None], 3, axis=2)
    assert grain(picture, np.ones((60, 60), np.float32)) < 0.05
    assert grain(picture, np.zeros((60, 60), np.float32)) == 0
