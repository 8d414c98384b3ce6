"""Timelines out: the same timeline with the dub beside the original, and nothing of the original lost.

A dubbed picture is a further media reference on its clip. Dubbed lines lie on tracks of their own. Original sound
under them gets a further reference without the replaced lines (its bed), or is switched off where there is none.
What was switched is noted, so that `show_original` undoes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio

import codub
from codub.errors import ProjectError, UsageError
from codub.files import replacing
from codub.timeline.clips import item_at
from codub.timeline.cues import Cue
from codub.timeline.metadata import ours, record
from codub.timeline.placed import PlacedClip
from codub.timeline.read import Project
from codub.timeline.references import add_reference, bed_key, exact, rebase, reference_to, take_key, takes_in
from codub.timeline.select import show_dub
from codub.timeline.sources import picture_rate
from codub.timeline.times import time_range
from codub.timeline.voice_tracks import lay_voices, mark_state, sound_range, voice_clips
from codub.timing import exact_rate, frames_to_seconds

Detail = str | int | float | bool | None


@dataclass(frozen=True)
class VoiceTake:
    """One take of a cue's voice: `samples` at `sample_rate`, starting at `start` (exact seconds) on the timeline.

    `details` (seed, profile, scores ...) go into the metadata as they are.
    """

    cue: Cue
    take: int
    file: Path
    start: Fraction
    samples: int
    sample_rate: int
    state: str = "review"
    details: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True)
class PictureTake:
    """A clip's picture with the mouths of its dubbed cues: `takes` says which take of which cue.

    The file holds exactly `clip.frame_count` frames at `clip.rate`, the first of which stands for `clip.first_frame`.
    """

    clip: PlacedClip
    file: Path
    takes: Mapping[int, int]
    details: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True)
class Bed:
    """An original audio clip's used part (`clip.media_start`, `clip.duration`) without the lines that are replaced."""

    clip: PlacedClip
    file: Path


@dataclass(frozen=True)
class Dub:
    """What one run made for one language.

    `selected` says which take of a cue plays; for a cue that it does not name, the one already selected, else the
    first. `original` are cues whose takes all rest, so that their original plays. `muted` are original audio clips to
    switch off, for which there is no bed.
    """

    language: str
    voices: tuple[VoiceTake, ...] = ()
    pictures: tuple[PictureTake, ...] = ()
    beds: tuple[Bed, ...] = ()
    muted: tuple[PlacedClip, ...] = ()
    selected: Mapping[int, int] = field(default_factory=dict)
    original: frozenset[int] = frozenset()


def write_dubbed(project: Project, dub: Dub, path: Path) -> None:
    """Write the project's timeline with the dub added and shown, whole or not at all. The project is not changed.

    A timeline that was dubbed before keeps its takes and gets the new ones beside them.

    Raises:
        UsageError: the name does not end in `.otio`, the one format that keeps takes and metadata.
        ProjectError: it cannot be written.
    """
    timeline = project.timeline.clone()
    rebase(timeline, project.media.base, path.parent)
    add_dub(timeline, dub, path.parent)
    save_timeline(timeline, path)


def save_timeline(timeline: otio.schema.Timeline, path: Path) -> None:
    """Write a timeline as it is, whole or not at all.

    Raises:
        UsageError: the name does not end in `.otio`.
        ProjectError: it cannot be written.
    """
    if path.suffix.lower() != ".otio":
        raise UsageError(
            f"The dub cannot be written to '{path}'.",
            cause="Only .otio keeps the original, the takes and their records together.",
            fix=f"Name it '{path.with_suffix('.otio').name}'; masters and other formats are exported from there.",
        )
    text = timeline.to_json_string(indent=4)
    try:
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ProjectError(f"The timeline '{path}' cannot be written.", cause=error.strerror or str(error)) from error


