import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from codub.face.landmarks import LandmarkSource
from codub.face.track import FaceTrack, find_faces
from codub.face.visibility import FADE, likeness, visibility, weights

Make = Callable[..., FaceTrack]


def test_frontal_face_is_wholly_visible(make_track: Make) -> None:
    assert (visibility(make_track(20)) == 1).all()


def test_turned_head_fades_out_between_35_and_50_degrees(make_track: Make) -> None:
    yaws = np.array([0, 35, -42.5, 50, -80], np.float32)
    np.testing.assert_allclose(visibility(make_track(5, yaws=yaws)), [1, 1, 0.5, 0, 0], atol=1e-6)


def test_unsure_and_lost_faces_are_not_touched(make_track: Make) -> None:
    track = make_track(4, confidence=np.array([1, 0.9, 0.5, 0], np.float32), found=np.array([1, 1, 1, 0], bool))
    assert visibility(track).tolist() == [1, 1, 0, 0]


def hand(make_track: Make, rows: slice, columns: slice, level: int) -> FaceTrack:
    """A face with texture of its own, changing light and a speaking mouth; something before it in frames 10 to 14."""
    generator = np.random.default_rng(0)
    face = generator.integers(100, 200, (16, 16, 1)).repeat(3, 2)
    light = 1 + 0.2 * np.sin(np.arange(30) / 4)
    film = face[None] * light[:, None, None, None] + generator.normal(0, 4, (30, 16, 16, 3))
    film[:, 7:9, 6:10] += 40 * np.sin(np.arange(30) * 2)[:, None, None, None]  # the mouth
    film[10:15, rows, columns] = level
    return make_track(30, thumbnails=np.clip(film, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("level", [40, 150])
def test_hand_before_the_mouth_is_seen(make_track: Make, level: int) -> None:
    track = hand(make_track, slice(4, 12), slice(2, 12), level)
    alike = likeness(track)
    assert alike[10:15].max() < 0.74
    assert np.delete(alike, slice(10, 15)).min() > 0.9
    assert np.flatnonzero(visibility(track) == 0).tolist() == [10, 11, 12, 13, 14]


def test_light_and_speech_are_not_taken_for_a_hand(make_track: Make) -> None:
    assert (visibility(hand(make_track, slice(7, 9), slice(6, 10), 90)) == 1).all()


@pytest.mark.weights
@pytest.mark.parametrize(("clip", "colour"), [("s1/bwit1a", (30, 30, 34)), ("s26/bgbsza", None)])
def test_microphone_and_hand_before_a_real_face(
    source: LandmarkSource, read_clip: Callable[..., list[np.ndarray]], clip: str, colour: tuple[int, ...] | None
) -> None:
    frames = read_clip(clip, 50)
    (clean,) = find_faces(frames, source).tracks
    assert (visibility(clean) == 1).all()
    for i in range(20, 30):
        transform = clean.transform(i)
        ((x, y),) = transform.restore(np.array([[0.5, 0.4]])).astype(int)
        ((cx, cy),) = transform.restore(np.array([[0.2, 0.15]])).astype(int)
        frames[i] = frames[i].copy()
        frames[i][y - 20 : y + 20, x - 32 : x + 32] = frames[i][cy, cx] if colour is None else colour
    hidden = find_faces(frames, source).tracks[0]
    seen = np.zeros(50, np.float32)
    seen[hidden.first : hidden.end] = visibility(hidden)
    assert seen[20:30].max() < 0.3
    assert seen[:20].min() == seen[31:].min() == 1


def test_nothing_changes_outside_the_line(make_track: Make) -> None:
    result = weights(make_track(30), 30, range(8, 20))
    assert (result[:8] == 0).all()
    assert (result[20:] == 0).all()
    np.testing.assert_allclose(result[8:12], [0.25, 0.5, 0.75, 1.0])
    np.testing.assert_allclose(result[16:20], [1.0, 0.75, 0.5, 0.25])


def test_problem_meets_a_weight_that_is_already_zero(make_track: Make) -> None:
    yaws = np.zeros(30, np.float32)
    yaws[15:18] = 70
    result = weights(make_track(30, yaws=yaws), 30, range(30))
    assert (result[15:18] == 0).all()
    assert np.abs(np.diff(result)).max() == pytest.approx(1 / FADE)
    assert result[0] == result[29] == 1


def test_no_fade_at_a_cut(make_track: Make) -> None:
    after_cut = make_track(10, first=5, cut_before=True, cut_after=False)
    result = weights(after_cut, 30, range(30))
    assert result[:5].max() == 0
    assert result[5] == 1
    np.testing.assert_allclose(result[11:16], [1.0, 0.75, 0.5, 0.25, 0.0])
    walks_in = make_track(10, first=5, cut_before=False, cut_after=True)
    np.testing.assert_allclose(weights(walks_in, 15, range(15))[5:9], [0.25, 0.5, 0.75, 1.0])


def test_track_longer_than_the_shot_is_cut_off(make_track: Make) -> None:
    assert weights(make_track(30), 12, range(12)).tolist() == [1.0] * 12


def test_a_long_tracks_pictures_are_not_floats_all_at_once(make_track: Make) -> None:
    """As floats the thumbnail of a frame takes 3 kB, its judged part and the patterns of that 6 kB."""
    small = np.random.default_rng(0).integers(100, 120, (1500, 16, 16, 3)).astype(np.uint8)
    track = make_track(1500, thumbnails=small)
    tracemalloc.start()
    try:
        visibility(track)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak / 1500 < 4500
