"""Media references of a clip: the original stays, takes stand beside it, one of them is active."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import opentimelineio as otio

from codub.timeline.media_links import is_relative, media_url
from codub.timeline.metadata import original_key, ours, record


def take_key(language: str, take: int) -> str:
    """Key under which a take stands among a clip's media references, e.g. `dub_es_t01`."""
    return f"dub_{language}_t{take:02d}"


def bed_key(language: str) -> str:
    """Key of an original sound without the lines that a dub replaces, e.g. `dub_es_bed`."""
    return f"dub_{language}_bed"


def reference_to(
    file: Path, folder: Path, available: otio.opentime.TimeRange, **details: Any
) -> otio.schema.ExternalReference:
    """A reference to a file of ours, for a timeline that lies in `folder`."""
    reference = otio.schema.ExternalReference(media_url(file, folder), available)
    record(reference, **details)
    return reference


def add_reference(clip: otio.schema.Clip, key: str, reference: otio.core.MediaReference) -> None:
    """Put a further reference beside a clip's others; what is active stays so, and the original is noted."""
    record(clip, original=original_key(clip))
    _set_references(clip, {**clip.media_references(), key: reference}, clip.active_media_reference_key)


def takes_in(reference: otio.core.MediaReference, language: str) -> dict[int, int]:
    """The take of each cue that a picture reference shows; empty for a reference that is none of this dub."""
    mine = ours(reference)
    takes = mine.get("takes")
    if mine.get("language") != language or not isinstance(takes, Mapping):
        return {}
    return {int(cue): int(take) for cue, take in takes.items() if str(cue).isdecimal() and isinstance(take, int)}


def dub_keys(clip: otio.schema.Clip, language: str) -> list[str]:
    """Keys of the clip's references that belong to a dub, in order."""
    references = clip.media_references()
    return sorted(key for key, each in references.items() if ours(each).get("language") == language)


def rebase(timeline: otio.schema.Timeline, base: Path, folder: Path) -> None:
    """Rewrite relative links, which count from `base`, for a timeline that will lie in `folder`."""
    if base.resolve() == folder.resolve():
        return
    for clip in timeline.find_clips():
        references = {key: reference.clone() for key, reference in clip.media_references().items()}
        if not any(_rebased(reference, base, folder) for reference in references.values()):
            continue
        clip.set_media_references(references, clip.active_media_reference_key)


def exact(value: Fraction) -> str:
    """A fraction as metadata holds it, e.g. `12/25`."""
    return str(value)


def _rebased(reference: otio.core.MediaReference, base: Path, folder: Path) -> bool:
    field = "target_url_base" if isinstance(reference, otio.schema.ImageSequenceReference) else "target_url"
    url = getattr(reference, field, None)
    if not url or not is_relative(url):
        return False
    named = base / url
    moved = media_url(named if named.exists() else base / unquote(url), folder)
    setattr(reference, field, moved + "/" if url.endswith("/") else moved)
    return True


def _set_references(clip: otio.schema.Clip, references: Mapping[str, otio.core.MediaReference], active: str) -> None:
    # OTIO 0.18 frees the references that a clip already owns while it takes them over again: a crash on the next
    # access. Clones are not freed.
    clip.set_media_references({key: reference.clone() for key, reference in references.items()}, active)
