"""Files appear whole or not at all."""

import os
from pathlib import Path

import pytest

from codub.files import replacing


class Trouble(Exception):
    pass


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def half_written(target: Path) -> None:
    with replacing(target) as temporary:
        temporary.write_text("hal")
        raise Trouble


def test_nothing_is_seen_until_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "new" / "film.mov"
    with replacing(target) as temporary:
        assert temporary.parent == target.parent
        assert temporary.suffix == ".mov"  # encoders choose their container by the name
        temporary.write_bytes(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert names(target.parent) == ["film.mov"]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(Trouble):
        half_written(target)
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_an_error_without_an_old_file_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Trouble):
        half_written(tmp_path / "a.txt")
    assert names(tmp_path) == []


def test_the_old_file_is_replaced_not_written_into(tmp_path: Path) -> None:
    target, reader = tmp_path / "a.txt", tmp_path / "reader.txt"
    target.write_text("old")
    os.link(target, reader)
    with replacing(target) as temporary:
        temporary.write_text("new")
    assert (target.read_text(), reader.read_text()) == ("new", "old")


@pytest.mark.skipif(os.name == "nt", reason="no modes there")
def test_others_may_read_what_was_made(tmp_path: Path) -> None:
    with replacing(tmp_path / "a.txt") as temporary:
        temporary.write_text("x")
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o644
