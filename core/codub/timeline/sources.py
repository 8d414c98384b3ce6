"""Which part of its media a clip uses, on three clocks: the media's, the clip's own source clock, the timeline's."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import opentimelineio as otio

from codub.timeline.metadata import original_key
from codub.timeline.placed import Kind
from codub.timeline.spans import Span
from codub.timeline.times import exact_seconds
from codub.timing import exact_rate

_HIGHEST_PICTURE_RATE = 1000  # frames/s; above lie sample rates
_FALLBACK_RATE = Fraction(24)


@dataclass(frozen=True)
class UsedPart:
    """The used part of a clip's media, in exact seconds; see `PlacedClip`."""

    rate: Fraction
    media_start: Fraction
    source_start: Fraction
    start: Fraction
    end: Fraction


def used_part(
    clip: otio.schema.Clip, reference: otio.core.MediaReference, kind: Kind, start: Fraction, plays: Span
) -> UsedPart:
    """The trimmed range of a clip that starts at timeline time `start`, with the handles that `plays` shows of it.

    The media's own clock starts at its available range (an embedded timecode), or at 0 where none is stated. A
    picture's part is widened to whole frames of the media, and never reaches outside of it.

    Raises:
        ValueError: a rate or a duration is not positive, or the clip uses nothing that its media has.
    """
    available = reference.available_range
    trimmed = clip.source_range if clip.source_range is not None else available
    if trimmed is None:
        raise ValueError("neither a source range nor an available range")
    rate = _rate(available if available is not None else trimmed, trimmed)
    media_zero = exact_seconds(available.start_time) if available is not None else Fraction(0)
    source_start = exact_seconds(trimmed.start_time)
    length = exact_seconds(trimmed.duration)
    if length <= 0:
        raise ValueError("it has no duration")

    low = source_start - media_zero - max(Fraction(0), start - plays[0])
    high = source_start - media_zero + max(length, plays[1] - start)
    if kind == "video":
        low, high = math.floor(low * rate) / rate, math.ceil(high * rate) / rate
    low = max(low, Fraction(0))
    if available is not None:
        high = min(high, exact_seconds(available.duration))
    if high <= low:
        raise ValueError("its source range lies outside of its media")
    shift = start - (source_start - media_zero)  # from the media's clock to the timeline's
    return UsedPart(rate, low, low + media_zero, low + shift, high + shift)


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
    rates = [exact_rate(times.start_time.rate) for times in ranges]
    return next((rate for rate in rates if rate <= _HIGHEST_PICTURE_RATE), _FALLBACK_RATE)
