"""The clock that a media file carries: the timecode of its start, its length, its rate."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from codub.errors import MediaError
from codub.media.probe import MediaInfo, probe
from codub.timing import exact_rate, frames_to_seconds, samples_to_seconds, seconds_to_frames

_SOUND_RATE = Fraction(24)  # sound alone has no picture rate; its times are exact at any


@dataclass(frozen=True)
class Clock:
    """`start` (its timecode) and `duration` in exact seconds, `rate` in frames/s."""

    start: Fraction
    duration: Fraction
    rate: Fraction


def media_clock(media: Path) -> Clock | None:
    """The clock of a media file; None for one that holds neither picture nor sound.

    Raises:
        MediaError: the file cannot be read, or its start timecode is none.
    """
    info = probe(media)
    if info.video is not None:
        return Clock(_start(info, info.video.rate), info.video.duration, info.video.rate)
    if info.audio is not None:
        return Clock(_start(info, _SOUND_RATE), info.audio.duration, _SOUND_RATE)
    return None


def timecode_seconds(timecode: str, rate: Fraction) -> Fraction:
    """Exact seconds of a timecode at a rate; `;` before the frames means drop frame (SMPTE ST 12-1).

    Raises:
        ValueError: it is no timecode of that rate.
    """
    drop = ";" in timecode or "." in timecode
    fields = [int(field) for field in timecode.replace(";", ":").replace(".", ":").split(":")]
    nominal = round(rate)
    if len(fields) != 4 or not (fields[1] < 60 and fields[2] < 60 and fields[3] < nominal) or min(fields) < 0:
        raise ValueError(f"no timecode at {nominal} frames a second")
    hours, minutes, seconds, frames = fields
    number = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames
    if drop and exact_rate(rate) != nominal:
        dropped = nominal // 15  # two numbers a minute at 30, four at 60, but for every tenth minute
        number -= dropped * (hours * 54 + minutes - minutes // 10)
    return frames_to_seconds(number, rate)


def clock_timecode(seconds: Fraction, rate: Fraction) -> str:
    """The timecode of the frame nearest to `seconds`; drop frame (`;`) at 30000/1001 and its multiples, else not.

    Before zero it wraps to the day before, as a clock does.
    """
    nominal = round(rate)
    number = seconds_to_frames(seconds, rate)
    drops = rate != nominal and nominal % 30 == 0
    if drops:
        dropped = nominal // 15
        tens, rest = divmod(number, nominal * 600 - 9 * dropped)
        minutes = max(0, rest - dropped) // (nominal * 60 - dropped)
        number += dropped * (9 * tens + minutes)
    whole, frames = divmod(number, nominal)
    hours, minutes, left = whole // 3600 % 24, whole // 60 % 60, whole % 60
    return f"{hours:02d}:{minutes:02d}:{left:02d}{';' if drops else ':'}{frames:02d}"


def _start(info: MediaInfo, rate: Fraction) -> Fraction:
    """Start timecode in seconds; 0 where the file has none. A broadcast wave counts samples from midnight instead."""
    samples = info.tags.get("time_reference", "")
    if samples.isdecimal() and info.audio is not None:
        return samples_to_seconds(int(samples), info.audio.rate)
    stated = info.tags.get("timecode", "")
    if not stated:
        return Fraction(0)
    try:
        return timecode_seconds(stated, rate)
    except ValueError as error:
        raise MediaError(f"The start timecode {stated!r} of '{info.path}' is none.", cause=str(error)) from error
