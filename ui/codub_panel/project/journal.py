"""What of the panel outlives it besides edits and takes: the queue, whether it rests, the line in hand, the marks."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from codub import config
from codub.errors import CodubError, ProjectError
from codub.files import replacing

FILE_NAME = "panel.json"


@dataclass(frozen=True)
class Remembered:
    """The panel's state of one language of a dub, by cue number.

    `queue` is what waits, in order; `running` what the worker had when this was written (0: nothing) and
    `takes_before` how many takes that line had then. `marks` are the takes marked A and B, 0 for none.
    """

    queue: tuple[int, ...] = ()
    paused: bool = False
    running: int = 0
    takes_before: int = 0
    current: int = 0
    marks: dict[str, Any] = field(default_factory=dict)


class Journal:
    """Keeps `Remembered` beside the takes, one for each language; on the disk when `write` returns."""

    def __init__(self, folder: Path, language: str) -> None:
        self._path = folder / FILE_NAME
        self._language = language

    def read(self) -> Remembered:
        """What was written last.

        Raises:
            ProjectError: the file is damaged.
        """
        try:
            values = self._all().get(self._language, {})
            return config.build(Remembered, values, where=self._path.name)
        except (OSError, ValueError, AttributeError, TypeError, CodubError) as error:
            raise ProjectError(
                f"The panel's queue in '{self._path}' cannot be read.",
                cause=f"{error}.",
                fix="Remove the file: takes and edits are kept elsewhere, only the queue's order is lost.",
            ) from error

    def write(self, remembered: Remembered) -> None:
        """Keep the state."""
        content = self._all() | {self._language: asdict(remembered)}
        with replacing(self._path) as temporary:
            temporary.write_text(json.dumps(content, indent=1), encoding="utf-8")

    def _all(self) -> dict[str, Any]:
        return dict(json.loads(self._path.read_text(encoding="utf-8"))) if self._path.is_file() else {}
