"""Files of a takes store: who may still be at work there, what is moved and what is copied."""

import os
from pathlib import Path

import pytest

from codub.dubbing.takes_files import make_folders, staged, sweep_incoming, sweep_media, workspace


@pytest.fixture
def store(tmp_path: Path) -> Path:
    make_folders(tmp_path / "t.codub")
    return tmp_path / "t.codub"


def test_work_of_a_living_maker_is_left_alone(store: Path) -> None:
    with workspace(store) as work:
        (work / "half").write_bytes(b"x")
        sweep_incoming(store)
        assert (work / "half").exists()
    assert not work.exists()


def test_work_of_another_machine_is_left_alone_until_it_is_old(store: Path) -> None:
    foreign = store / "incoming" / "999999999-elsewhere-abc"
    foreign.mkdir()
    sweep_incoming(store)
    assert foreign.exists()
    os.utime(foreign, (0, 0))
    sweep_incoming(store)
    assert not foreign.exists()


def test_half_written_files_go_after_a_day(store: Path) -> None:
    half = store / "styles" / ".anna-1234.safetensors"
    half.write_bytes(b"x")
    sweep_incoming(store)
    assert half.exists()
    os.utime(half, (0, 0))
    sweep_incoming(store)
    assert not half.exists()


def test_only_media_that_a_row_names_stay(store: Path) -> None:
    for name in ("named.wav", "orphan.wav"):
        (store / "media" / name).write_bytes(b"x")
    sweep_media(store, {"media/named.wav"})
    assert [path.name for path in (store / "media").iterdir()] == ["named.wav"]


def test_the_stores_own_work_is_moved_and_the_users_files_are_copied(store: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.wav"
    theirs.write_bytes(b"theirs")
    with workspace(store) as work:
        own = work / "own.wav"
        own.write_bytes(b"own")
        assert staged(store, own, store / "media" / "a.wav").read_bytes() == b"own"
        assert staged(store, theirs, store / "media" / "b.wav").read_bytes() == b"theirs"
        assert not own.exists()
    assert theirs.exists()
