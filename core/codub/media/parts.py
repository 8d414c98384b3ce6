"""RGB of parts of a stored frame: the same as of the whole, at the cost of the part."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from codub.media.layout import FULL, Layout, Samples
from codub.media.probe import VideoInfo
from codub.media.video import Frame, to_rgb

if TYPE_CHECKING:
    from av import VideoFrame

REACH = 4  # chroma samples beyond a part that its bicubic enlarging can see
GRAIN = 32  # sides of what is converted are whole multiples of so many samples, so that converters are used again
SIZES = 16  # so many sizes of them are kept


class PartConverter:
    """Converts parts of a stream's frames. `like` is one of them as it was decoded: it says where chroma lies.

    A converter takes longer to be made than to work, so those of the last few sizes are kept. For one thread.
    """

    def __init__(self, info: VideoInfo, layout: Layout, like: "VideoFrame | None" = None) -> None:
        from av import VideoFrame

        self._info, self._layout = info, layout
        self._like = (like or VideoFrame(GRAIN, GRAIN, layout.pix_fmt)).reformat(GRAIN, GRAIN, layout.pix_fmt)
        self._held: dict[tuple[str, int, int], VideoFrame] = {}

    def part(self, samples: tuple[Samples, ...], rows: range, columns: range) -> Frame:
        """RGB (H, W, 3) of rows and columns of a frame's Y, U and V; with steps, each place by its own samples."""
        if rows.step == columns.step == 1:
            return self._whole(samples, rows, columns)
        blocks = np.ix_([i // self._layout.rows for i in rows], [i // self._layout.columns for i in columns])
        luma = samples[0][rows.start : rows.stop : rows.step, columns.start : columns.stop : columns.step]
        return self._rgb((luma, *(plane[blocks] for plane in samples[1:])), FULL[self._layout.depth])

    def reduced(self, samples: tuple[Samples, ...], rows: range, columns: range, factor: int) -> Frame:
        """RGB of rows and columns, each pixel the mean of a square of `factor` samples to a side.

        They begin with an even number and are a multiple of `factor`; beyond the frame its edge repeats.
        """
        layout = self._layout
        whole = tuple(
            slice(side.start, side.start - (-len(side) // block) * block)
            for side, block in ((rows, factor * layout.rows), (columns, factor * layout.columns))
        )
        chroma = _divided(whole[0], layout.rows), _divided(whole[1], layout.columns)
        small = (_means(samples[0], whole, factor), *(_means(plane, chroma, factor) for plane in samples[1:]))
        return self._rgb(small, layout)[: len(rows) // factor, : len(columns) // factor]

    def _whole(self, samples: tuple[Samples, ...], rows: range, columns: range) -> Frame:
        (height, width), layout = samples[0].shape, self._layout
        vertical, horizontal = _grown(rows, height, layout.rows), _grown(columns, width, layout.columns)
        chroma = tuple(_divided(s, b) for s, b in ((vertical, layout.rows), (horizontal, layout.columns)))
        rgb = self._rgb((samples[0][vertical, horizontal], *(plane[chroma] for plane in samples[1:])), layout)
        top, left = rows.start - vertical.start, columns.start - horizontal.start
        return rgb[top : top + len(rows), left : left + len(columns)]

    def _rgb(self, samples: tuple[NDArray[Any], ...], layout: Layout) -> Frame:
        height, width = samples[0].shape
        key = (layout.pix_fmt, height, width)
        frame = self._held.pop(key, None) or self._like.reformat(width, height, layout.pix_fmt)
        self._held[key] = frame
        if len(self._held) > SIZES:
            del self._held[next(iter(self._held))]
        for plane, values in zip(frame.planes, samples, strict=True):
            stored = np.frombuffer(memoryview(plane), layout.dtype)
            stored.reshape(len(values), -1)[:, : values.shape[1]] = values
        return to_rgb(frame, self._info)


def _grown(places: range, length: int, block: int) -> slice:
    """Whole chroma blocks of a side: a few more than those of the places, and a size that others have as well."""
    first = max(0, (places.start // block - REACH) * block)
    last = min(length, -(-(-(-places.stop // block) * block + REACH * block - first) // GRAIN) * GRAIN + first)
    first = max(0, last - -(-(last - first) // GRAIN) * GRAIN) // block * block
    return slice(first, last)


def _means(plane: Samples, part: tuple[slice, ...], factor: int) -> Samples:
    """Means of squares of samples; beyond the plane its edge repeats."""
    if all(side.start >= 0 and side.stop <= length for side, length in zip(part, plane.shape, strict=True)):
        cut = plane[part]
    else:
        places = (np.arange(side.start, side.stop) for side in part)
        rows, columns = (np.clip(p, 0, length - 1) for p, length in zip(places, plane.shape, strict=True))
        cut = np.take(plane[rows], columns, axis=1)  # one after the other: a third of the time
    if cut.dtype == np.uint8:
        return np.asarray(Image.fromarray(cut).reduce(factor))
    squares = cut.reshape(len(cut) // factor, factor, cut.shape[1] // factor, factor)
    means: Samples = np.rint(squares.mean(axis=(1, 3), dtype=np.float32)).astype(cut.dtype)
    return means


def _divided(part: slice, by: int) -> slice:
    return slice(part.start // by, -(-part.stop // by))
