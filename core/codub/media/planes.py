"""Pictures as a file stores them: luma and chroma planes, changed only where a picture changed.

Colour turned into RGB and back is not what it was: chroma is enlarged and reduced again, colours outside RGB's gamut
are clipped (GRID's mean luma moves by 0.8 levels, saturated edges by over 20, before any codec). So a change of the RGB
picture is added to the stored samples as a difference, and all others stay as they are.

RGB is worked out of the parts of a frame that somebody looks at: of an HD frame it takes longer than decoding it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from codub.compiled import compiled, inlined
from codub.errors import MediaError
from codub.media.layout import Layout, Samples, plane_layout, rgb_to_planes
from codub.media.parts import PartConverter
from codub.media.probe import VideoInfo, probe
from codub.media.video import Frame, decode, read_frames

if TYPE_CHECKING:
    from av import VideoFrame


@dataclass(frozen=True, eq=False)
class Planes:
    """One frame as stored, which shows as RGB what is asked for of it.

    samples    Y, U and V, each (rows, columns), uint8 or, with ten bits, uint16
    layout     what they are
    info       the stream they are of
    converter  makes RGB of the stream's samples
    """

    samples: tuple[Samples, ...]
    layout: Layout
    info: VideoInfo
    converter: PartConverter

    @property
    def shape(self) -> tuple[int, ...]:
        """(H, W, 3) of the RGB picture."""
        return (*self.samples[0].shape, 3)

    def __getitem__(self, part: tuple[slice, slice]) -> Frame:
        """RGB uint8 of these rows and columns, as `read_frames` has them; with steps, each place by its own samples."""
        return self.converter.part(self.samples, *self._places(part))

    def reduced(self, rows: range, columns: range, factor: int) -> Frame:
        """RGB uint8 of these rows and columns, each pixel the mean of a square of `factor` of the frame's to a side.

        They begin with an even number and are a multiple of `factor`; beyond the frame its edge repeats.
        """
        return self.converter.reduced(self.samples, rows, columns, factor)

    def changed(self, part: tuple[slice, slice], before: Frame, after: Frame) -> "Planes":
        """With the difference of two RGB pictures of this part added to the samples under it.

        Samples of chroma blocks in which nothing changes are the same; without any change, so are the planes
        themselves.

        Raises:
            MediaError: the sizes differ.
        """
        rows, columns = self._places(part)
        if not before.shape == after.shape == (len(rows), len(columns), 3):
            raise MediaError(
                f"A picture of {after.shape} was made from one of {before.shape}.",
                cause=f"The part of the frame has {len(rows)} rows and {len(columns)} columns.",
                fix="Report this: picture sizes never change on purpose.",
            )
        if np.array_equal(before, after):
            return self
        layout, samples = self.layout, tuple(plane.copy() for plane in self.samples)
        first, block = (rows.start, columns.start), (layout.rows, layout.columns)
        _add(before, after, rgb_to_planes(self.info, layout), first, block, (1 << layout.depth) - 1, *samples)
        return replace(self, samples=samples)

    def _places(self, part: tuple[slice, slice]) -> tuple[range, range]:
        height, width = self.samples[0].shape
        return range(height)[part[0]], range(width)[part[1]]


def read_planes(path: Path | str, first: int = 0, count: int | None = None) -> Iterator[Planes]:
    """Frames as `read_frames` numbers them, as they are stored; one of them is held at a time.

    Raises:
        MediaError: as `read_frames`; or `plane_layout` knows none for the file, or a frame differs from the first.
    """
    info = probe(path).require_video()
    layout = plane_layout(info)
    if layout is None:
        raise MediaError(
            f"The planes of '{path}' cannot be kept.",
            cause=f"It holds {info.pix_fmt}, {info.width}x{info.height}, turned by {info.rotation} degrees.",
            fix="Report this: such films go through RGB.",
        )
    return _planes(decode(path, first, count), info, layout, path)


def read_plates(path: Path | str, first: int = 0, count: int | None = None) -> Iterator[Frame] | Iterator[Planes]:
    """Frames to be looked at in parts: as `read_planes` where it can, else as `read_frames` has them.

    Raises:
        MediaError: as `read_frames`, or a frame differs from the first.
    """
    known = plane_layout(probe(path).require_video()) is not None
    return read_planes(path, first, count) if known else read_frames(path, first, count)


def _planes(frames: Iterator["VideoFrame"], info: VideoInfo, layout: Layout, path: Path | str) -> Iterator[Planes]:
    converter: PartConverter | None = None
    for frame in frames:
        samples = _samples(frame, info, layout, path)
        converter = converter or PartConverter(info, layout, frame)
        yield Planes(samples, layout, info, converter)


def _samples(frame: "VideoFrame", info: VideoInfo, layout: Layout, path: Path | str) -> tuple[Samples, ...]:
    """Copies: the decoder uses its own memory again."""
    if (frame.format.name, frame.width, frame.height) != (info.pix_fmt, info.width, info.height):
        raise MediaError(
            f"'{path}' changes to {frame.format.name}, {frame.width}x{frame.height}, on its way.",
            cause=f"It begins as {info.pix_fmt}, {info.width}x{info.height}.",
            fix="Convert it to a file of one kind.",
        )
    result: list[Samples] = []
    for plane, (rows, columns) in zip(frame.planes, layout.shapes(info.height, info.width), strict=True):
        stored = np.frombuffer(memoryview(plane), layout.dtype)
        stride = plane.line_size // stored.itemsize
        result.append(stored[: rows * stride].reshape(rows, stride)[:, :columns].copy())
    return tuple(result)


@compiled
def _add(
    before: Frame,
    after: Frame,
    to_planes: NDArray[np.float32],
    first: tuple[int, int],
    block: tuple[int, int],
    most: int,
    luma: Samples,
    blue: Samples,
    red: Samples,
) -> None:
    """What two pictures (H, W, 3) differ by, added to a frame's samples from luma row and column `first` on.

    `block` is the luma rows and columns of a chroma sample, which takes the mean.
    """
    height, width = before.shape[:2]
    share = np.float32(1 / (block[0] * block[1]))
    for down in range(first[0] // block[0], (first[0] + height - 1) // block[0] + 1):
        for across in range(first[1] // block[1], (first[1] + width - 1) // block[1] + 1):
            to_blue = to_red = np.float32(0)
            for place in range(block[0] * block[1]):
                row, column = down * block[0] + place // block[1], across * block[1] + place % block[1]
                j, i = row - first[0], column - first[1]
                if not (0 <= j < height and 0 <= i < width):
                    continue
                r = np.float32(after[j, i, 0]) - np.float32(before[j, i, 0])
                g = np.float32(after[j, i, 1]) - np.float32(before[j, i, 1])
                b = np.float32(after[j, i, 2]) - np.float32(before[j, i, 2])
                if r == 0 and g == 0 and b == 0:
                    continue
                to_luma = to_planes[0, 0] * r + to_planes[0, 1] * g + to_planes[0, 2] * b
                to_blue += to_planes[1, 0] * r + to_planes[1, 1] * g + to_planes[1, 2] * b
                to_red += to_planes[2, 0] * r + to_planes[2, 1] * g + to_planes[2, 2] * b
                luma[row, column] = _plus(luma[row, column], to_luma, most)
            if to_blue != 0 or to_red != 0:
                blue[down, across] = _plus(blue[down, across], share * to_blue, most)
                red[down, across] = _plus(red[down, across], share * to_red, most)


@inlined
def _plus(sample: Any, added: np.float32, most: int) -> Any:
    return min(max(int(sample) + int(np.rint(added)), 0), most)
