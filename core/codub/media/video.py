"""Pictures: frame-exact reading, streaming writing. Frames are RGB uint8 `(height, width, 3)`, as shown."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from codub.errors import MediaError
from codub.media.colour import is_full_range, matrix_names
from codub.media.container import open_media
from codub.media.probe import VideoInfo, probe

if TYPE_CHECKING:
    from av import VideoFrame

Frame = NDArray[np.uint8]

_REORDER = 20  # frames: a key frame this far ahead of the wanted one precedes it in decoding order, B-frames or not


def read_frames(path: Path | str, first: int = 0, count: int | None = None) -> Iterator[Frame]:
    """Frames `first` to `first + count - 1` of a file, in order, exactly that many; all from `first` when None.

    Colour is converted with the matrix and range that the stream states (BT.601 up to 576 lines, else BT.709,
    limited, where it states none), and stored rotation is applied. One frame at a time is held.

    Raises:
        MediaError: no picture, a variable rate, frames beyond the end, or a frame that does not decode.
    """
    info = probe(path).require_video()
    return (to_rgb(frame, info) for frame in decode(path, first, count))


def thumbnails(path: Path | str, times: Iterable[Fraction], height: int = 90) -> list[Frame]:
    """Small pictures `(height, about the shown width, 3)` at seconds from the first frame, clamped to the file."""
    from PIL import Image

    info = probe(path).require_video()
    width = max(1, round(height * info.width * float(info.sample_aspect) / info.height))
    pictures = []
    for time in times:
        number = min(max(int(time * info.rate), 0), info.frames - 1)
        frame = next(read_frames(path, number, 1))
        pictures.append(np.asarray(Image.fromarray(frame).resize((width, height), Image.Resampling.BILINEAR)))
    return pictures


def decode(path: Path | str, first: int = 0, count: int | None = None) -> Iterator["VideoFrame"]:
    """Frames as `read_frames` numbers them, as the decoder gives them; each is valid until the next.

    Raises:
        MediaError: as `read_frames`.
    """
    info = probe(path).require_video()
    count = info.frames - first if count is None else count
    if first < 0 or count < 0 or first + count > info.frames:
        raise MediaError(
            f"Frames {first} to {first + count - 1} of '{path}' were asked for.",
            cause=f"It has {info.frames} frames, numbered from 0.",
            fix="Trim the clip to its media, or relink it.",
        )
    return _decode(path, info, first, count)


def to_rgb(frame: "VideoFrame", info: VideoInfo, size: tuple[int, int] | None = None) -> Frame:
    """A decoded frame, or a part, as RGB, upright; scaled to `size` (width, height as shown) where one is given."""
    from av.video.reformatter import ColorRange, Interpolation

    careful = Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP | Interpolation.ACCURATE_RND
    turns = info.rotation // 90
    lines = info.width if turns % 2 else info.height  # of the stored picture, of which the frame may be a part
    matrix = matrix_names(info.colour, lines)[0]
    width, height = size if size is not None and turns % 2 == 0 else (size or (None, None))[::-1]
    picture = frame.reformat(
        width=width,
        height=height,
        format="rgb24",
        interpolation=Interpolation.BICUBIC | careful,
        src_colorspace=matrix,
        dst_colorspace=matrix,
        src_color_range=ColorRange.JPEG if is_full_range(info.colour) else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        threads=1,
    )
    pixels: Frame = picture.to_ndarray().astype(np.uint8, copy=False)
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels


def _decode(path: Path | str, info: VideoInfo, first: int, count: int) -> Iterator["VideoFrame"]:
    """Let nothing through that is not the next number."""
    wanted = first
    for number, frame in _from_before(path, info, first) if count else ():
        if number < wanted:
            continue
        if number > wanted:
            break
        yield frame
        wanted += 1
        if wanted == first + count:
            return
    if wanted < first + count:
        raise MediaError(
            f"Frame {wanted} of '{path}' cannot be decoded.",
            cause="The file is damaged there.",
            fix="Copy it again from its source, or relink the clip.",
        )


def _from_before(path: Path | str, info: VideoInfo, first: int) -> Iterator[tuple[int, "VideoFrame"]]:
    """Decoded frames with their numbers from `first` or earlier; from the very beginning where seeking fails."""
    for start in (max(0, first - _REORDER), 0):
        with open_media(path) as container:
            stream = next(s for s in container.streams.video if "attached_pic" not in str(s.disposition))
            stream.thread_type = "AUTO"
            frames = _numbered(container, stream, info, start)
            beginning = next(frames, None)
            if start and (beginning is None or beginning[0] > first):
                continue  # it landed too late: this container's index is coarse
            if beginning is not None:
                yield beginning
            yield from frames
            return


def _numbered(container: Any, stream: Any, info: VideoInfo, start: int) -> Iterator[tuple[int, "VideoFrame"]]:
    """Decoded frames from the key frame that the container thinks precedes frame `start`; nothing if it cannot seek."""
    from av import FFmpegError

    tick = Fraction(stream.time_base)
    if start:
        try:
            container.seek(int((info.start + start / info.rate) / tick), stream=stream, backward=True)
        except FFmpegError:
            return
    for frame in container.decode(stream):
        if frame.pts is not None:
            yield round((frame.pts * tick - info.start) * info.rate), frame
