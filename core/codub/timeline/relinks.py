"""Media that was found again: kept beside the takes, never written into the user's timeline.

DUBBED.codub/relinked.json     {"layout": 1, "media": {where the timeline says it lies: where it lies}}
"""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from codub.errors import ProjectError
from codub.files import replacing

FILE_NAME = "relinked.json"
_LAYOUT = 1
_MOST_ENTRIES = 200_000  # of a folder that is searched: a whole archive is no folder of a project


def read_relinks(folder: Path) -> dict[str, Path]:
    """What was linked again in a takes folder: the missing file, as `MediaFolders.named` has it, to where it lies.

    Raises:
        ProjectError: the file is damaged.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["layout"] != _LAYOUT:
            raise ValueError(f"layout {content['layout']}, and this codub knows {_LAYOUT}")
        return {str(missing): Path(str(found)) for missing, found in content["media"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProjectError(
            f"The relinked media in '{path}' cannot be read.",
            cause=f"{type(error).__name__}: {error}.",
            fix="Remove the file and link the media again.",
        ) from error


def add_relinks(folder: Path, found: Mapping[str, Path]) -> None:
    """Keep where media lies; what was kept before stays.

    Raises:
        ProjectError: what was kept before is damaged.
    """
    media = read_relinks(folder) | dict(found)
    content = {"layout": _LAYOUT, "media": {missing: str(path) for missing, path in sorted(media.items())}}
    with replacing(folder / FILE_NAME) as temporary:
        temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def search_folder(folder: Path, missing: Iterable[str]) -> dict[str, Path]:
    """Those of the missing files that lie in a folder or below it under the same name, capitals let be.

    A name without an ending (an EDL's) is that of any file which has it before its ending. Of several, the one with
    the most of its folders' names in common is taken.
    """
    wanted: dict[str, list[str]] = {}
    for name in missing:
        wanted.setdefault(Path(name).name.casefold(), []).append(name)
    found: dict[str, tuple[int, Path]] = {}
    seen = 0
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        seen += len(files)
        if seen > _MOST_ENTRIES:
            break
        for file in sorted(files):
            path = Path(root) / file
            for name in (*wanted.get(file.casefold(), ()), *wanted.get(path.stem.casefold(), ())):
                alike = _alike(Path(name), path)
                if name not in found or alike > found[name][0]:
                    found[name] = (alike, path)
    return {name: path for name, (_, path) in found.items()}


def _alike(one: Path, other: Path) -> int:
    """How many folders from the end on have the same names."""
    pairs = zip(reversed(one.parts[:-1]), reversed(other.parts[:-1]), strict=False)
    return next((count for count, (a, b) in enumerate(pairs) if a.casefold() != b.casefold()), 99)
