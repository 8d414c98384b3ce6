"""Which lines a step trains on: shuffled epochs without end, shared among processes, made ahead of time."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


class Order:
    """The stream of `count` items in a new order every epoch, cut into batches; it depends on the seed alone.

    `batch` items go to each process; together they are a step. Epochs flow into each other: nothing is left out.
    """

    def __init__(self, count: int, batch: int, seed: int, *, rank: int = 0, processes: int = 1) -> None:
        self._count, self._batch, self._seed = count, batch, seed
        self._rank, self._processes = rank, processes
        self._shuffled: tuple[int, NDArray[np.int64]] = (-1, np.zeros(0, np.int64))

    def places(self, step: int) -> list[int]:
        """Places in the stream of this process's items at a step; they name the items' own random draws too."""
        first = (step * self._processes + self._rank) * self._batch
        return list(range(first, first + self._batch))

    def item(self, place: int) -> int:
        """Number of the item at a place of the stream."""
        epoch, within = divmod(place, self._count)
        known, shuffled = self._shuffled
        if known != epoch:
            shuffled = np.random.default_rng([self._seed, epoch]).permutation(self._count)
            self._shuffled = (epoch, shuffled)  # one assignment: batches are made in several threads
        return int(shuffled[within])

    def epoch(self, step: int) -> int:
        """How many times all items were gone through when a step begins."""
        return step * self._processes * self._batch // self._count


def seed_of(*numbers: int) -> int:
    """One seed of several whole numbers, the same in every process and on every machine."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint32)[0])


class Ahead(Generic[T]):
    """`make(step)`, the next `depth` steps made in threads while the present one trains; 0: when asked for."""

    def __init__(self, make: Callable[[int], T], depth: int = 0) -> None:
        self._make, self._depth = make, depth
        self._pool = ThreadPoolExecutor(max(depth, 1), thread_name_prefix="batches")
        self._made: dict[int, Future[T]] = {}

    def __call__(self, step: int) -> T:
        """What was made for that step; an error while making it is raised here."""
        if not self._depth:
            return self._make(step)
        for later in range(step, step + self._depth + 1):
            if later not in self._made:
                self._made[later] = self._pool.submit(self._make, later)
        self._made = {number: future for number, future in self._made.items() if number >= step}
        return self._made[step].result()
