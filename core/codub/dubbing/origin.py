"""What a dubbed timeline was made from, kept beside its takes: later commands need only the dubbed timeline.

DUBBED.codub/origin.json
"""

import dataclasses
import json
import os
from dataclasses import dataclass
from pathlib import Path

from codub import config
from codub.dubbing.request import DubRequest
from codub.dubbing.takes import takes_folder
from codub.errors import ProjectError, UsageError
from codub.files import replacing

FILE_NAME = "origin.json"


@dataclass(frozen=True)
class Origin:
    """The files and settings of the last dub, paths relative to the dubbed timeline's folder where they can be."""

    project: str
    lines: str
    language: str
    source_lines: str = ""
    track: str = ""
    profile: str = "embedded"
    media_folders: tuple[str, ...] = ()


def keep_origin(request: DubRequest) -> None:
    """Note what a timeline is dubbed from."""
    base = request.output.absolute().parent
    origin = Origin(
        project=_relative(request.project, base),
        lines=_relative(request.lines, base),
        language=request.spoken_language(),
        source_lines="" if request.source_lines is None else _relative(request.source_lines, base),
        track=request.track or "",
        profile=request.profile,
        media_folders=tuple(_relative(folder, base) for folder in request.media_folders),
    )
    with replacing(takes_folder(request.output) / FILE_NAME) as temporary:
        temporary.write_text(json.dumps(dataclasses.asdict(origin), ensure_ascii=False, indent=1) + "\n", "utf-8")


def request_of(dubbed: Path) -> DubRequest:
    """The request that dubbed a timeline, without its cues and seed.

    Raises:
        ProjectError: nothing was dubbed onto that timeline, or the note is damaged.
    """
    path = takes_folder(dubbed) / FILE_NAME
    base = dubbed.absolute().parent
    try:
        origin = config.build(Origin, json.loads(path.read_text(encoding="utf-8")), where=str(path))
    except FileNotFoundError as error:
        raise ProjectError(
            f"It is not known what '{dubbed}' was dubbed from.",
            cause=f"There is no '{path}'.",
            fix="Name the lines and the dubbed timeline: --lines LINES.es.srt -o DUBBED.otio",
        ) from error
    except (OSError, ValueError, TypeError, UsageError) as error:
        raise ProjectError(
            f"What '{dubbed}' was dubbed from cannot be read.",
            cause=f"'{path}': {error}.",
            fix="Name the lines and the dubbed timeline: --lines LINES.es.srt -o DUBBED.otio",
        ) from error
    return DubRequest(
        project=base / origin.project,
        lines=base / origin.lines,
        output=dubbed.absolute(),
        language=origin.language,
        source_lines=base / origin.source_lines if origin.source_lines else None,
        track=origin.track or None,
        profile=origin.profile,
        media_folders=tuple(base / folder for folder in origin.media_folders),
    )


def _relative(path: Path, base: Path) -> str:
    try:
        return Path(os.path.relpath(path.absolute(), base)).as_posix()
    except ValueError:  # another drive
        return str(path.absolute())
