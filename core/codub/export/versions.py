"""The two versions of a dubbed timeline, original and dub, as programmes that can be rendered.

A transition becomes a cut in its middle: codub renders takes into their places, it is no compositor.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from codub.errors import CodubError
from codub.export.mix import Mix
from codub.export.programme import Caption, PlacedSound, Segment
from codub.media.clock import media_clock
from codub.media.probe import probe
from codub.timeline.clips import item_at, place_clips
from codub.timeline.metadata import ours
from codub.timeline.placed import PlacedClip, Placement
from codub.timeline.read import Project
from codub.timeline.select import dubbed_language, show_dub
from codub.timeline.times import exact_seconds
from codub.timeline.voice_tracks import voice_tracks
from codub.timing import seconds_to_frames


@dataclass(frozen=True)
class Versions:
    """A programme twice, frame for frame and sample for sample.

    `start` is the timecode of the first frame in seconds. `missing` says, a sentence each, what could not be found.
    """

    language: str
    rate: Fraction
    start: Fraction
    original: tuple[Segment, ...]
    dub: tuple[Segment, ...]
    original_mix: Mix
    dub_mix: Mix
    captions: tuple[Caption, ...]
    missing: tuple[str, ...]


def versions(project: Project, language: str = "") -> Versions:
    """Both versions of a timeline that `codub dub` wrote; the takes that are selected play.

    `language` may be left out where there is one dub, or where one is shown. The project is not changed.

    Raises:
        ProjectError: the timeline cannot be laid out.
        UsageError: it has no dub, or several and none is named or shown.
    """
    shown = str(ours(project.timeline).get("shown", ""))
    language = dubbed_language(project.timeline, language or (shown if shown != "original" else ""))
    dubbed = replace(project, timeline=project.timeline.clone())
    show_dub(dubbed.timeline, language)
    placement = place_clips(project, media_clock)
    missing = [str(problem) for problem in placement.problems]
    pictures = placement.of_kind("video")
    takes = {clip.address: _take(dubbed, clip, missing) for clip in pictures}
    captions = tuple(_captions(project.timeline, language))
    return Versions(
        language=language,
        rate=placement.rate,
        start=placement.global_start,
        original=tuple(_segments(placement, {})),
        dub=tuple(_segments(placement, takes)),
        original_mix=Mix(placement.duration, original=tuple(_sound(clip) for clip in _heard(placement))),
        dub_mix=_dub_mix(dubbed, placement, language, captions, missing),
        captions=captions,
        missing=tuple(missing),
    )


def _segments(placement: Placement, takes: Mapping[Any, Path | None]) -> Iterator[Segment]:
    """The pictures one after the other, black between them; a clip with a take shows that."""
    total, at = seconds_to_frames(placement.duration, placement.rate), 0
    shown = sorted((span, clip) for clip in placement.of_kind("video") for span in clip.visible)
    for number, ((start, end), clip) in enumerate(shown):
        following = shown[number + 1][0] if number + 1 < len(shown) else (end, end)
        first = max(at, seconds_to_frames(start, placement.rate))
        last = min(total, seconds_to_frames((following[0] + end) / 2 if following[0] < end else end, placement.rate))
        if first >= last:
            continue
        if first > at:
            yield Segment(None, 0, first - at)
        from_start = seconds_to_frames(Fraction(first) / placement.rate - clip.start, clip.rate)
        take = takes.get(clip.address)
        if take is not None:
            yield Segment(take, from_start, last - first)
        else:
            yield Segment(clip.media, clip.first_frame + from_start, last - first)
        at = last
    if at < total:
        yield Segment(None, 0, total - at)


def _dub_mix(
    dubbed: Project, placement: Placement, language: str, captions: tuple[Caption, ...], missing: list[str]
) -> Mix:
    """Beds and lines; original sound that has no bed of its own goes while a line is spoken."""
    beds: list[PlacedSound] = []
    originals: list[PlacedSound] = []
    for clip in _heard(placement):
        item = item_at(dubbed.timeline, clip.address)
        take = _take(dubbed, clip, missing) if clip.kind == "audio" else None
        if clip.bed:
            beds.append(_sound(clip))
        elif take is not None:
            start = clip.visible[0][0]
            beds.append(replace(_sound(clip), media=take, media_start=start - clip.start))
        elif item.enabled:
            originals.append(_sound(clip))
    spoken = tuple((caption.start, caption.end) for caption in captions)
    lines = tuple(_lines(dubbed, language, missing))
    return Mix(placement.duration, tuple(beds), tuple(originals), lines, spoken)


def _heard(placement: Placement) -> list[PlacedClip]:
    """The sound clips; where the timeline has none, the pictures that carry sound."""
    sounds = placement.of_kind("audio")
    if sounds:
        return list(sounds)
    return [clip for clip in placement.of_kind("video") if probe(clip.media).audio is not None]


def _sound(clip: PlacedClip) -> PlacedSound:
    start, end = clip.visible[0][0], clip.visible[-1][1]
    return PlacedSound(clip.media, start, end - start, clip.media_time(start))


def _lines(dubbed: Project, language: str, missing: list[str]) -> Iterator[PlacedSound]:
    for track in voice_tracks(dubbed.timeline, language):
        for clip in track.find_clips():
            media = _located(dubbed, clip.media_reference, f"The voice of {clip.name}", missing)
            if media is not None and clip.enabled:
                placed, part = clip.range_in_parent(), clip.trimmed_range()
                yield PlacedSound(
                    media,
                    exact_seconds(placed.start_time),
                    exact_seconds(part.duration),
                    exact_seconds(part.start_time),
                )


def _take(dubbed: Project, clip: PlacedClip, missing: list[str]) -> Path | None:
    """The file of the take that a clip shows, which holds the clip's used part; None where it shows its original."""
    item = item_at(dubbed.timeline, clip.address)
    if item.active_media_reference_key == clip.reference:
        return None
    return _located(dubbed, item.media_reference, f"The take of clip '{clip.name}'", missing)


def _located(dubbed: Project, reference: otio.core.MediaReference, what: str, missing: list[str]) -> Path | None:
    try:
        return dubbed.media.locate(str(getattr(reference, "target_url", "")))
    except CodubError as error:
        missing.append(f"{what} is not there: {error}")
        return None


def _captions(timeline: otio.schema.Timeline, language: str) -> Iterator[Caption]:
    cues = ours(timeline).get("cues", {}).get(language, {})
    for cue in cues.values():
        start, end = Fraction(cue["start"]), Fraction(cue["end"])
        yield Caption(start, end, str(cue.get("source_text") or ""), str(cue.get("text") or ""))
