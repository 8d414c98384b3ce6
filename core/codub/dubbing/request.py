"""What is asked of a dub, and what came of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from codub.dubbing.record import TakeRecord
from codub.dubbing.recordings import recordings
from codub.errors import CodubError, UsageError
from codub.speech.model import PLAIN, Delivery

_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_](?:[a-z]{2}|[0-9]{3}))?", re.IGNORECASE)  # es, pt-BR, es-419


@dataclass(frozen=True)
class DubRequest:
    """One call of `codub dub`.

    `cues` limits the work to these numbers (empty: all), `track` to clips of one video track. `recording` is a human
    performance of the one cue in `cues`, or a folder of such files named by cue, used instead of the TTV: as it is, or
    (`convert`) in the voice of the cue's speaker; `performer` says whose. `consent_by` declares that all have agreed.
    `fit_seconds` limits the fit of one speaker's voice (None: the profile's limit; 0: the nearest stock voice).
    `deliveries` says by cue number how lines are to be said; the others are said as the model reads them.
    Without `write` takes are made and kept, and the timeline stays as it is.
    """

    project: Path
    lines: Path
    output: Path
    language: str | None = None
    source_lines: Path | None = None
    cues: tuple[int, ...] = ()
    track: str | None = None
    profile: str = "embedded"
    seed: int = 0
    takes: int = 1
    recording: Path | None = None
    convert: bool = False
    performer: str = ""
    consent_by: str | None = None
    media_folders: tuple[Path, ...] = ()
    fit_seconds: float | None = None
    inspect: bool = False
    deliveries: Mapping[int, Delivery] = field(default_factory=dict)
    write: bool = True

    def delivery(self, cue: int) -> Delivery:
        """How a cue's line is to be said."""
        return self.deliveries.get(cue, PLAIN)

    def recordings(self) -> dict[int, Path]:
        """The human recording of each cue that has one; none where lines are spoken from text.

        Raises:
            UsageError: it is not clear which belongs to which.
        """
        return {} if self.recording is None else recordings(self.recording, self.cues)

    def narrowed(self) -> "DubRequest":
        """The request for the cues alone that there are recordings of; as it is, where there are none."""
        return replace(self, cues=tuple(self.recordings())) if self.recording is not None else self

    def check(self) -> None:
        """Refuse what cannot mean anything before anything is started.

        Raises:
            UsageError: contradictory settings, or an output that would overwrite the user's own timeline.
        """
        if self.output.suffix.lower() != ".otio":
            raise UsageError(f"The output '{self.output}' is not an .otio file.", fix="Name it DUBBED.otio.")
        if self.output.absolute() == self.project.absolute() and not self.output.with_suffix(".codub").is_dir():
            raise UsageError(
                "The output is the project itself.",
                cause="Your timeline is never modified in place.",
                fix="Give another name with -o.",
            )
        if self.recording is None and (self.convert or self.performer):
            raise UsageError("There is no recording to convert.", fix="Name it: --audio FILE_OR_FOLDER.")
        self.recordings()

    def spoken_language(self) -> str:
        """Language of the lines: as stated, or from a name such as LINES.es.srt.

        Raises:
            UsageError: it is stated nowhere.
        """
        if self.language:
            return self.language
        suffixes = self.lines.suffixes
        if len(suffixes) >= 2 and _LANGUAGE.fullmatch(suffixes[-2][1:]):
            return suffixes[-2][1:]
        raise UsageError(
            f"The language of '{self.lines.name}' is not known.",
            fix="Add --language es (or name the file LINES.es.srt).",
        )


@dataclass(frozen=True)
class Failure:
    """A cue that was not dubbed, and why; the others are not affected."""

    cue: int
    error: CodubError


@dataclass(frozen=True)
class DubOutcome:
    """What a dub made: the timeline written, the takes (durable), what failed, what the user should know."""

    output: Path
    takes: tuple[TakeRecord, ...]
    failures: tuple[Failure, ...]
    notes: tuple[str, ...]
    seconds: float
