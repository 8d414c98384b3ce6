"""The dubbed voice on the timeline: one clip per cue, on as many tracks as lines overlap."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import opentimelineio as otio

from codub.timeline.metadata import DUB, is_dub, ours, record
from codub.timeline.times import exact_seconds, time_range
from codub.timing import exact_rate, frames_to_seconds, samples_to_seconds, seconds_to_frames

STATES = {"review": "YELLOW", "approved": "GREEN", "rejected": "RED"}
"""States of a take and the colours of their markers."""


def voice_tracks(timeline: otio.schema.Timeline, language: str = "") -> list[otio.schema.Track]:
    """The tracks that hold dubbed voices, of one language or of all."""
    return [
        track
        for track in timeline.audio_tracks()
        if is_dub(track) and language in ("", str(ours(track).get("language", "")))
    ]


def voice_clips(timeline: otio.schema.Timeline, language: str) -> dict[int, otio.schema.Clip]:
    """The dubbed lines of a language by cue number."""
    found = {}
    for track in voice_tracks(timeline, language):
        for clip in track.find_clips():
            cue = ours(clip).get("cue")
            if isinstance(cue, int):
                found[cue] = clip
    return found


def lay_voices(timeline: otio.schema.Timeline, language: str, clips: dict[int, otio.schema.Clip]) -> None:
    """Lay the lines where their active takes start, to the sample, and put them on the language's tracks.

    A line that begins before the one before it has ended goes to the next track. Tracks that the language has already
    are filled again; they keep their names, metadata and markers.
    """
    lines = sorted((_line(clip) for clip in clips.values()), key=lambda line: (line.start, line.number))
    lanes: list[list[_Line]] = []
    for line in lines:
        lane = next((lane for lane in lanes if lane[-1].end <= line.start), None)
        if lane is None:
            lane = []
            lanes.append(lane)
        lane.append(line)
    tracks = voice_tracks(timeline, language)
    while len(tracks) < len(lanes):
        tracks.append(_new_track(timeline, language, len(tracks)))
    for track, lane in zip(tracks, [*lanes, *[[]] * (len(tracks) - len(lanes))], strict=True):
        del track[:]
        track.extend(list(_with_gaps(lane)))


def mark_state(clip: otio.schema.Clip, state: str) -> None:
    """Note the review state of a line, as metadata and as a marker that editors show."""
    record(clip, state=state)
    kept = [marker.clone() for marker in clip.markers if "state" not in ours(marker)]
    marker = otio.schema.Marker(
        name=f"cue {ours(clip).get('cue')}: {state}",
        marked_range=clip.trimmed_range(),
        color=getattr(otio.schema.MarkerColor, STATES[state]),
    )
    record(marker, state=state)
    del clip.markers[:]
    clip.markers.extend([*kept, marker])


def sound_range(start: Fraction, samples: int, sample_rate: int, picture_rate: Fraction) -> otio.opentime.TimeRange:
    """The range of a sound file that starts at timeline second `start`.

    In frames where start and length fall on frames to the nearest sample, because few editors read anything else; in
    samples otherwise.
    """
    frames = seconds_to_frames(samples_to_seconds(samples, sample_rate), picture_rate)
    nearest = frames_to_seconds(seconds_to_frames(start, picture_rate), picture_rate)
    if abs(start - nearest) * sample_rate <= 1 and abs(frames / picture_rate * sample_rate - samples) <= 1:
        return time_range(Fraction(0), frames / picture_rate, picture_rate)
    return time_range(Fraction(0), samples_to_seconds(samples, sample_rate), Fraction(sample_rate))


@dataclass(frozen=True)
class _Line:
    """A line where it plays, in units of 1 / `rate` from the timeline's start: frames or samples."""

    number: int
    start: Fraction
    end: Fraction
    rate: Fraction
    clip: otio.schema.Clip


def _line(clip: otio.schema.Clip) -> _Line:
    line = clip.clone()
    available = line.media_reference.available_range
    if line.source_range is None or line.source_range.duration != available.duration:
        line.source_range = available
    rate = exact_rate(available.duration.rate)
    stated = max(Fraction(0), Fraction(ours(line.media_reference)["start"]))
    start = frames_to_seconds(seconds_to_frames(stated, rate), rate)
    return _Line(int(ours(line)["cue"]), start, start + exact_seconds(line.source_range.duration), rate, line)


def _with_gaps(lane: list[_Line]) -> Iterator[otio.core.Item]:
    at = Fraction(0)
    for line in lane:
        if line.start > at:
            yield otio.schema.Gap(source_range=time_range(Fraction(0), line.start - at, line.rate))
        yield line.clip
        at = line.end


def _new_track(timeline: otio.schema.Timeline, language: str, number: int) -> otio.schema.Track:
    name = f"Dub {language}" if not number else f"Dub {language} {number + 1}"
    track = otio.schema.Track(name, kind=otio.schema.TrackKind.Audio)
    record(track, role=DUB, language=language)
    timeline.tracks.append(track)
    return track
