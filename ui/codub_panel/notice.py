"""What the panel has to say: what happened, why, what to do, and the command that does it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from codub.errors import CodubError

_NOTES_SHOWN = 4


class Weight(StrEnum):
    """How bad it is."""

    DONE = "done"
    HINT = "hint"
    TROUBLE = "trouble"


@dataclass(frozen=True)
class Notice:
    """One message. `command` names a command that helps, as `target.method`, e.g. `window.relink`; "" for none."""

    message: str
    cause: str = ""
    fix: str = ""
    command: str = ""
    weight: Weight = Weight.HINT

    @classmethod
    def of(cls, error: CodubError, command: str = "") -> "Notice":
        """What an error says."""
        return cls(error.message, error.cause, error.fix, command, Weight.TROUBLE)

    def __str__(self) -> str:
        return " ".join(part for part in (self.message, self.cause, self.fix) if part)


def notes_notice(notes: Sequence[str]) -> Notice | None:
    """What was wrong with the files that were opened, the first few of it; None where nothing was."""
    if not notes:
        return None
    shown = list(notes[:_NOTES_SHOWN])
    if len(notes) > _NOTES_SHOWN:
        shown.append(QCoreApplication.translate("Notice", "And {count} more.").format(count=len(notes) - _NOTES_SHOWN))
    message = QCoreApplication.translate("Notice", "The files were opened, with remarks: {count}")
    return Notice(message.format(count=len(notes)), "\n".join(shown))
