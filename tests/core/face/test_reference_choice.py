from collections.abc import Callable, Iterator

import numpy as np
import pytest

from codub.errors import MediaError
from codub.face.crop import extract
from codub.face.reference_choice import Footage, choose_references, lacks_mouths
from codub.face.references import crop_size, sharpness
from codub.face.track import FaceTrack

Make = Callable[..., FaceTrack]


def numbered(count: int, base: int = 0) -> Callable[[], Iterator[np.ndarray]]:
    """Frames of one colour each, five levels apart."""
    return lambda: (np.full((200, 240, 3), base + 5 * i, np.uint8) for i in range(count))


def levels(crops: np.ndarray) -> list[int]:
    return [round(float(crop.mean())) for crop in crops]


def test_each_kind_of_mouth_has_its_frame(make_track: Make) -> None:
    openings, widths = np.full(30, 0.12, np.float32), np.full(30, 0.8, np.float32)
    openings[[4, 5]], openings[[20, 21]] = 0.0, 0.3
    openings[11] = 0.15
    openings[[15, 16, 25, 26]] = 0.15
    widths[[15, 16]], widths[[25, 26]] = 0.6, 1.0
    track = make_track(30, openings=openings, widths=widths)
    chosen = choose_references([Footage(numbered(30), track)], 5)
    closed, wide, between, rounded, spread = chosen.frames
    assert closed in (4, 5)
    assert wide in (20, 21)
    assert between == 11
    assert rounded in (15, 16)
    assert spread in (25, 26)
    assert levels(chosen.crops) == [5 * frame for frame in chosen.frames]
    assert chosen.openings == pytest.approx([0.0, 0.3, 0.15, 0.15, 0.15])
    assert chosen.origin.startswith(f"closed frame {closed}, open frame {wide}, between frame 11, rounded frame 1")
    assert choose_references([Footage(numbered(30), track)], 3).frames == (closed, wide, between)


def test_no_frame_serves_twice(make_track: Make) -> None:
    chosen = choose_references([Footage(numbered(9), make_track(9, openings=np.full(9, 0.1, np.float32)))], 5)
    assert len(set(chosen.frames)) == 5
    assert set(choose_references([Footage(numbered(3), make_track(3))], 5).frames) == {0, 1, 2}


def test_turned_and_hidden_frames_are_not_references(make_track: Make) -> None:
    openings = np.linspace(0, 0.3, 30).astype(np.float32)
    yaws = np.zeros(30, np.float32)
    yaws[:5] = 45
    found = np.ones(30, bool)
    found[26:] = False
    track = make_track(30, openings=openings, yaws=yaws, found=found)
    chosen = choose_references([Footage(numbered(30), track)], 3)
    assert min(chosen.frames) >= 5
    assert max(chosen.frames) < 26


def test_sharper_of_two_like_frames_is_taken(make_track: Make) -> None:
    board = np.indices((200, 240)).sum(0) % 8 < 4
    frames = [np.repeat((100 + board[..., None] * 20).astype(np.uint8), 3, axis=2)] * 20
    frames[7] = np.repeat((80 + board[..., None] * 100).astype(np.uint8), 3, axis=2)
    track = make_track(20, openings=np.full(20, 0.1, np.float32))
    crop = choose_references([Footage(lambda: frames, track)], 3).crops[1]
    assert sharpness(crop) == sharpness(extract(frames[7], track.transform(7), crop_size(track)))


def test_size_keeps_the_plates_pixels(make_track: Make) -> None:
    track = make_track(5)
    assert track.sides()[0] == pytest.approx(80)
    assert crop_size(track) == 80
    large = make_track(5, transforms=track.transforms / 3.3)
    assert crop_size(large) == 264
    chosen = choose_references([Footage(numbered(5), track)], 3)
    assert chosen.crops.shape == (3, 80, 80, 3)
    assert chosen.at(40).shape == (3, 40, 40, 3)
    assert chosen.at(80) is chosen.crops


def test_wrong_frames_are_refused(make_track: Make) -> None:
    with pytest.raises(MediaError, match="ended before frame"):
        choose_references([Footage(numbered(1), make_track(30, first=4))], 3)


def listening(make_track: Make, **changes: object) -> FaceTrack:
    """A clip in which the mouth rests."""
    return make_track(30, openings=np.linspace(0.01, 0.03, 30).astype(np.float32), **changes)


def speaking(make_track: Make, **changes: object) -> FaceTrack:
    """Half a second of the same person, mouth wide open in frames 7 and 8, shut in frame 2."""
    openings = np.full(12, 0.1, np.float32)
    openings[7:9], openings[2] = 0.3, 0.0
    return make_track(12, openings=openings, **changes)


def test_a_mouth_that_the_clip_lacks_comes_from_another(make_track: Make) -> None:
    own = Footage(numbered(30), listening(make_track))
    other = Footage(numbered(12, base=180), speaking(make_track), name="two.mp4", first=100)
    chosen = choose_references([own, other], 3)
    assert chosen.origins[1] in ("two.mp4:107", "two.mp4:108")
    assert levels(chosen.crops)[1] == 180 + 5 * (int(chosen.origins[1][-1]))
    assert chosen.frames[1] == -1
    assert chosen.origins[0].startswith("frame ")  # its own is as good
    assert chosen.crops.shape[1] == crop_size(own.track)


def test_own_light_and_pose_are_preferred(make_track: Make) -> None:
    own = Footage(numbered(30), listening(make_track))
    dark = Footage(
        numbered(12, 100), speaking(make_track, thumbnails=np.full((12, 16, 16, 3), 30, np.uint8)), "dark.mp4"
    )
    turned = Footage(numbered(12, 100), speaking(make_track, yaws=np.full(12, 25, np.float32)), "turned.mp4")
    like = Footage(numbered(12, 100), speaking(make_track), "like.mp4")
    assert choose_references([own, dark, turned, like], 3).origins[1].startswith("like.mp4:")


def test_other_clips_are_asked_where_a_mouth_is_lacking(make_track: Make) -> None:
    moving = np.tile(np.float32([0.75, 0.85]), 15)
    whole = make_track(30, widths=moving)
    assert not lacks_mouths(whole)
    assert lacks_mouths(make_track(30))  # never rounded, never spread
    assert lacks_mouths(listening(make_track, widths=moving))
    assert lacks_mouths(make_track(30, widths=moving, openings=np.float32(whole.openings + 0.1)))  # never shut
    assert lacks_mouths(make_track(20, widths=moving[:20]))
