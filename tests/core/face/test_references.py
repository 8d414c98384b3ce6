from collections.abc import Callable, Iterator

import numpy as np
import pytest

from codub.errors import MediaError
from codub.face.crop import extract
from codub.face.pointing import FaceBox
from codub.face.references import (
    FaceReferences,
    choose_references,
    crop_size,
    references_of_stills,
    sharpness,
    with_stills,
)
from codub.face.still import FaceStill
from codub.face.track import FaceTrack

Make = Callable[..., FaceTrack]


def numbered(count: int) -> Iterator[np.ndarray]:
    for i in range(count):
        yield np.full((200, 240, 3), 5 * i, np.uint8)


def test_closed_wide_and_between(make_track: Make) -> None:
    openings = np.full(30, 0.12, np.float32)
    openings[[4, 5]], openings[[20, 21]] = 0.0, 0.3
    openings[11] = 0.15
    chosen = choose_references(numbered(30), make_track(30, openings=openings))
    levels = chosen.crops.reshape(3, -1).mean(1) / 5
    assert levels[0] in (4, 5)
    assert levels[1] in (20, 21)
    assert levels[2] == 11


def test_turned_and_hidden_frames_are_not_references(make_track: Make) -> None:
    openings = np.linspace(0, 0.3, 30).astype(np.float32)
    yaws = np.zeros(30, np.float32)
    yaws[:5] = 45
    found = np.ones(30, bool)
    found[26:] = False
    chosen = choose_references(numbered(30), make_track(30, openings=openings, yaws=yaws, found=found))
    levels = chosen.crops.reshape(3, -1).mean(1) / 5
    assert levels.min() >= 5
    assert levels.max() < 26


def test_sharper_of_two_like_frames_is_taken(make_track: Make) -> None:
    openings = np.full(20, 0.1, np.float32)
    board = np.indices((200, 240)).sum(0) % 8 < 4
    frames = [np.repeat((100 + board[..., None] * 20).astype(np.uint8), 3, axis=2)] * 20
    frames[7] = np.repeat((80 + board[..., None] * 100).astype(np.uint8), 3, axis=2)
    track = make_track(20, openings=openings)
    chosen = choose_references(frames, track)
    assert sharpness(chosen.crops[1]) == sharpness(extract(frames[7], track.transform(7), crop_size(track)))


def test_size_keeps_the_plates_pixels(make_track: Make) -> None:
    track = make_track(5)
    assert track.sides()[0] == pytest.approx(80)
    assert crop_size(track) == 80
    large = make_track(5, transforms=track.transforms / 3.3)
    assert crop_size(large) == 264
    chosen = choose_references(numbered(5), track)
    assert chosen.crops.shape == (3, 80, 80, 3)
    assert chosen.at(40).shape == (3, 40, 40, 3)
    assert chosen.at(80) is chosen.crops


def test_wrong_frames_are_refused(make_track: Make) -> None:
    with pytest.raises(MediaError, match="ended before frame"):
        choose_references(numbered(1), make_track(30, first=4))


def test_smaller_crops_show_the_same() -> None:
    y, x = np.mgrid[:160, :160]
    picture = np.stack([x, y, x * 0 + 100], axis=2).astype(np.uint8)
    small = FaceReferences(picture[None]).at(80)[0].astype(float)
    np.testing.assert_allclose(small[10, 20, :2], [40.5, 20.5], atol=0.6)


def a_still(level: int, opening: float, size: int = 80) -> FaceStill:
    return FaceStill(np.full((size, size, 3), level, np.uint8), opening, FaceBox(0, 0, 0, 1, 1), f"film.mov:{level}")


def levels(references: FaceReferences) -> list[int]:
    return [round(float(crop.mean())) for crop in references.crops]


def test_stills_are_ordered_by_opening_and_repeat() -> None:
    shut, half, wide = a_still(10, 0.0), a_still(20, 0.2, 120), a_still(30, 0.4)
    several = references_of_stills([wide, shut, half])
    assert several.crops.shape == (3, 120, 120, 3)
    assert levels(several) == [10, 30, 20]
    assert levels(references_of_stills([half])) == [20, 20, 20]
    assert levels(references_of_stills([half, shut], 5))[:2] == [10, 20]


def test_single_kinds_are_replaced_and_said(make_track: Make) -> None:
    chosen = choose_references(numbered(30), make_track(30))
    changed = with_stills(chosen, {"open": a_still(250, 0.4, 160)})
    assert changed.crops.shape == (3, 160, 160, 3)
    assert levels(changed) == [levels(chosen)[0], 250, levels(chosen)[2]]
    assert changed.origin == f"{chosen.origin}; open film.mov:250"
    assert levels(with_stills(FaceReferences(chosen.crops[:1]), {"between": a_still(250, 0.4)})) == levels(chosen)[:1]
