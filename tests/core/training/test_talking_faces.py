"""Which parts of a shot can be trained on, and what the others are left out for."""

from dataclasses import replace

import numpy as np
import pytest
from tests.made_talks import openings, talk_sound

from codub.face.track import FaceTrack, ShotFaces
from codub.training.talking_faces import Heard, Part, talking_parts

COUNT = 100
TIMES = (np.arange(COUNT) + 0.5) / 25


@pytest.fixture
def talker() -> FaceTrack:
    """A frontal face in good light; its lower face is 100 pixels high."""
    return FaceTrack(
        identity=1,
        first=0,
        found=np.ones(COUNT, bool),
        transforms=np.tile(np.float64([[0.01, 0, 0], [0, 0.01, 0]]), (COUNT, 1, 1)),
        outlines=np.tile(np.linspace(60, 180, 23)[:, None], (COUNT, 1, 2)).astype(np.float32),
        openings=openings(TIMES).astype(np.float32),
        widths=np.full(COUNT, 0.8, np.float32),
        yaws=np.zeros(COUNT, np.float32),
        confidence=np.ones(COUNT, np.float32),
        thumbnails=np.full((COUNT, 16, 16, 3), 120, np.uint8),
    )


Found = tuple[list[Part], list[str]]


def parts(
    *tracks: FaceTrack, times: np.ndarray = TIMES, sound: np.ndarray | None = None
) -> tuple[list[Part], list[str]]:
    heard = Heard(talk_sound(4.0) if sound is None else sound, 0.0)
    found, left_out = talking_parts("film", ShotFaces(COUNT, (200, 240), tracks), times, heard)
    return found, [part.kind for part in left_out]


def test_a_face_that_talks_is_taken_whole(talker: FaceTrack) -> None:
    (part,), kinds = parts(talker)
    assert (part.first, part.end_frame, kinds) == (0, COUNT, [])
    assert (part.start, part.end) == (pytest.approx(0), pytest.approx(4))


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("too dark", {"thumbnails": np.full((COUNT, 16, 16, 3), 10, np.uint8)}),
        ("turned away", {"yaws": np.full(COUNT, -60, np.float32)}),
        ("too small", {"transforms": np.tile(np.float64([[0.05, 0, 0], [0, 0.05, 0]]), (COUNT, 1, 1))}),
        ("nobody speaks", {"openings": np.full(COUNT, 0.05, np.float32)}),
    ],
)
def test_a_face_that_is_not_seen_well_is_left_out(kind: str, changed: dict[str, np.ndarray], talker: FaceTrack) -> None:
    assert parts(replace(talker, **changed)) == ([], [kind])


def test_bad_frames_part_a_clip_in_two(talker: FaceTrack) -> None:
    yaws = np.zeros(COUNT, np.float32)
    yaws[45:50] = 50
    found, kinds = parts(replace(talker, yaws=yaws))
    assert [(part.first, part.end_frame) for part in found] == [(0, 45), (50, COUNT)]
    assert kinds == []  # a fifth of a second is not worth a line
    thumbnails = talker.thumbnails.copy()
    thumbnails[60:] += 16  # another person on the same backdrop, which is no cut to the tracker
    found, _ = parts(replace(talker, thumbnails=thumbnails))
    assert [(part.first, part.end_frame) for part in found] == [(0, 60), (60, COUNT)]
    times = TIMES + 0.5 * (np.arange(COUNT) >= 60)  # a picture that stands for half a second
    found, _ = parts(talker, times=times, sound=talk_sound(5.0))
    assert [(part.first, part.end_frame) for part in found] == [(0, 60), (60, COUNT)]


def test_of_two_that_talk_alike_none_is_taken(talker: FaceTrack) -> None:
    other = replace(talker, identity=2)
    assert parts(talker, other) == ([], ["two faces"])
    listener = replace(other, openings=np.full(COUNT, 0.05, np.float32))
    (part,), kinds = parts(listener, talker)
    assert (part.track.identity, kinds) == (1, [])


def test_silence_and_nobody(talker: FaceTrack) -> None:
    assert parts(talker, sound=np.zeros(64_000, np.float32)) == ([], ["no sound"])
    assert parts() == ([], ["no face"])