def add_dub(timeline: otio.schema.Timeline, dub: Dub, folder: Path) -> None:
    """Add a dub to a timeline that lies, or will lie, in `folder`, and show it."""
    for picture in dub.pictures:
        _add_picture(timeline, picture, dub.language, folder)
    for bed in dub.beds:
        _add_bed(timeline, bed, dub.language, folder)
    for clip in dub.muted:
        item = item_at(timeline, clip.address)
        record(item, enabled=bool(ours(item).get("enabled", item.enabled)), replaced=dub.language)
    _add_voices(timeline, dub, folder)
    _note_cues(timeline, dub)
    show_dub(timeline, dub.language)


def _add_picture(timeline: otio.schema.Timeline, picture: PictureTake, language: str, folder: Path) -> None:
    placed = picture.clip
    clip = item_at(timeline, placed.address)
    duration = frames_to_seconds(placed.frame_count, placed.rate)
    reference = reference_to(
        picture.file,
        folder,
        time_range(placed.source_start, duration, placed.rate),
        language=language,
        takes={str(cue): take for cue, take in sorted(picture.takes.items())},
        **picture.details,
    )
    add_reference(clip, _picture_key(clip, picture.takes, language), reference)


def _picture_key(clip: otio.schema.Clip, takes: Mapping[int, int], language: str) -> str:
    """The key of the same combination of takes if the clip has it, else the take's own number, or the next free one."""
    references = clip.media_references()
    for key, reference in references.items():
        if takes_in(reference, language) == dict(takes):
            return str(key)
    number = max(takes.values(), default=1)
    while take_key(language, number) in references:
        number += 1
    return take_key(language, number)


def _add_bed(timeline: otio.schema.Timeline, bed: Bed, language: str, folder: Path) -> None:
    clip = item_at(timeline, bed.clip.address)
    rate = exact_rate(clip.trimmed_range().start_time.rate)
    available = time_range(bed.clip.source_start, bed.clip.duration, rate)
    reference = reference_to(bed.file, folder, available, language=language, bed=True)
    add_reference(clip, bed_key(language), reference)


def _add_voices(timeline: otio.schema.Timeline, dub: Dub, folder: Path) -> None:
    rate = picture_rate(timeline)
    clips = voice_clips(timeline, dub.language)
    for voice in sorted(dub.voices, key=lambda voice: (voice.cue.number, voice.take)):
        key = take_key(dub.language, voice.take)
        reference = reference_to(
            voice.file,
            folder,
            sound_range(voice.start, voice.samples, voice.sample_rate, rate),
            language=dub.language,
            take=voice.take,
            start=exact(voice.start),
            state=voice.state,
            **voice.details,
        )
        clip = clips.get(voice.cue.number)
        if clip is None:
            clip = otio.schema.Clip(name=f"cue {voice.cue.number}")
            clip.set_media_references({key: reference}, key)
            clips[voice.cue.number] = clip
        else:
            references = {name: each.clone() for name, each in clip.media_references().items()}
            clip.set_media_references({**references, key: reference}, clip.active_media_reference_key)
        record(clip, cue=voice.cue.number, text=voice.cue.text, speaker=voice.cue.speaker or None)
    for number, take in dub.selected.items():
        if number in clips and take_key(dub.language, take) in clips[number].media_references():
            clips[number].active_media_reference_key = take_key(dub.language, take)
    for number in {voice.cue.number for voice in dub.voices}:
        clips[number].enabled = number not in dub.original
    lay_voices(timeline, dub.language, clips)
    for clip in voice_clips(timeline, dub.language).values():
        mark_state(clip, str(ours(clip.media_reference).get("state", "review")))


def _note_cues(timeline: otio.schema.Timeline, dub: Dub) -> None:
    languages = dict(ours(timeline).get("cues", {}))
    cues = dict(languages.get(dub.language, {}))
    for voice in dub.voices:
        cue = voice.cue
        cues[str(cue.number)] = {
            "text": cue.text,
            "speaker": cue.speaker,
            "source_text": cue.source_text,
            "start": exact(cue.start),
            "end": exact(cue.end),
        }
    languages[dub.language] = cues
    record(timeline, version=codub.__version__, cues=languages)
