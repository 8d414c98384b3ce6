"""What a long shot gives for each of its frames, kept in a temporary file, so that no shot is too long for memory."""

import tempfile
import threading
import weakref
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

IN_MEMORY = 2**20  # bytes; more of one kind goes to the disk: of a face followed 50 s of its small pictures
AT_ONCE = 256  # rows that are looked at together


class Rows(Protocol):
    """Rows of one kind, one a frame: an array, or a `Spool`."""

    def __len__(self) -> int: ...

    def __getitem__(self, places: slice | NDArray[np.intp], /) -> Any:
        """The rows of a stretch, or those of single places, as an array."""
        ...


class Spool:
    """Rows of one `kind`, which may have fields or a shape of its own: what is added at the end is read anywhere."""

    def __init__(self, kind: np.dtype[Any]) -> None:
        self._kind, self._length = kind, 0
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - it is closed with the last who reads it
        weakref.finalize(self, self._file.close)
        self._turn = threading.Lock()

    def __len__(self) -> int:
        return self._length

    def append(self, row: NDArray[Any]) -> None:
        """One row more."""
        with self._turn:
            self._file.seek(self._length * self._kind.itemsize)
            self._file.write(row.tobytes())
            self._length += 1

    def __getitem__(self, places: slice | NDArray[np.intp]) -> NDArray[Any]:
        """The rows of a stretch, or those of single places."""
        if isinstance(places, slice):
            start, stop, step = places.indices(self._length)
            return self._read(start, max(start, stop))[::step]
        return np.concatenate([self._read(place, place + 1) for place in places.tolist()])

    def _read(self, start: int, stop: int) -> NDArray[Any]:
        with self._turn:
            self._file.seek(start * self._kind.itemsize)
            stored = self._file.read((stop - start) * self._kind.itemsize)
        return np.frombuffer(stored, self._kind.base).reshape(stop - start, *self._kind.shape)


def parts(length: int) -> Iterator[slice]:
    """Stretches that make up `length` rows."""
    return (slice(first, min(first + AT_ONCE, length)) for first in range(0, length, AT_ONCE))


def picked(rows: Rows, places: NDArray[np.intp]) -> Iterator[tuple[slice, NDArray[Any]]]:
    """The rows of `places` (N,), which never fall, a stretch of N at a time."""
    for part in parts(len(places)):
        wanted = places[part]
        yield part, rows[wanted[0] : wanted[-1] + 1][wanted - wanted[0]]
