from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from codub.face.inspect import close_up, contact_sheet, side_by_side, write_comparison
from codub.face.track import FaceTrack


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


def test_difference_is_grey_where_nothing_changed() -> None:
    before = np.full((10, 12, 3), 100, np.uint8)
    after = before.copy()
    after[2, 3] = 105
    sheet = side_by_side(before, after)
    assert sheet.shape == (10, 36, 3)
    assert (sheet[0, 24:] == 128).all()
    assert (sheet[2, 27] == 148).all()


def test_every_fifth_frame_is_written(
    tmp_path: Path, noise: Callable[..., Iterator[np.ndarray]], make_track: Callable[..., FaceTrack]
) -> None:
    written = write_comparison(noise(12), noise(12), tmp_path / "look", every=5)
    assert [p.name for p in written] == ["0000.png", "0005.png", "0010.png"]
    assert size(written[0]) == (720, 200)
    track = make_track(6, first=4)
    close = write_comparison(noise(12), noise(12), tmp_path / "close", every=5, track=track)
    assert [p.name for p in close] == ["0005.png"]
    part = close_up(next(noise(1)), track, 5)
    assert size(close[0]) == (3 * part.shape[1], part.shape[0])


def test_shots_of_unequal_length_are_refused(tmp_path: Path, noise: Callable[..., Iterator[np.ndarray]]) -> None:
    with pytest.raises(ValueError, match="shorter"):
        write_comparison(noise(3), noise(2), tmp_path)


def test_contact_sheet_has_a_cell_for_each_picture() -> None:
    pictures = [np.full((4, 6, 3), 10 * i, np.uint8) for i in range(5)]
    sheet = contact_sheet(pictures, columns=2)
    assert sheet.shape == (12, 12, 3)
    assert (sheet[4:8, 6:12] == 30).all()
