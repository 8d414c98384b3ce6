from collections.abc import Callable

import numpy as np

from codub.face.hidden import AROUND
from codub.face.track import FaceTrack
from codub.face.visibility import visibility

Make = Callable[..., FaceTrack]


def speaking(make_track: Make, **something: tuple[slice, slice, int]) -> FaceTrack:
    """A face in changing light whose mouth opens darkly in every tenth frame; `something` before it in 12 to 16."""
    generator = np.random.default_rng(0)
    face = generator.integers(120, 170, (16, 16, 1)).repeat(3, 2)
    light = 1 + 0.2 * np.sin(np.arange(40) / 4)
    film = face[None] * light[:, None, None, None] + generator.normal(0, 3, (40, 16, 16, 3))
    film[::10, 6:9, 6:11] = 40
    for rows, columns, level in something.values():
        film[12:17, rows, columns] = level
    return make_track(40, thumbnails=np.clip(film, 0, 255).astype(np.uint8))


def shares(track: FaceTrack) -> np.ndarray:
    """What is covered in each frame, (40, 16, 16)."""
    hidden = track.hidden
    found = np.stack([hidden.share(frame) for frame in range(len(track))])
    np.testing.assert_array_equal(hidden.touched(), found.any(axis=(1, 2)))
    return found


def test_speech_and_light_hide_nothing(make_track: Make) -> None:
    assert not shares(speaking(make_track)).any()
    assert not speaking(make_track).hidden.covered_mouths().any()


def test_a_microphone_is_kept_where_it_is(make_track: Make) -> None:
    covered = shares(speaking(make_track, microphone=(slice(9, 16), slice(6, 9), 20)))
    assert (covered[12:17, 9:15, 6:9] == 1).all()
    assert not covered[12:17, :7].any()
    assert not covered[12:17, :, :4].any()
    assert not covered[[0, 20, 30]].any()


def test_what_reaches_into_the_mouth_is_kept_whole(make_track: Make) -> None:
    covered = shares(speaking(make_track, straw=(slice(7, 14), slice(7, 9), 230)))
    assert (covered[12:17, 7:14, 7:9] == 1).all()


def test_it_fades_in_and_out(make_track: Make) -> None:
    covered = shares(speaking(make_track, microphone=(slice(10, 14), slice(6, 9), 20)))[:, 12, 7]
    np.testing.assert_allclose(covered[10:19], [1 / 3, 2 / 3, 1, 1, 1, 1, 1, 2 / 3, 1 / 3], atol=1e-6)
    assert not covered[: 12 - AROUND].any()
    assert not covered[17 + AROUND :].any()


def test_a_hand_in_skin_colour_is_known_by_where_it_comes_from(make_track: Make) -> None:
    """It is hardly another colour than the face, but strange beside it; a microphone leaves the mouth as it is."""
    hand = speaking(make_track, fingers=(slice(5, 10), slice(4, 13), 165), wrist=(slice(5, 10), slice(13, 16), 230))
    assert np.flatnonzero(hand.hidden.covered_mouths()).tolist() == [12, 13, 14, 15, 16]
    assert (visibility(hand)[12:17] == 0).all()
    assert not speaking(make_track, microphone=(slice(11, 16), slice(6, 9), 20)).hidden.covered_mouths().any()
