"""What a face model is: one small protocol, and the mouth motion that it gives."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from codub.latent import LatentSpace

FloatArray = NDArray[np.float32]
Pictures = NDArray[np.uint8]

MOUTHS = ("closed", "open", "between", "rounded", "spread")
"""Kinds of mouth in the order of a face's references: shut, wide open with teeth, half open, half open and narrow
(o, u), half open and wide (e, i). A generator of three takes the first three; one of eight adds three that lie between
these and are always found by themselves: ajar, nearly wide open, ajar and narrow."""


def shut_origin(origin: str) -> str:
    """Where a reference is from that a `SilentFace` made."""
    return f"{origin} shut by the silent face"


@dataclass(frozen=True)
class MouthMotion:
    """How the lower faces of N frames are made of K reference crops; holds for any crop resolution.

    flow    `(N, K, 2, h, w)` float32: where in reference k the picture at a place comes from, as an offset (x, y) in
            units of the crop's side (0.1 = a tenth of the crop to the right)
    blend   `(N, K + 1, h, w)` float32, sums to 1: shares of the K references, last the share of `colour`
    colour  `(N, 3, h, w)` float32 RGB in 0..1: what no reference shows
    mask    `(h, w)` float32 in 0..1: 1 where the generated picture replaces the plate, 0 at the rim
    """

    flow: FloatArray
    blend: FloatArray
    colour: FloatArray
    mask: FloatArray

    def __len__(self) -> int:
        return len(self.flow)

    def frame(self, index: int) -> "MouthMotion":
        """The motion of one frame, N = 1."""
        one = slice(index, index + 1)
        return MouthMotion(self.flow[one], self.blend[one], self.colour[one], self.mask)


class FaceGenerator(Protocol):
    """Moves a mouth by a latent: latent windows and pictures of one person in, `MouthMotion` out.

    space       the latent space it was trained for; the caller checks `latent.require(generator.space)`
    size        side in pixels of the crops it looks at
    references  K, pictures of the person it wants, in the order of `MOUTHS`: 3, 5 or 8
    window      latent vectors it wants round each frame's time, at the space's rate
    """

    space: LatentSpace
    size: int
    references: int
    window: int

    def generate(self, windows: FloatArray, pose: Pictures, references: Pictures) -> MouthMotion:
        """Motion of N frames.

        windows `(N, C, window)`, pose `(N, size, size, 3)` RGB crops of the frames (their mouths are hidden from the
        model), references `(K, size, size, 3)` RGB.

        Raises:
            LatentSpaceError: the windows are not of this generator's space.
        """
        ...


class SilentFace(Protocol):
    """Shuts mouths: stands in where no picture of a person shows a shut one."""

    def shut(self, crop: Pictures) -> Pictures:
        """The lower-face crop `(S, S, 3)` RGB uint8, at the plate's resolution, with the mouth shut."""
        ...
