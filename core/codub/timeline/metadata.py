"""What codub writes into a timeline's metadata, all of it under one key, and what it reads there.

timeline  {"version", "media", "cues": {language: {number: {...}}}}
track     {"role": "dub", "language"}
clip      {"original": key of the original reference, "enabled": what it was before the dub switched it off}
reference {"language", "takes": {cue number: take number}}, on each take and each bed
marker    {"state": "review" | "approved" | "rejected"}
"""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from codub.timeline.spans import Span

NAMESPACE = "codub"
DUB = "dub"
BED = "music_and_effects"
_BED_NAME = re.compile(
    r"\b(m\s?[&+]\s?e|m and e|music|músicas?|musique|musik|score|effects?|efectos|effets|s?fx|foley|"
    r"amb(ience|iance|iente)?|atmos?|room ?tone)\b",
    re.IGNORECASE,
)
_SPEAKER_KEYS = ("speaker", "character")


def ours(thing: otio.core.SerializableObjectWithMetadata) -> Mapping[str, Any]:
    """Our part of the metadata; empty where there is none (or where something else took the name)."""
    metadata = thing.metadata
    found = metadata.get(NAMESPACE) if len(metadata) else None  # a failing look-up in OTIO's mapping takes 20 µs
    return found if isinstance(found, Mapping) else {}


def record(thing: otio.core.SerializableObjectWithMetadata, **values: Any) -> None:
    """Add values to our part of the metadata; None takes one away, and nothing stays where nothing is left."""
    mine = {**ours(thing), **values}
    kept = {key: value for key, value in mine.items() if value is not None}
    if kept:
        thing.metadata[NAMESPACE] = kept
    else:
        thing.metadata.pop(NAMESPACE, None)


def is_dub(item: otio.core.SerializableObjectWithMetadata) -> bool:
    """Whether codub added the item."""
    return ours(item).get("role") == DUB


def is_bed(track: otio.schema.Track) -> bool:
    """Whether a track holds music and effects and no dialogue: its role says so, or its name does (`M&E`, `SFX 2`)."""
    role = ours(track).get("role")
    if role is not None:
        return bool(role == BED)
    name = re.sub(r"[_\d.]+", " ", track.name)
    return track.kind == otio.schema.TrackKind.Audio and _BED_NAME.search(name) is not None


def original_key(clip: otio.schema.Clip) -> str:
    """Key of the clip's original media reference, whichever is active."""
    named = ours(clip).get("original")
    return named if isinstance(named, str) and named in clip.media_references() else clip.active_media_reference_key


def was_enabled(item: otio.core.Item) -> bool:
    """Whether the item was on before a dub switched it off."""
    return bool(ours(item).get("enabled", item.enabled))


def speaker_of(clip: otio.schema.Clip) -> str:
    """Who speaks in the clip: `speaker` or `character` in its metadata, ours or anybody's first level."""
    if not len(clip.metadata):
        return ""
    for source in (ours(clip), clip.metadata):
        for key in _SPEAKER_KEYS:
            value = source.get(key)
            if isinstance(value, str) and value.strip():
                return value.strip()
    return ""


def dubbed_spans(timeline: otio.schema.Timeline, language: str) -> Iterator[Span]:
    """Timeline spans, in seconds, of the cues that the timeline has a dub of."""
    cues = ours(timeline).get("cues")
    mine = cues.get(language) if isinstance(cues, Mapping) else None
    for cue in mine.values() if isinstance(mine, Mapping) else ():
        try:
            yield Fraction(cue["start"]), Fraction(cue["end"])
        except (KeyError, TypeError, ValueError, ZeroDivisionError):
            continue  # metadata of others' making: the dub is then not known to be there
