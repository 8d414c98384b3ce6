"""The dubbed voice on the timeline: one clip per cue, on as many tracks as lines overlap."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import opentimelineio as otio

from codub.timeline.metadata import DUB, is_dub, ours, record
from codub.timeline.times import exact_seconds
from codub.timing import DELIVERY_RATE, seconds_to_samples

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


@dataclass(frozen=True)
class _Line:
    """A line in samples of the delivery rate from the timeline's start."""

    number: int
    start: int
    end: int
    clip: otio.schema.Clip


def _line(clip: otio.schema.Clip) -> _Line:
    line = clip.clone()
    available = line.media_reference.available_range
    if line.source_range is None or line.source_range.duration != available.duration:
        line.source_range = available
    start = max(0, seconds_to_samples(Fraction(ours(line.media_reference)["start"]), DELIVERY_RATE))
    length = seconds_to_samples(exact_seconds(line.source_range.duration), DELIVERY_RATE)
    return _Line(int(ours(line)["cue"]), start, start + length, line)


def _with_gaps(lane: list[_Line]) -> Iterator[otio.core.Item]:
    at = 0
    for line in lane:
        if line.start > at:
            yield otio.schema.Gap(source_range=sample_range(0, line.start - at))
        yield line.clip
        at = line.end


def _new_track(timeline: otio.schema.Timeline, language: str, number: int) -> otio.schema.Track:
    name = f"Dub {language}" if not number else f"Dub {language} {number + 1}"
    track = otio.schema.Track(name, kind=otio.schema.TrackKind.Audio)
    record(track, role=DUB, language=language)
    timeline.tracks.append(track)
    return track


def sample_range(start: int, count: int, rate: int = DELIVERY_RATE) -> otio.opentime.TimeRange:
    """OTIO's range for samples."""
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(count, rate))
