"""How films store their pictures: planes of luma and chroma, and what a colour adds to them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codub.media.colour import is_full_range, luma_weights
from codub.media.probe import VideoInfo

Samples = NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True)
class Layout:
    """How planes are stored: ffmpeg's name, bits per sample, and the luma rows and columns that share a chroma sample.

    Ten bits are the low ones of 16, little-endian.
    """

    pix_fmt: str
    depth: int
    rows: int
    columns: int

    @property
    def dtype(self) -> str:
        """NumPy's name of a sample's type."""
        return "uint8" if self.depth == 8 else "uint16"

    def shapes(self, height: int, width: int) -> tuple[tuple[int, int], ...]:
        """Shapes of Y, U and V of a picture."""
        chroma = (height // self.rows, width // self.columns)
        return (height, width), chroma, chroma


_LAYOUTS = {
    f"yuv{chroma}p{ending}": Layout(f"yuv{chroma}p{ending}", depth, rows, columns)
    for chroma, rows, columns in (("420", 2, 2), ("422", 1, 2), ("444", 1, 1))
    for ending, depth in (("", 8), ("10le", 10))
}

FULL = {layout.depth: layout for layout in _LAYOUTS.values() if layout.rows == layout.columns == 1}
"""By bits per sample, the layouts with as much chroma as luma."""


def plane_layout(info: VideoInfo) -> Layout | None:
    """The layout of a stream whose planes can be kept: YUV of 8 or 10 bits, upright, sides in whole chroma blocks."""
    layout = _LAYOUTS.get(info.pix_fmt.replace("yuvj", "yuv"))
    if layout is None or info.rotation or info.colour.matrix == 0:
        return None
    return None if info.height % layout.rows or info.width % layout.columns else layout


def rgb_to_planes(info: VideoInfo, layout: Layout) -> NDArray[np.float32]:
    """What one level (of 255) of R, G, B adds to Y, U, V, in samples' steps, (3, 3): ITU-T H.273, equations 38 to 40
    with its quantisation 26 to 31."""
    red, blue = luma_weights(info.colour, info.height)
    luma = np.array([red, 1 - red - blue, blue])
    rows = [luma, (np.array([0, 0, 1]) - luma) / (1 - blue) / 2, (np.array([1, 0, 0]) - luma) / (1 - red) / 2]
    if is_full_range(info.colour):
        steps = np.full(3, (1 << layout.depth) - 1.0)
    else:
        steps = np.array([219.0, 224.0, 224.0]) * (1 << (layout.depth - 8))
    return np.asarray(np.stack(rows) * steps[:, None] / 255, np.float32)
