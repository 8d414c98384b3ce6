from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from codub.errors import MediaError
from codub.media.still import is_still, read_picture

PIXELS = np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8)


def test_pixels_come_as_they_were_written(tmp_path: Path) -> None:
    Image.fromarray(PIXELS).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png"), PIXELS)
    assert is_still(tmp_path / "a.PNG")
    assert not is_still(tmp_path / "a.mov")


def test_a_turned_photograph_is_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying on its side
    Image.fromarray(np.rot90(PIXELS)).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png"), PIXELS)


def test_grey_pictures_are_rgb(tmp_path: Path) -> None:
    Image.fromarray(PIXELS[..., 0]).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").shape == (20, 30, 3)


@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_what_is_no_picture_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(MediaError, match=r"a\.png.*PNG or JPEG"):
        read_picture(tmp_path / "a.png")
    with pytest.raises(MediaError, match=r"gone\.png"):
        read_picture(tmp_path / "gone.png")
