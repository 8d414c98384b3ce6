"""What the timeline leaves unsaid, asked of the media: start timecodes, lengths, the rate of a list without one."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio

from codub.errors import MediaError
from codub.media.probe import MediaInfo, probe
from codub.timeline.clips import place_clips
from codub.timeline.read import RATELESS, Project, read_timeline
from codub.timeline.sources import MediaClock
from codub.timeline.times import exact_seconds
from codub.timing import samples_to_seconds

_SOUND_RATE = Fraction(24)  # sound alone has no picture rate; its times are exact at any


def open_timeline(path: Path, allow_media: Sequence[Path] = ()) -> tuple[Project, str]:
    """A timeline, and a sentence on what had to be assumed ("" for nothing).

    An EDL does not say how many frames make a second: the first of its media that is found says it.

    Raises:
        ProjectError: it cannot be read.
    """
    project = read_timeline(path, allow_media=allow_media)
    if path.suffix.lower() not in RATELESS:
        return project, ""
    for clip in place_clips(project, media_clock).of_kind("video"):
        video = probe(clip.media).video
        if video is not None:
            note = f"'{path.name}' states no frame rate; it is read at its media's, {float(video.rate):.3f} frames/s."
            return read_timeline(path, allow_media=allow_media, rate=video.rate), note
    rate = float(place_clips(project).rate)
    return project, f"'{path.name}' states no frame rate and its media cannot be found; {rate:.3f} is assumed."


def media_clock(media: Path) -> MediaClock | None:
    """The clock of a media file: its start timecode and length.

    Raises:
        MediaError: the file cannot be read.
    """
    info = probe(media)
    if info.video is not None:
        return MediaClock(_start(info, info.video.rate), info.video.duration, info.video.rate)
    if info.audio is not None:
        return MediaClock(_start(info, _SOUND_RATE), info.audio.duration, _SOUND_RATE)
    return None


def _start(info: MediaInfo, rate: Fraction) -> Fraction:
    """Start timecode in seconds; 0 where the file has none. A broadcast wave counts samples from midnight instead."""
    samples = info.tags.get("time_reference", "")
    if samples.isdecimal() and info.audio is not None:
        return samples_to_seconds(int(samples), info.audio.rate)
    stated = info.tags.get("timecode", "")
    if not stated:
        return Fraction(0)
    try:
        return exact_seconds(otio.opentime.from_timecode(stated, float(rate)))
    except ValueError as error:
        raise MediaError(f"The start timecode {stated!r} of '{info.path}' is none.", cause=str(error)) from error
