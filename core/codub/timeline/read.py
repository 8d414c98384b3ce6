"""Timelines in: every format that an OTIO adapter is installed for, treated as untrusted."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from codub.errors import ProjectError
from codub.timeline import bundle
from codub.timeline.media_links import MediaFolders

MAX_TIMELINE_BYTES = 256 * 2**20
RATELESS = (".edl",)  # lists that count frames and do not say how many make a second
_NLE_SUFFIXES = {".edl": "EDL", ".fcpxml": "FCPXML", ".xml": "Final Cut Pro XML", ".aaf": "AAF"}


@dataclass(frozen=True)
class Project:
    """An open timeline: the file it came from, OTIO's object, and where its media may lie."""

    path: Path
    timeline: otio.schema.Timeline
    media: MediaFolders


def read_timeline(
    path: Path,
    *,
    allow_media: Sequence[Path] = (),
    unpack_to: Path | None = None,
    name: str = "",
    rate: Fraction | None = None,
    relinked: Mapping[str, Path] | None = None,
) -> Project:
    """The timeline of a file: .otio, .otioz, .otiod, and whatever adapters are installed for.

    Media links count from the timeline's folder and may lead only into it and into `allow_media`. A bundle (.otioz)
    is unpacked into `unpack_to`, by default `<name>.unpacked` beside it. `name` picks one of several timelines.
    `rate` is the frame rate of a list that does not state its own (EDL); None takes the lowest one that its
    timecodes are possible at. `relinked` says where missing media was found again (see `relinks`).

    Raises:
        ProjectError: the file is missing, too large or unreadable, no adapter is installed for it, or it holds no
            timeline or several.
    """
    source, base = _source(path, unpack_to)
    if source.stat().st_size > MAX_TIMELINE_BYTES:
        raise ProjectError(f"The timeline '{path}' is refused.", cause="It is larger than 256 MiB.")
    timeline = _only_timeline(_read(source, rate), path, name)
    return Project(path, timeline, MediaFolders.of(base, allow_media, relinked))


def _source(path: Path, unpack_to: Path | None) -> tuple[Path, Path]:
    """The file that holds the timeline itself, and the folder that its relative links count from."""
    suffix = path.suffix.lower()
    if not path.exists():
        raise ProjectError(f"The timeline '{path}' does not exist.")
    if suffix == ".otiod":
        content = path / bundle.CONTENT
        if not content.is_file():
            raise ProjectError(f"The bundle '{path}' holds no {bundle.CONTENT}.")
        return content, path
    if not path.is_file():
        raise ProjectError(f"'{path}' is not a file.", fix="Name the timeline file in it.")
    if suffix == ".otioz":
        folder = unpack_to if unpack_to is not None else path.with_suffix(".unpacked")
        return bundle.unpack(path, folder), folder
    return path, path.parent


def _read(source: Path, rate: Fraction | None) -> Any:
    suffix = source.suffix.lower()
    if suffix.lstrip(".") not in otio.adapters.suffixes_with_defined_adapters(read=True):
        known = ", ".join(sorted(f".{s}" for s in otio.adapters.suffixes_with_defined_adapters(read=True)))
        raise ProjectError(
            f"The timeline '{source}' cannot be read.",
            cause=f"No OTIO adapter is installed for '{suffix}'; there are some for {known}.",
            fix='Install the editors\' formats: pip install "codub[nle]"' if suffix in _NLE_SUFFIXES else "",
        )
    if suffix == ".otio":
        _check_nesting(source)
    try:
        # A media linker named in the environment may put anything into the links, so none runs here.
        return otio.adapters.read_from_file(
            str(source),
            media_linker_name=otio.media_linker.MediaLinkingPolicy.DoNotLinkMedia,
            **({"rate": float(rate or _least_rate(source))} if suffix in RATELESS else {}),
        )
    except Exception as error:  # adapters are other people's parsers and raise whatever their parsing trips over
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ProjectError(
            f"The timeline '{source}' cannot be read.",
            cause=f"{_NLE_SUFFIXES.get(suffix, 'OTIO')} reader: {reason}",
            fix="Export it again from the editor, best as .otio.",
        ) from error


def _least_rate(source: Path) -> Fraction:
    """The lowest usual rate at which an EDL's timecodes are possible; with drop frame ones, 30000/1001."""
    timecodes = re.findall(r"\b\d\d:\d\d:\d\d([:;])(\d\d)\b", source.read_text(encoding="utf-8", errors="replace"))
    highest = max((int(frame) for _, frame in timecodes), default=0)
    if any(mark == ";" for mark, _ in timecodes):
        return Fraction(30000, 1001) if highest < 30 else Fraction(60000, 1001)
    return next((Fraction(rate) for rate in (24, 25, 30, 50) if highest < rate), Fraction(60))


def _check_nesting(source: Path) -> None:
    """OTIO 0.18 parses by recursion without a limit and dies on deeply nested JSON; Python's parser has a limit."""
    try:
        json.loads(source.read_bytes())
    except RecursionError as error:
        raise ProjectError(f"The timeline '{source}' is refused.", cause="Its JSON is nested too deep.") from error
    except ValueError as error:
        raise ProjectError(
            f"The timeline '{source}' cannot be read.",
            cause=f"It is not JSON: {error}",
            fix="Export it again from the editor.",
        ) from error
    except OSError as error:
        raise ProjectError(f"The timeline '{source}' cannot be read.", cause=error.strerror or str(error)) from error


def _only_timeline(content: Any, path: Path, name: str) -> otio.schema.Timeline:
    timelines = [found for found in _timelines(content) if not name or found.name == name]
    if len(timelines) == 1:
        return timelines[0]
    if timelines:
        names = ", ".join(repr(found.name) for found in timelines)
        raise ProjectError(f"The file '{path}' holds several timelines: {names}.", fix="Export the one to dub alone.")
    if isinstance(content, otio.schema.Stack | otio.schema.Track | otio.schema.Clip) and not name:
        timeline = otio.schema.Timeline(name=content.name)
        timeline.tracks = _as_stack(content)
        return timeline
    raise ProjectError(f"The file '{path}' holds no timeline{f' named {name!r}' if name else ''}.")


def _timelines(content: Any) -> Iterator[otio.schema.Timeline]:
    if isinstance(content, otio.schema.Timeline):
        yield content
    elif isinstance(content, otio.schema.SerializableCollection):
        for child in content:
            yield from _timelines(child)


def _as_stack(content: Any) -> otio.schema.Stack:
    copy = content.clone()
    if isinstance(copy, otio.schema.Stack):
        return copy
    track = copy if isinstance(copy, otio.schema.Track) else otio.schema.Track(name="V1", children=[copy])
    return otio.schema.Stack(children=[track])
