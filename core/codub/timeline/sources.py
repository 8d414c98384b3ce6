"""Which part of its media a clip uses, on three clocks: the media's, the clip's own source clock, the timeline's."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import opentimelineio as otio

from codub.timeline.metadata import original_key
from codub.timeline.placed import Kind
from codub.timeline.spans import Span
from codub.timeline.times import exact_seconds, stated_rate
from codub.timing import exact_rate

_HIGHEST_PICTURE_RATE = 1000  # frames/s; above lie sample rates
_FALLBACK_RATE = Fraction(24)


class MediaClock(Protocol):
    """What a media file itself says: embedded timecode of its start and length in seconds, frames/s of its picture."""

    @property
    def start(self) -> Fraction: ...  # noqa: D102

    @property
    def duration(self) -> Fraction: ...  # noqa: D102

    @property
    def rate(self) -> Fraction: ...  # noqa: D102


ClockOf = Callable[[Path], MediaClock | None]
"""Reads a media file's clock; asked only where the timeline does not state the media's available range."""


def no_clock(_media: Path) -> None:
    """Knows nothing of any file: the timeline has to state everything."""


@dataclass(frozen=True)
class UsedPart:
    """The used part of a clip's media, in exact seconds; see `PlacedClip`."""

    rate: Fraction
    media_start: Fraction
    source_start: Fraction
    start: Fraction
    end: Fraction


def used_part(
    clip: otio.schema.Clip,
    available: otio.opentime.TimeRange | None,
    clock: MediaClock | None,
    kind: Kind,
    start: Fraction,
    plays: Span,
) -> UsedPart:
    """The trimmed range of a clip that starts at timeline time `start`, with the handles that `plays` shows of it.

    The media's own clock starts at its available range (an embedded timecode). Where none is stated, the file's
    `clock` counts if the clip's range lies on it, else the range counts from the file's first frame. A picture's part
    is widened to whole frames of the media, and never reaches outside of it.

    Raises:
        ValueError: a rate or a duration is not positive, or the clip uses nothing that its media has.
    """
    media_zero, media_length = _media_range(clip, available, clock)
    if clip.source_range is not None:
        source_start = exact_seconds(clip.source_range.start_time)
        length = exact_seconds(clip.source_range.duration)
    elif media_length is not None:
        source_start, length = media_zero, media_length
    else:
        raise ValueError("neither a source range nor an available range")
    if length <= 0:
        raise ValueError("it has no duration")
    rate = clock.rate if clock is not None else _rate(available or clip.source_range, clip.source_range or available)

    into = source_start - media_zero
    head, tail = start - plays[0], plays[1] - start
    low = into - head if head.numerator > 0 else into
    high = into + max(length, tail)
    if kind == "video":
        low, high = _whole(low, rate, math.floor), _whole(high, rate, math.ceil)
    if low.numerator < 0:
        low = Fraction(0)
    if media_length is not None:
        high = min(high, media_length)
    if high <= low:
        raise ValueError("its source range lies outside of its media")
    shift = start - into  # from the media's clock to the timeline's
    return UsedPart(rate, low, low + media_zero if media_zero else low, low + shift, high + shift)


def _whole(seconds: Fraction, rate: Fraction, to: Callable[[Fraction], int]) -> Fraction:
    """The seconds at a whole number of frames; most lie at one already."""
    frames = seconds * rate
    return seconds if frames.denominator == 1 else to(frames) / rate


def _media_range(
    clip: otio.schema.Clip, available: otio.opentime.TimeRange | None, clock: MediaClock | None
) -> tuple[Fraction, Fraction | None]:
    """Start of the media on the clip's source clock, and its length where that is known."""
    if available is not None:
        return exact_seconds(available.start_time), exact_seconds(available.duration)
    if clock is None:
        return Fraction(0), None
    source_start = exact_seconds(clip.source_range.start_time) if clip.source_range is not None else clock.start
    on_clock = clock.start <= source_start < clock.start + clock.duration
    return (clock.start if on_clock else Fraction(0)), clock.duration


def original_reference(clip: otio.core.Composable) -> otio.core.MediaReference | None:
    """The clip's original media, whichever reference is active; None for what is no clip."""
    if not isinstance(clip, otio.schema.Clip):
        return None
    return clip.media_references().get(original_key(clip))


def picture_rate(timeline: otio.schema.Timeline) -> Fraction:
    """Picture rate of the timeline: that of its first video clip, else of its start, else 24 frames/s."""
    for track in (*timeline.video_tracks(), *timeline.audio_tracks()):
        for clip in track.find_clips():
            for times in _stated_ranges(clip):
                if 0 < times.start_time.rate <= _HIGHEST_PICTURE_RATE:
                    return exact_rate(times.start_time.rate)
    if timeline.global_start_time is not None:
        return exact_rate(timeline.global_start_time.rate)
    return _FALLBACK_RATE


def _stated_ranges(clip: otio.schema.Clip) -> Iterator[otio.opentime.TimeRange]:
    if clip.source_range is not None:
        yield clip.source_range
    reference = original_reference(clip)
    if reference is not None and reference.available_range is not None:
        yield reference.available_range


def _rate(*ranges: otio.opentime.TimeRange) -> Fraction:
    rates = [stated_rate(times.start_time.rate) for times in ranges]
    return next((rate for rate in rates if rate <= _HIGHEST_PICTURE_RATE), _FALLBACK_RATE)
