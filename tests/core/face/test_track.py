import itertools
import tracemalloc
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from codub.face.crop import LEFT_EYE, RIGHT_EYE, lower_face
from codub.face.landmarks import FaceLandmarks, LandmarkSource, landmarks_of_mesh
from codub.face.mesh import MeshResult
from codub.face.track import find_faces

pytestmark = pytest.mark.weights
Read = Callable[..., list[np.ndarray]]


def path(number: int) -> tuple[float, float, float, float]:
    """A head that sways 40 px, nods, tilts and comes nearer."""
    return (
        20 * np.sin(number / 8),
        8 * np.sin(number / 5),
        6 * np.sin(number / 10),
        1 + 0.08 * np.sin(number / 12),
    )


def test_moving_head_is_tracked_to_a_fraction_of_a_pixel(
    source: LandmarkSource, read_clip: Read, move: Callable[..., np.ndarray], new_places: Callable[..., np.ndarray]
) -> None:
    still = read_clip("s1/bbaf2n", 1)[0]
    faces = find_faces((move(still, *path(i)) for i in range(50)), source)
    (track,) = faces.tracks
    assert (track.first, len(track), faces.frames, faces.cuts) == (0, 50, 50, ())
    assert track.found.all()
    assert track.cut_before
    assert track.cut_after
    window = lower_face(source.find(still, thorough=False)[0].points)
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.5, 0.4]])
    errors = []
    for i in range(50):
        truth = new_places(window.restore(corners), still.shape, *path(i))
        errors.append(np.hypot(*(track.transform(i).restore(corners) - truth).T))
    errors_of_frame = np.array(errors)
    # Of a crop 97 px wide; the truth is the still's own mesh, which is no better than a single frame's.
    assert errors_of_frame.mean() < 1.2
    assert errors_of_frame.max() < 4.0
    centred = errors_of_frame - errors_of_frame.mean(0)
    assert np.abs(np.diff(centred, 2, axis=0)).mean() < 0.15  # no jitter


def test_two_faces_keep_their_identities(source: LandmarkSource, read_clip: Read) -> None:
    left, right = read_clip("s1/bbaf2n", 20), read_clip("s31/bgiq6p", 20)
    faces = find_faces((np.concatenate(pair, axis=1) for pair in zip(left, right, strict=True)), source)
    assert len(faces.tracks) == 2
    alone = [find_faces(clip, source).tracks[0] for clip in (left, right)]
    together = sorted(faces.tracks, key=lambda t: t.outlines[0, 0, 0])
    for track, single, shift in zip(together, alone, (0, 360), strict=True):
        assert len(track) == 20
        middle = np.array([[0.5, 0.5]])
        for i in range(20):
            place = track.transform(i).restore(middle) - [shift, 0]
            np.testing.assert_allclose(place, single.transform(i).restore(middle), atol=1.5)
    assert together[0].identity != together[1].identity


def test_cut_starts_new_tracks(source: LandmarkSource, read_clip: Read) -> None:
    frames = read_clip("s1/bbaf2n", 12) + read_clip("s26/bgbsza", 10)
    faces = find_faces(frames, source)
    assert faces.cuts == (12,)
    assert sorted((t.first, t.end) for t in faces.tracks) == [(0, 12), (12, 22)]
    assert all(t.cut_before and t.cut_after for t in faces.tracks)


def test_a_cut_between_two_people_before_one_backdrop_is_seen(source: LandmarkSource, read_clip: Read) -> None:
    """The pictures around the heads are the same, as in two takes of one set-up."""
    one, other = read_clip("s2/pwij3p", 12), read_clip("s23/lrwp9a", 10)
    backdrop = np.full((576, 720, 3), 120, np.uint8)

    def before(backdrop: np.ndarray, frame: np.ndarray) -> np.ndarray:
        shown = backdrop.copy()
        shown[200:488, 180:540] = frame
        return shown

    faces = find_faces((before(backdrop, frame) for frame in (*one, *other)), source)
    assert faces.cuts == (12,)
    assert sorted((t.first, t.end) for t in faces.tracks) == [(0, 12), (12, 22)]


def test_frames_without_a_face_have_no_track(source: LandmarkSource) -> None:
    generator = np.random.default_rng(0)
    noise = (generator.integers(0, 256, (288, 360, 3), np.uint8) for _ in range(8))
    assert find_faces(noise, source).tracks == ()
    black = find_faces((np.zeros((288, 360, 3), np.uint8) for _ in range(8)), source)
    assert (black.tracks, black.frames) == ((), 8)


def test_short_loss_is_bridged(source: LandmarkSource, read_clip: Read) -> None:
    frames = read_clip("s1/bbaf2n", 24)
    for i in range(10, 13):
        frames[i] = frames[i].copy()
        frames[i][80:, 100:260] = [0, 90, 160]
    (track,) = find_faces(frames, source).tracks
    assert np.flatnonzero(~track.found).tolist() == [10, 11, 12]
    assert (track.confidence[10:13] == 0).all()
    assert track.confidence[13] > 0.9


def test_pictures_are_let_go(source: LandmarkSource, read_clip: Read) -> None:
    import gc
    import weakref

    clip = read_clip("s1/bbaf2n", 6)
    alive: list[weakref.ref[np.ndarray]] = []

    def stream() -> Iterator[np.ndarray]:
        for picture in clip:
            frame = picture.copy()
            alive.append(weakref.ref(frame))
            yield frame
            del frame
            gc.collect()
            assert sum(ref() is not None for ref in alive) <= 2  # this one and the one before

    assert find_faces(stream(), source).frames == 6


class StillSource:
    """One face that never moves, with a mesh of its own every frame."""

    name, reason = "still", ""

    def find(self, frame: np.ndarray, *, thorough: bool, known: object = ()) -> list[FaceLandmarks]:
        points = np.random.default_rng(0).uniform(10, 38, (468, 2)).astype(np.float32)
        points[list(RIGHT_EYE)], points[list(LEFT_EYE)] = (20, 20), (28, 20)
        return [landmarks_of_mesh(MeshResult(points, np.zeros(468, np.float32), 1.0))]

    def follow(self, frame: np.ndarray, previous: FaceLandmarks) -> FaceLandmarks:
        return self.find(frame, thorough=False)[0]


def test_a_long_shot_keeps_no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mesh is 3.7 kB and a thumbnail 0.8; what memory keeps of a frame more is less than either."""
    monkeypatch.setattr("codub.face.spool.IN_MEMORY", 2**16)
    frame = np.full((48, 48, 3), 100, np.uint8)
    find_faces(itertools.repeat(frame, 20), StillSource())
    peaks = []
    tracemalloc.start()
    try:
        for count in (300, 900):
            tracemalloc.reset_peak()
            assert len(find_faces(itertools.repeat(frame, count), StillSource()).tracks[0]) == count
            peaks.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
    assert (peaks[1] - peaks[0]) / 600 < 700
