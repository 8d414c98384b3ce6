"""Pictures with their times, in one pass: films of any rate, a variable one too, and of any length."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from codub.media.container import open_media
from codub.media.probe import VideoInfo, probe
from codub.media.video import Frame, to_rgb


@dataclass(frozen=True)
class TimedFrame:
    """A picture RGB uint8 (H, W, 3), its pixels square, and the middle of its exposure in seconds from the start."""

    time: float
    picture: Frame


def timed_frames(
    path: Path | str, *, most_a_second: float | None = None, longest_side: int | None = None
) -> Iterator[TimedFrame]:
    """All pictures of a film in order; one is held at a time.

    Of a film with more than `most_a_second` pictures every second one is given, or every third and so on. Pictures
    larger than `longest_side` are scaled down to it. Second 0 is the start of the first picture, as in `read_audio`.

    Raises:
        MediaError: the film has no picture, or cannot be decoded from some place on.
    """
    info = probe(path).video
    if info is None:
        probe(path).require_video()
        return
    size = _shown_size(info, longest_side)
    half = float(1 / (2 * info.rate))
    # A hair less, since containers round times to their ticks; every picture of the limit's own rate is given.
    gap = 0.0 if most_a_second is None else 0.95 / most_a_second
    last = float("-inf")
    with open_media(path) as container:
        stream = next(s for s in container.streams.video if "attached_pic" not in str(s.disposition))
        stream.thread_type = "AUTO"
        tick = Fraction(stream.time_base or 1)
        for frame in container.decode(stream):
            if frame.pts is None:
                continue
            time = float(frame.pts * tick - info.start) + half
            if time - last >= gap:
                last = time
                yield TimedFrame(time, to_rgb(frame, info, size))


def _shown_size(info: VideoInfo, longest_side: int | None) -> tuple[int, int] | None:
    """Width and height with square pixels, or None where the stored picture will do."""
    width, height = info.width * float(info.sample_aspect), float(info.height)
    scale = min(1.0, longest_side / max(width, height)) if longest_side else 1.0
    size = max(2, round(width * scale)), max(2, round(height * scale))
    return None if size == (info.width, info.height) else size
