"""What was worked out is kept while it fits, and what a file gave is of that file as it is."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codub.dubbing.memory import Memory, array_bytes, media_key


@dataclass(frozen=True)
class Track:
    values: NDArray[np.float32]
    name: str = ""


def test_the_same_key_is_worked_out_once() -> None:
    memory, made = Memory(), []
    for _ in range(3):
        assert memory.recall("a", lambda: made.append(1) or "value") == "value"
    assert made == [1]
    memory.forget("a")
    memory.forget("never there")
    assert memory.recall("a", lambda: "another") == "another"


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    memory = Memory(limit=3_500_000)
    for name in ("a", "b", "c"):
        memory.recall(name, lambda: np.zeros(250_000, np.float32))
    memory.recall("a", lambda: np.zeros(0))
    memory.recall("d", lambda: np.zeros(250_000, np.float32))
    assert memory.bytes <= 3_500_000
    made: list[str] = []
    for name in ("a", "d", "c", "b"):
        memory.recall(name, lambda name=name: made.append(name) or np.zeros(1))  # type: ignore[misc]
    assert made == ["b"]


def test_one_result_over_the_limit_is_kept_until_the_next() -> None:
    memory = Memory(limit=1000)
    memory.recall("large", lambda: np.zeros(10_000))
    assert memory.recall("large", lambda: None) is not None
    memory.recall("small", lambda: 1)
    assert memory.recall("large", lambda: None) is None


def test_bytes_are_those_of_all_arrays_inside() -> None:
    tracks = (Track(np.zeros(1000, np.float32)), Track(np.zeros(500, np.float32)))
    assert array_bytes((tracks, "text", 3)) == 1024 + 6000


def test_a_work_that_fails_is_not_remembered() -> None:
    memory = Memory()

    def fail() -> int:
        raise KeyError

    for _ in range(2):
        try:
            memory.recall("a", fail)
        except KeyError:
            continue
    assert memory.bytes == 0
    assert memory.recall("a", lambda: 1) == 1


def test_a_file_written_anew_has_another_key(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    assert media_key(path)[1:] == (0, 0)
    path.write_bytes(b"one")
    before = media_key(path)
    assert media_key(path) == before
    os.utime(path, ns=(1, 1))
    assert media_key(path) != before
