"""Which take plays: one cue's take, a whole dub, or the original."""

from dataclasses import dataclass

import opentimelineio as otio

from codub.errors import CueError, UsageError
from codub.timeline.metadata import original_key, ours, record
from codub.timeline.references import bed_key, take_key, takes_in
from codub.timeline.voice_tracks import STATES, lay_voices, mark_state, voice_clips, voice_tracks


@dataclass(frozen=True)
class StalePicture:
    """A clip whose picture shows another take of `cue` than the one that is heard: it wants rendering."""

    clip: str
    cue: int
    shown: int | None
    heard: int


def selected_takes(timeline: otio.schema.Timeline, language: str) -> dict[int, int]:
    """The take that plays for each dubbed cue of a language, those that went back to their original left out."""
    clips = voice_clips(timeline, language)
    return {number: int(ours(clip.media_reference)["take"]) for number, clip in clips.items() if clip.enabled}


def select_take(timeline: otio.schema.Timeline, cue: int, take: int, language: str = "") -> tuple[StalePicture, ...]:
    """Make a take of a cue the one that plays, voice and picture. `language` may be left out where there is only one.

    Pictures hold all cues of their clip, so the clip's picture with this take and the other cues' selected takes is
    taken; where none was rendered, the nearest one is, and told of.

    Raises:
        CueError: the cue has no such take.
        UsageError: the language has no dub, or it must be named.
    """
    language = dubbed_language(timeline, language)
    clips = voice_clips(timeline, language)
    clip = clips.get(cue)
    if clip is None:
        known = ", ".join(map(str, sorted(clips)))
        raise CueError(f"Cue {cue} has no '{language}' dub.", fix=f"Dubbed cues: {known}.")
    key = take_key(language, take)
    if key not in clip.media_references():
        known = ", ".join(sorted(clip.media_references()))
        raise CueError(f"Cue {cue} has no take {take}.", fix=f"It has {known}.")
    clip.active_media_reference_key = key
    clip.source_range = None
    clip.enabled = True
    lay_voices(timeline, language, clips)
    for each in voice_clips(timeline, language).values():
        mark_state(each, _state(each))
    return show_dub(timeline, language)


def set_state(timeline: otio.schema.Timeline, cue: int, state: str, language: str = "") -> None:
    """Note what the reviewer made of the take that plays for a cue: "review", "approved" or "rejected".

    Raises:
        CueError: the cue has no dub.
        UsageError: there is no such state or language.
    """
    language = dubbed_language(timeline, language)
    if state not in STATES:
        raise UsageError(f"There is no review state '{state}'.", fix=f"The states are {', '.join(STATES)}.")
    clip = voice_clips(timeline, language).get(cue)
    if clip is None:
        raise CueError(f"Cue {cue} has no '{language}' dub.")
    record(clip.media_reference, state=state)
    mark_state(clip, state)


def show_dub(timeline: otio.schema.Timeline, language: str) -> tuple[StalePicture, ...]:
    """Switch to a dub: its pictures and voices play, what it replaces does not. What does not match is told of."""
    heard = selected_takes(timeline, language)
    resting = {cue for cue, clip in voice_clips(timeline, language).items() if not clip.enabled}
    stale: list[StalePicture] = []
    for clip in timeline.find_clips():
        references = clip.media_references()
        pictures = {key: takes for key, each in references.items() if (takes := takes_in(each, language))}
        if pictures and {cue for takes in pictures.values() for cue in takes} <= resting:
            clip.active_media_reference_key = original_key(clip)
        elif pictures:
            key = max(sorted(pictures), key=lambda key: _agreement(pictures[key], heard))
            clip.active_media_reference_key = key
            stale += _stale(clip, pictures, key, heard)
        elif bed_key(language) in references:
            clip.active_media_reference_key = bed_key(language)
        elif "original" in ours(clip):
            clip.active_media_reference_key = original_key(clip)
        if "enabled" in ours(clip):
            clip.enabled = bool(ours(clip)["enabled"]) and ours(clip).get("replaced") != language
    for track in voice_tracks(timeline):
        track.enabled = ours(track).get("language") == language
    record(timeline, shown=language)
    return tuple(stale)


def show_original(timeline: otio.schema.Timeline) -> None:
    """Switch to the original: every clip plays its own media again, dubbed tracks are off. All takes stay."""
    for clip in timeline.find_clips():
        if "original" in ours(clip):
            clip.active_media_reference_key = original_key(clip)
        if "enabled" in ours(clip):
            clip.enabled = bool(ours(clip)["enabled"])
    for track in voice_tracks(timeline):
        track.enabled = False
    record(timeline, shown="original")


def dubbed_languages(timeline: otio.schema.Timeline) -> list[str]:
    """The languages that the timeline is dubbed into."""
    return sorted({str(ours(track).get("language", "")) for track in voice_tracks(timeline)})


def dubbed_language(timeline: otio.schema.Timeline, language: str = "") -> str:
    """The language named, or the only one that the timeline is dubbed into.

    Raises:
        UsageError: it has no such dub, none at all, or several and none was named.
    """
    known = dubbed_languages(timeline)
    if language in known or (not language and len(known) == 1):
        return language or known[0]
    if not known:
        raise UsageError(
            "The timeline has no dub yet.", fix="Make one: codub dub PROJECT.otio LINES.srt -o DUBBED.otio"
        )
    wanted = f"The timeline has no '{language}' dub." if language else "The timeline has several dubs."
    raise UsageError(wanted, fix=f"Name one with --language: {', '.join(known)}.")


def _agreement(takes: dict[int, int], heard: dict[int, int]) -> int:
    """How well a picture fits what is heard: a cue that it shows otherwise weighs as much as one that it lacks."""
    return sum(takes.get(cue) == take for cue, take in heard.items()) - sum(
        cue not in heard or heard[cue] != take for cue, take in takes.items()
    )


def _stale(
    clip: otio.schema.Clip, pictures: dict[str, dict[int, int]], key: str, heard: dict[int, int]
) -> list[StalePicture]:
    ever = sorted({cue for takes in pictures.values() for cue in takes} & set(heard))
    return [
        StalePicture(clip.name, cue, pictures[key].get(cue), heard[cue])
        for cue in ever
        if pictures[key].get(cue) != heard[cue]
    ]


def _state(clip: otio.schema.Clip) -> str:
    state = ours(clip.media_reference).get("state")
    return state if state in STATES else "review"
