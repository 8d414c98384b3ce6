"""What was worked out once is kept in memory, up to a limit, for as long as what it was made from is the same."""

import dataclasses
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

T = TypeVar("T")

LIMIT = 256 * 2**20  # bytes: followed faces of some hours of pictures, or the references of some hundred clips


class Memory:
    """Results by key; what was asked for longest ago goes first when they take more than `limit` bytes of arrays."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self.bytes = 0

    def recall(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made under this key before, or what `make` makes now; the caller does not change it."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return cast("T", self._kept[key][0])
        made = make()
        self.forget(key)  # `make` may have come by here itself
        size = array_bytes(made)
        self._kept[key] = made, size
        self.bytes += size
        while self.bytes > self._limit and len(self._kept) > 1:
            _, (_, gone) = self._kept.popitem(last=False)
            self.bytes -= gone
        return made

    def forget(self, key: Hashable) -> None:
        """Work it out anew the next time."""
        _, size = self._kept.pop(key, (None, 0))
        self.bytes -= size


def media_key(path: Path) -> tuple[str, int, int]:
    """A file as it is now: another key once it is replaced or written; zeros where it is not there."""
    try:
        state = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), state.st_size, state.st_mtime_ns


def array_bytes(value: object) -> int:
    """Bytes of all arrays in a value made of dataclasses and tuples, and 1 kB for the rest."""
    return 1024 + _arrays(value)


def _arrays(value: object) -> int:
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, tuple | list):
        return sum(map(_arrays, value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return sum(_arrays(getattr(value, field.name)) for field in dataclasses.fields(value))
    return 0
