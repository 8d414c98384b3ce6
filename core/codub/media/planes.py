"""Pictures as a file stores them: luma and chroma planes, changed only where a picture changed.

Colour turned into RGB and back is not what it was: chroma is enlarged and reduced again, colours outside RGB's gamut
are clipped (GRID's mean luma moves by 0.8 levels, saturated edges by over 20, before any codec). So a change of the RGB
picture is added to the stored samples as a difference, and all others stay as they are.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from codub.errors import MediaError
from codub.media.colour import is_full_range, luma_weights
from codub.media.probe import VideoInfo, probe
from codub.media.video import Frame, decode, to_rgb

if TYPE_CHECKING:
    from av import VideoFrame

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


@dataclass(frozen=True, eq=False)
class Planes:
    """One frame as stored.

    samples  Y, U and V, each (rows, columns), uint8 or, with ten bits, uint16
    layout   what they are
    matrix   (3, 3) float32: what one level (of 255) of R, G, B adds to Y, U, V, in samples' steps
    """

    samples: tuple[Samples, ...]
    layout: Layout
    matrix: NDArray[np.float32]


def plane_layout(info: VideoInfo) -> Layout | None:
    """The layout of a stream whose planes can be kept: YUV of 8 or 10 bits, upright, sides in whole chroma blocks."""
    layout = _LAYOUTS.get(info.pix_fmt.replace("yuvj", "yuv"))
    if layout is None or info.rotation or info.colour.matrix == 0:
        return None
    return None if info.height % layout.rows or info.width % layout.columns else layout


def read_planes(path: Path | str, first: int = 0, count: int | None = None) -> Iterator[tuple[Frame, Planes]]:
    """Frames as `read_frames` gives them, each with its planes; one of them is held at a time.

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
    matrix = rgb_to_planes(info, layout)
    frames = decode(path, first, count)
    return ((to_rgb(frame, info), Planes(_samples(frame, info, layout, path), layout, matrix)) for frame in frames)


def merge(planes: Planes, before: Frame, after: Frame) -> Planes:
    """`planes` of the picture `before` with what `after` changes; both RGB uint8 (H, W, 3).

    Samples of chroma blocks in which nothing changes are the same; without any change, so are the planes themselves.

    Raises:
        MediaError: the sizes differ.
    """
    if after is before:
        return planes
    if not before.shape == after.shape == (*planes.samples[0].shape, 3):
        raise MediaError(
            f"A picture of {after.shape} was made from one of {before.shape}.",
            cause=f"Its planes are {planes.samples[0].shape}.",
            fix="Report this: picture sizes never change on purpose.",
        )
    box = _changed_box(before, after, planes.layout)
    if box is None:
        return planes
    difference = after[box].astype(np.float32) - before[box]
    added = difference @ planes.matrix.T
    top = (1 << planes.layout.depth) - 1
    luma = _plus(planes.samples[0], box, added[..., 0], top)
    rows, columns = planes.layout.rows, planes.layout.columns
    height, width = added.shape[:2]
    blocks = added[..., 1:].reshape(height // rows, rows, width // columns, columns, 2).mean(axis=(1, 3))
    part = (_divided(box[0], rows), _divided(box[1], columns))
    chroma = [_plus(plane, part, blocks[..., i], top) for i, plane in enumerate(planes.samples[1:])]
    return replace(planes, samples=(luma, *chroma))


def change(
    pairs: Iterable[tuple[Frame, Planes]], pictures: Callable[[Iterator[Frame]], Iterable[Frame]]
) -> Iterator[Planes]:
    """Planes of what `pictures` makes of the frames, one by one and in order.

    As many wait as `pictures` takes ahead of what it gives.

    Raises:
        MediaError: it gives more than it has taken, or a picture of another size.
    """
    waiting: deque[tuple[Frame, Planes]] = deque()

    def frames() -> Iterator[Frame]:
        for pair in pairs:
            waiting.append(pair)
            yield pair[0]

    for after in pictures(frames()):
        if not waiting:
            raise MediaError(
                "There are more pictures than were read.",
                cause="One of them belongs to no stored frame.",
                fix="Report this: frame counts never change on purpose.",
            )
        before, planes = waiting.popleft()
        yield merge(planes, before, after)


def rgb_to_planes(info: VideoInfo, layout: Layout) -> NDArray[np.float32]:
    """`Planes.matrix` of a stream: ITU-T H.273, equations 38 to 40 with its quantisation 26 to 31."""
    red, blue = luma_weights(info.colour, info.height)
    luma = np.array([red, 1 - red - blue, blue])
    rows = [luma, (np.array([0, 0, 1]) - luma) / (1 - blue) / 2, (np.array([1, 0, 0]) - luma) / (1 - red) / 2]
    if is_full_range(info.colour):
        steps = np.full(3, (1 << layout.depth) - 1.0)
    else:
        steps = np.array([219.0, 224.0, 224.0]) * (1 << (layout.depth - 8))
    return np.asarray(np.stack(rows) * steps[:, None] / 255, np.float32)


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


def _changed_box(before: Frame, after: Frame, layout: Layout) -> tuple[slice, slice] | None:
    """Rows and columns of all that differs, in whole chroma blocks."""
    rows = np.flatnonzero((before != after).any(axis=(1, 2)))
    if not len(rows):
        return None
    vertical = _blocks(rows, layout.rows)
    columns = np.flatnonzero((before[vertical] != after[vertical]).any(axis=(0, 2)))
    return vertical, _blocks(columns, layout.columns)


def _blocks(places: NDArray[np.intp], size: int) -> slice:
    return slice(int(places[0]) // size * size, (int(places[-1]) // size + 1) * size)


def _divided(part: slice, by: int) -> slice:
    return slice(part.start // by, part.stop // by)


def _plus(plane: Samples, part: tuple[slice, slice], added: NDArray[np.floating], top: int) -> Samples:
    result = plane.copy()
    result[part] = np.clip(plane[part] + np.rint(added), 0, top).astype(plane.dtype)
    return result
