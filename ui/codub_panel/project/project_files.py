"""Which files make a project: a timeline and its translated lines, named, dropped or found beside each other."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from codub.dubbing.request import DubRequest
from codub.errors import UsageError

SUBTITLES = (".srt", ".vtt", ".ass", ".ssa")
TIMELINES = (".otio", ".otioz", ".otiod", ".edl", ".xml", ".fcpxml", ".aaf")


@dataclass(frozen=True)
class ProjectFiles:
    """What is known so far of a project to open."""

    timeline: Path | None = None
    lines: Path | None = None

    def with_files(self, paths: Iterable[Path]) -> "ProjectFiles":
        """The same with these files each in its place; the last one of a kind counts, other kinds are let be."""
        files = self
        for path in paths:
            if path.suffix.lower() in SUBTITLES:
                files = replace(files, lines=path)
            elif path.suffix.lower() in TIMELINES:
                files = replace(files, timeline=path)
        return files

    @property
    def complete(self) -> tuple[Path, Path] | None:
        """Timeline and lines once both are known."""
        return None if self.timeline is None or self.lines is None else (self.timeline, self.lines)


def lines_beside(timeline: Path) -> tuple[Path, ...]:
    """Subtitle files in the timeline's folder whose name says their language, by name."""
    if not timeline.parent.is_dir():
        return ()
    found = (path for path in timeline.parent.iterdir() if path.suffix.lower() in SUBTITLES)
    return tuple(sorted(path for path in found if _states_language(path, timeline) and not _is_source(path)))


def source_beside(lines: Path) -> Path | None:
    """The only file `source.xx.srt` (what is said in the original) beside the lines, or None."""
    if not lines.parent.is_dir():
        return None
    found = [path for path in lines.parent.iterdir() if path.suffix.lower() in SUBTITLES and _is_source(path)]
    return found[0] if len(found) == 1 and found[0] != lines else None


def _is_source(path: Path) -> bool:
    return path.name.lower().startswith("source.")


def _states_language(lines: Path, timeline: Path) -> bool:
    try:
        DubRequest(timeline, lines, timeline).spoken_language()
    except UsageError:
        return False
    return True
