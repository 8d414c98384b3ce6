"""The one family of errors that codub raises for its users."""


class CodubError(Exception):
    """What failed, why, and what to do about it.

    `message` names the thing that failed with its value, `cause` says why, `fix` says what the user can do.
    The command line prints the three as one sentence each and exits with `exit_code`.
    """

    exit_code = 1

    def __init__(self, message: str, *, cause: str = "", fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause
        self.fix = fix

    def __str__(self) -> str:
        return " ".join(part for part in (self.message, self.cause, self.fix) if part)


class UsageError(CodubError):
    """A command or setting that cannot mean anything; nothing was started."""

    exit_code = 2


class ProjectError(CodubError):
    """A timeline or a subtitle file that cannot be read or written."""


class MediaError(CodubError):
    """A media file that is missing, unreadable, or not what the timeline says it is."""


class WeightsError(CodubError):
    """Weights that are missing, altered, or of another model."""


class LatentSpaceError(CodubError):
    """A latent given to a model that was trained for another space."""


class CueError(CodubError):
    """One cue that cannot be dubbed; the other cues are not affected."""
