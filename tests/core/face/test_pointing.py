from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from codub.face.crop import Picture
from codub.face.landmarks import LandmarkSource
from codub.face.likeness import agreement
from codub.face.pointing import face_box, face_boxes, track_at
from codub.face.speaking import loudness, weigh_faces
from codub.face.still import find_still
from codub.face.track import FaceTrack, ShotFaces, find_faces
from codub.face.track_looks import looks_of_tracks
from codub.media.audio import read_audio
from codub.timing import frame_times

Make = Callable[..., FaceTrack]
SIZE = (200, 480)
PEOPLE = ("s1/bbaf2n", "s23/lrwp9a")


@pytest.fixture
def two(make_track: Make) -> ShotFaces:
    """One face in the middle of the left half, one of the right half; the right one comes ten frames later."""
    left = make_track(30, identity=1)
    right = make_track(20, first=10, identity=2)
    right = replace(right, outlines=right.outlines + np.float32([240, 0]))
    return ShotFaces(30, SIZE, (left, right))


def test_boxes_hold_the_face_and_lie_in_order(two: ShotFaces) -> None:
    left, right = face_boxes(two, 15)
    assert (left.identity, right.identity) == (1, 2)
    # The made face: temples at (75, 70) and (165, 70), chin at (120, 130); eyes above the temples at y = 60.
    assert (left.left * 480, left.right * 480, left.bottom * 200) == pytest.approx((75, 165, 130))
    assert left.top * 200 < 60
    assert right.left - left.left == pytest.approx(0.5)
    assert [box.identity for box in face_boxes(two, 5)] == [1]


def test_a_lost_face_has_no_box(make_track: Make) -> None:
    found = np.ones(30, bool)
    found[12:15] = False
    faces = ShotFaces(30, SIZE, (make_track(30, found=found),))
    assert [len(face_boxes(faces, frame)) for frame in (11, 13, 15)] == [1, 0, 1]


@pytest.mark.parametrize(
    ("frame", "at", "meant"),
    [
        (15, (0.25, 0.5), 1),
        (15, (0.75, 0.5), 2),
        (15, (0.36, 0.45), 1),  # beside the left face
        (5, (0.75, 0.5), None),  # the right one is not there yet
        (15, (0.25, 0.85), 1),  # the neck
        (15, (0.25, 0.99), None),
        (15, (0.5, 0.02), None),
    ],
)
def test_a_place_means_the_face_that_is_there(
    two: ShotFaces, frame: int, at: tuple[float, float], meant: int | None
) -> None:
    track = track_at(two, frame, at)
    assert (None if track is None else track.identity) == meant


def test_boxes_at_the_rim_stay_in_the_picture(make_track: Make) -> None:
    track = make_track(3)
    track = replace(track, outlines=track.outlines - np.float32([100, 60]))
    box = face_box(track, 0, SIZE)
    assert (box.left, box.top) == (0, 0)


def test_the_middle_of_a_box_points_back_at_its_face(two: ShotFaces) -> None:
    for box in face_boxes(two, 15):
        track = track_at(two, 15, box.middle)
        assert track is not None
        assert track.identity == box.identity


@pytest.fixture(scope="module")
def two_people(source: LandmarkSource, read_clip: Callable[..., list[Picture]]) -> ShotFaces:
    """Two people of GRID in one picture, both speaking all the time: s1 on the left, s23 on the right."""
    frames = [np.concatenate(pair, axis=1) for pair in zip(*map(read_clip, PEOPLE), strict=True)]
    return find_faces(frames, source)


@pytest.mark.weights
def test_two_real_people_are_told_apart_by_where_they_are(two_people: ShotFaces) -> None:
    left, right = face_boxes(two_people, 40)
    assert left.right < 0.5 < right.left
    for box, at in ((left, (0.25, 0.5)), (right, (0.75, 0.5))):
        track = track_at(two_people, 40, at)
        assert track is not None
        assert track.identity == box.identity


@pytest.mark.weights
@pytest.mark.parametrize("heard", [0, 1])
def test_of_two_real_people_the_one_who_is_heard_speaks(two_people: ShotFaces, corpora: Path, heard: int) -> None:
    samples = read_audio(corpora / "grid" / f"{PEOPLE[heard]}.mp4", rate=16_000)
    sound = loudness(samples, 16_000, frame_times(0, two_people.frames, Fraction(25)))
    weighed = weigh_faces(two_people, sound)
    (speaker,) = [face.track for face in weighed if face.speaks]
    assert speaker is track_at(two_people, 40, (0.25 + 0.5 * heard, 0.5))
    assert all("moves with the sound" in face.reason for face in weighed)


@pytest.mark.weights
def test_a_click_overrules_the_sound(two_people: ShotFaces, corpora: Path) -> None:
    samples = read_audio(corpora / "grid" / f"{PEOPLE[0]}.mp4", rate=16_000)
    sound = loudness(samples, 16_000, frame_times(0, two_people.frames, Fraction(25)))
    clicked = track_at(two_people, 10, (0.8, 0.6))
    assert clicked is not None
    weighed = weigh_faces(two_people, sound, told=[clicked])
    assert [face.track for face in weighed if face.speaks] == [clicked]


@pytest.mark.weights
@pytest.mark.parametrize(("person", "other_clip"), [(0, "s1/bbaf3s"), (1, "s23/priazn")])
def test_of_two_real_people_one_is_known_by_another_clips_picture(
    source: LandmarkSource, read_clip: Callable[..., list[Picture]], two_people: ShotFaces, person: int, other_clip: str
) -> None:
    known = find_still(read_clip(other_clip, 13), 6, source).looks
    frames = [np.concatenate(pair, axis=1) for pair in zip(*map(read_clip, PEOPLE), strict=True)]
    seen = looks_of_tracks(frames, two_people.tracks)
    assert known is not None
    alike = {track.identity: agreement(known, looks) for track, looks in zip(two_people.tracks, seen, strict=True)}
    (speaker,) = [face.track for face in weigh_faces(two_people, None, alike=alike) if face.speaks]
    assert speaker is track_at(two_people, 40, (0.25 + 0.5 * person, 0.5))
