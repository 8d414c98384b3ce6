"""Which frames' surroundings the generator looks at: what it may see of a face hardly changes from frame to frame.

The mouth is hidden from the pose encoder. Where what is left changes steadily, what it finds is taken from the frames
before and after: made pictures agree to 84 dB with those of a look at every frame, with a look at two of eight frames.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from codub.face.model import Pictures

ALIKE = 4.0  # levels, mean of what is seen: a frame that differs by less from the mix of two others is not looked at
COARSE = 2  # of so many pixels one is compared, each way


@dataclass(frozen=True)
class PoseLooks:
    """Of `frames` frames those that are looked at: `looked`, ascending, the first and the last of them among these."""

    frames: int
    looked: tuple[int, ...]

    @cached_property
    def _parts(self) -> list[tuple[int, int, int, list[float]]]:
        """Two neighbours, the first frame between them, and how far each from there on has gone to the second."""
        parts = []
        for number, (one, two) in enumerate(zip(self.looked, self.looked[1:], strict=False)):
            parts.append((number, number + 1, one, [(frame - one) / (two - one) for frame in range(one, two)]))
        return [*parts, (len(self.looked) - 1, len(self.looked) - 1, self.looked[-1], [0.0])]

    def of_all(self, maps: Tensor) -> Tensor:
        """Maps `(L, C, h, w)` of those that are looked at as maps of all frames `(N, C, h, w)`."""
        return maps if len(maps) == self.frames else torch.cat([found for _, found in self._between(maps)])

    def add_to(self, result: Tensor, maps: Tensor) -> Tensor:
        """`result` `(N, C, h, w)` with the maps `(L, C, h, w)` added, in place."""
        if len(maps) == self.frames:
            return result.add_(maps)
        for first, found in self._between(maps):
            result[first : first + len(found)].add_(found)
        return result

    def _between(self, maps: Tensor) -> Iterator[tuple[int, Tensor]]:
        for one, two, first, shares in self._parts:
            way = torch.tensor(shares, dtype=maps.dtype, device=maps.device)[:, None, None, None]
            yield first, torch.lerp(maps[one : one + 1], maps[two : two + 1], way) if one < two else maps[one : one + 1]


def all_looks(frames: int) -> PoseLooks:
    """A look at every frame."""
    return PoseLooks(frames, tuple(range(frames)))


def few_looks(pose: Pictures, seen: NDArray[np.bool_]) -> PoseLooks:
    """As few as do for frames `(N, S, S, 3)` of which the places `seen` `(S, S)` are shown to the encoder."""
    shown = pose[:, ::COARSE, ::COARSE][:, seen[::COARSE, ::COARSE]].reshape(len(pose), -1).astype(np.float32)

    def inside(first: int, last: int) -> Sequence[int]:
        if last - first < 2:
            return ()
        way = (np.arange(first + 1, last, dtype=np.float32)[:, None] - first) / (last - first)
        mixed = shown[first] + way * (shown[last] - shown[first])
        if np.abs(shown[first + 1 : last] - mixed).mean(axis=1).max() <= ALIKE:
            return ()
        middle = (first + last) // 2
        return (*inside(first, middle), middle, *inside(middle, last))

    last = len(pose) - 1
    return PoseLooks(len(pose), (0, *inside(0, last), *((last,) if last else ())))
