"""Pictures as a file stores them: luma and chroma planes, changed only where a picture changed.

Colour turned into RGB and back is not what it was: chroma is enlarged and reduced again, colours outside RGB's gamut
are clipped (GRID's mean luma moves by 0.8 levels, saturated edges by over 20, before any codec). So a change of the RGB
picture is added to the stored samples as a difference, and all others stay as they are.

RGB is worked out of the parts of a frame that somebody looks at: of an HD frame it takes longer than decoding it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

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
        box = _changed_box(before, after)
        if box is None:
            return self
        layout = self.layout
        vertical, top = _blocks(box[0], rows.start, layout.rows)
        horizontal, left = _blocks(box[1], columns.start, layout.columns)
        added = np.zeros((vertical.stop - vertical.start, horizontal.stop - horizontal.start, 3), np.float32)
        difference = after[box].astype(np.float32) - before[box]
        height, width = difference.shape[:2]
        in_planes = difference.reshape(-1, 3) @ rgb_to_planes(self.info, layout).T
        added[top : top + height, left : left + width] = in_planes.reshape(difference.shape)
        most = (1 << layout.depth) - 1
        luma = _plus(self.samples[0], (vertical, horizontal), added[..., 0], most)
        shape = (added.shape[0] // layout.rows, layout.rows, added.shape[1] // layout.columns, layout.columns, 3)
        blocks = added.reshape(shape).mean(axis=(1, 3))
        under = _divided(vertical, layout.rows), _divided(horizontal, layout.columns)
        chroma = [_plus(plane, under, blocks[..., i], most) for i, plane in enumerate(self.samples[1:], 1)]
        return replace(self, samples=(luma, *chroma))

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


def _changed_box(before: Frame, after: Frame) -> tuple[slice, slice] | None:
    """Rows and columns of all that differs."""
    differs = (before != after).reshape(len(before), -1)  # flat: three times as fast as by colours
    rows = np.flatnonzero(differs.any(axis=1))
    if not len(rows):
        return None
    columns = np.flatnonzero(differs.any(axis=0)) // 3
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _blocks(places: slice, start: int, size: int) -> tuple[slice, int]:
    """Whole chroma blocks of the frame round places that are counted from `start`, and where in them these begin."""
    first = (places.start + start) // size * size
    return slice(first, -(-(places.stop + start) // size) * size), places.start + start - first


def _divided(part: slice, by: int) -> slice:
    return slice(part.start // by, part.stop // by)


def _plus(plane: Samples, part: tuple[slice, slice], added: NDArray[np.floating], top: int) -> Samples:
    result = plane.copy()
    result[part] = np.clip(plane[part] + np.rint(added), 0, top).astype(plane.dtype)
    return result
