"""What the panel has to say: what happened, why, what to do, and the command that does it."""

from dataclasses import dataclass
from enum import StrEnum

from codub.errors import CodubError


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
