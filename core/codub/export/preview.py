"""The preview: original and dub side by side, both lines below, the sound of the dub."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count as count_up
from pathlib import Path

import numpy as np

from codub.errors import MediaError
from codub.export.lettering import label, strip
from codub.export.master import Progress, counted, exactly_as_long
from codub.export.mix import Mix, write_mix
from codub.export.programme import Caption, Segment, fitted, frames_of, length, picture_like
from codub.media.encode import CODECS, mux, write_video
from codub.media.probe import ColourTags, VideoInfo
from codub.media.provenance import picture_tags
from codub.media.video import Frame
from codub.timing import frames_to_seconds, timecode

_HIGHEST = 540  # lines of a panel: a preview is for looking, not for delivery
_CODEC = replace(CODECS["h264"], options={"crf": 20, "preset": "veryfast", "g": 25})


@dataclass(frozen=True)
class Preview:
    """Both versions of a programme, frame for frame, what is said, and what is heard.

    `start` is the timecode, in seconds, of the first frame.
    """

    original: tuple[Segment, ...]
    dub: tuple[Segment, ...]
    captions: tuple[Caption, ...]
    mix: Mix
    start: Fraction = Fraction(0)
    labels: tuple[str, str] = ("Original", "Dub")


def render_preview(path: Path | str, preview: Preview, progress: Progress = lambda _fraction, _what: None) -> VideoInfo:
    """Write the preview (`.mp4`) and return its format; it lasts as long as the programme, frame for frame.

    Raises:
        MediaError: the two versions differ in length, or media cannot be read or written.
    """
    target = Path(path).absolute()
    frames = length(preview.original)
    if frames != length(preview.dub):
        raise MediaError(
            f"The original has {frames} frames and the dub {length(preview.dub)}.",
            cause="A preview shows them side by side, frame for frame.",
            fix="Report this: frame counts never change on purpose.",
        )
    source = picture_like(preview.original)
    panel = _panel(source)
    bar = _even(panel[1] // 4)
    like = VideoInfo(source.rate, frames, 2 * panel[0], panel[1] + bar, colour=_colour(panel[1] + bar))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.stem}-", dir=target.parent) as folder:
        picture, sound = Path(folder) / "picture.mp4", Path(folder) / "sound.wav"
        pictures = counted(_side_by_side(preview, source, panel, bar), frames, progress, (0.0, 0.9))
        write_video(picture, pictures, like, frames, _CODEC)
        write_mix(
            sound, exactly_as_long(preview.mix, like.duration), progress=lambda f, what: progress(0.9 + f * 0.09, what)
        )
        mux(target, picture, sound, picture_tags(title="codub preview"))
    progress(1.0, "preview written")
    return like


def _side_by_side(preview: Preview, source: VideoInfo, panel: tuple[int, int], bar: int) -> Iterator[Frame]:
    letters = max(11, panel[1] // 20)
    versions = zip(frames_of(preview.original, source), frames_of(preview.dub, source), strict=True)
    for number, pair in zip(count_up(), versions, strict=False):
        time = frames_to_seconds(number, source.rate)
        whole = np.zeros((panel[1] + bar, 2 * panel[0], 3), np.uint8)
        for side, (frame, text) in enumerate(zip(pair, preview.labels, strict=True)):
            half = whole[: panel[1], side * panel[0] : (side + 1) * panel[0]]
            half[:] = fitted(frame, source.sample_aspect, panel)
            mark = label(text, letters)
            half[: mark.shape[0], : mark.shape[1]] = mark
        said = _said(preview.captions, time)
        whole[panel[1] :] = strip(*said, timecode(preview.start + time, source.rate), (2 * panel[0], bar))
        yield whole


def _said(captions: Sequence[Caption], time: Fraction) -> tuple[str, str]:
    """What is being said, in both versions; lines that overlap are joined by a dash."""
    now = [caption for caption in captions if caption.start <= time < caption.end]
    return " - ".join(c.original for c in now), " - ".join(c.dub for c in now)


def _panel(source: VideoInfo) -> tuple[int, int]:
    """Even width and height of one panel in square samples."""
    height = min(source.height, _HIGHEST)
    return _even(round(height * source.width * source.sample_aspect / source.height)), _even(height)


def _even(pixels: int) -> int:
    return max(2, pixels // 2 * 2)


def _colour(height: int) -> ColourTags:
    """Tags every player reads alike: BT.601 up to 576 lines, else BT.709."""
    code = 6 if height <= 576 else 1
    return ColourTags("limited", code, code, code)
