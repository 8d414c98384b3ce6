"""What a master or a preview is made of: pictures and sounds in their places, as plain values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from codub.errors import MediaError
from codub.media.probe import VideoInfo, probe
from codub.media.video import Frame, read_frames

Span = tuple[Fraction, Fraction]
"""Start and end in seconds of the programme."""


@dataclass(frozen=True)
class Segment:
    """`count` frames of a media file from frame `first`; black where `media` is None. Segments follow each other."""

    media: Path | None
    first: int
    count: int


@dataclass(frozen=True)
class PlacedSound:
    """`duration` seconds of a media file from its second `media_start`, heard from `start` of the programme."""

    media: Path
    start: Fraction
    duration: Fraction
    media_start: Fraction = Fraction(0)
    gain_db: float = 0.0

    @property
    def end(self) -> Fraction:
        """Second of the programme at which it is over."""
        return self.start + self.duration


@dataclass(frozen=True)
class Caption:
    """What is said from `start` to `end` (seconds), in the original and in the dub."""

    start: Fraction
    end: Fraction
    original: str
    dub: str


def length(segments: Sequence[Segment]) -> int:
    """Frames in all segments."""
    return sum(segment.count for segment in segments)


def picture_like(segments: Sequence[Segment]) -> VideoInfo:
    """The format of the first segment that has a picture.

    Raises:
        MediaError: none has.
    """
    for segment in segments:
        if segment.media is not None:
            return probe(segment.media).require_video()
    raise MediaError("There is no picture to export.", cause="Every clip is missing or empty.", fix="Relink the media.")


def frames_of(segments: Sequence[Segment], like: VideoInfo) -> Iterator[Frame]:
    """All frames in order, in the size of `like`; a picture of another size is fitted in, between black bars.

    Raises:
        MediaError: a segment runs at another rate (codub never re-times a picture), or cannot be read.
    """
    for segment in segments:
        if segment.media is None:
            black = np.zeros((like.height, like.width, 3), np.uint8)
            yield from (black for _ in range(segment.count))
            continue
        info = probe(segment.media).require_video()
        if info.rate != like.rate:
            raise MediaError(
                f"'{segment.media.name}' runs at {info.rate} frames/s, the programme at {like.rate}.",
                cause="codub does not re-time pictures.",
                fix="Conform the clip to the programme's rate first.",
            )
        for frame in read_frames(segment.media, segment.first, segment.count):
            yield fitted(frame, info.sample_aspect, (like.width, like.height), like.sample_aspect)


def fitted(frame: Frame, aspect: Fraction, size: tuple[int, int], target_aspect: Fraction = Fraction(1)) -> Frame:
    """The frame in `size` (width, height), its shown proportions kept; `aspect`es are of the samples."""
    if frame.shape[1::-1] == size and aspect == target_aspect:
        return frame
    from PIL import Image

    shown = Fraction(frame.shape[1], frame.shape[0]) * aspect / target_aspect
    width = min(size[0], round(size[1] * shown))
    height = min(size[1], round(width / shown))
    small = Image.fromarray(frame).resize((width, height), Image.Resampling.BICUBIC)
    whole = np.zeros((size[1], size[0], 3), np.uint8)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    whole[top : top + height, left : left + width] = np.asarray(small)
    return whole
