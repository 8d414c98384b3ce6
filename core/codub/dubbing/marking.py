"""Tells whether a dubbed timeline was edited since codub wrote it."""

from pathlib import Path

from codub.files import replacing
from codub.weights import sha256_of

MARK = "timeline.sha256"


def mark_written(output: Path, folder: Path) -> None:
    """Note, in the takes folder, the timeline as it is now."""
    with replacing(folder / MARK) as mark:
        mark.write_text(f"{sha256_of(output)}\n", encoding="ascii")


def edited_since_written(output: Path, folder: Path) -> bool:
    """Whether the dubbed timeline is there and is not what codub wrote last."""
    mark = folder / MARK
    if not output.is_file() or not mark.is_file():
        return False
    return mark.read_text(encoding="ascii").strip() != sha256_of(output)
