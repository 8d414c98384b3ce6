"""The projects opened last, with the picture they begin with; remembered in the user's settings."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QSettings

_KEY, _KEPT = "recent", 12


@dataclass(frozen=True)
class RecentProject:
    """One project: its files, when it was opened last (ISO 8601, local time), a picture of it ("" for none)."""

    timeline: str
    lines: str
    opened: str
    picture: str = ""

    @property
    def there(self) -> bool:
        """Whether both files are where they were."""
        return Path(self.timeline).exists() and Path(self.lines).is_file()


def recent_projects() -> tuple[RecentProject, ...]:
    """The latest first."""
    kept = QSettings("codub", "panel").value(_KEY)
    try:
        return tuple(RecentProject(**values) for values in json.loads(str(kept or "[]")))
    except (ValueError, TypeError):  # another version's list: what was opened since counts
        return ()


def remember_project(timeline: Path, lines: Path, picture: Path | None = None) -> None:
    """Put a project first."""
    now = datetime.now().astimezone().isoformat(timespec="minutes")
    project = RecentProject(str(timeline), str(lines), now, "" if picture is None else str(picture))
    _keep((project, *(other for other in recent_projects() if not _same(other, project))))


def forget_project(project: RecentProject) -> None:
    """Take a project off the list; its files stay."""
    _keep(tuple(other for other in recent_projects() if not _same(other, project)))


def _same(one: RecentProject, other: RecentProject) -> bool:
    return (one.timeline, one.lines) == (other.timeline, other.lines)


def _keep(projects: tuple[RecentProject, ...]) -> None:
    QSettings("codub", "panel").setValue(_KEY, json.dumps([asdict(project) for project in projects[:_KEPT]]))
