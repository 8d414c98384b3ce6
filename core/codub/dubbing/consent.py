"""Who agreed to be dubbed: one recorded statement a speaker, before anything is generated with their voice or face.

    DUBBED.codub/consent.json     what was declared for this dub
    PROJECT's folder/consent.json what came with the material; read, never written

codub cannot know whether a statement is true. It makes sure that somebody gave one, under their name, once a speaker,
and that it stays with the takes. The newest statement counts, so that a withdrawal (an empty scope) ends the matter.
"""

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from codub import config
from codub.errors import UsageError
from codub.files import replacing

FILE_NAME = "consent.json"
VOICE, FACE = "voice", "face"
PERFORMED = "The performer agreed that this recording of their voice is used in a dub with codub."
_LAYOUT = 1


class ConsentError(UsageError):
    """A speaker whose voice or face may not be generated, or a consent file that cannot be read."""


@dataclass(frozen=True)
class Consent:
    """One statement: the speaker, what was agreed, who vouches for it, when (ISO 8601), for what.

    `scope` holds "voice", "face", both, or nothing (withdrawn); `evidence` is a path or address of the signed paper,
    licence or recording, or "".
    """

    speaker: str
    statement: str
    given_by: str
    date: str = field(default_factory=lambda: datetime.now(UTC).date().isoformat())
    scope: tuple[str, ...] = (VOICE, FACE)
    evidence: str = ""

    def __post_init__(self) -> None:
        for name in ("statement", "given_by"):
            if not getattr(self, name).strip():
                raise ConsentError(f"The consent for '{self.speaker}' has no {name.replace('_', ' ')}.")
        unknown = sorted(set(self.scope) - {VOICE, FACE})
        if unknown:
            raise ConsentError(f"The consent for '{self.speaker}' covers '{unknown[0]}'.", fix="Known: voice, face.")


class ConsentLedger:
    """The consents that count for one dub; reads the files each time, they are small and others may write them."""

    def __init__(self, folder: Path, project_folder: Path | None = None) -> None:
        self.path = folder / FILE_NAME
        self._given = () if project_folder is None else (project_folder / FILE_NAME,)

    def consents(self) -> tuple[Consent, ...]:
        """All statements, those that came with the material first, then in the order they were recorded.

        Raises:
            ConsentError: a file is damaged.
        """
        return tuple(consent for path in (*self._given, self.path) if path.is_file() for consent in _read(path))

    def of(self, speaker: str) -> Consent | None:
        """The statement that counts for a speaker (capitals do not matter), or None."""
        found = [consent for consent in self.consents() if _same(consent.speaker, speaker)]
        return found[-1] if found else None

    def missing(self, speakers: Iterable[str], scope: tuple[str, ...] = (VOICE, FACE)) -> tuple[str, ...]:
        """Those of the speakers, in order and once each, who have not agreed to all of `scope`."""
        wanting = []
        for speaker in dict.fromkeys(speakers):
            consent = self.of(speaker)
            if consent is None or not set(scope) <= set(consent.scope):
                wanting.append(speaker)
        return tuple(wanting)

    def require(self, *speakers: str, scope: tuple[str, ...] = (VOICE, FACE)) -> None:
        """Stop before anything is generated.

        Raises:
            ConsentError: names the speakers without a statement and how to record one.
        """
        missing = self.missing(speakers, scope)
        if missing:
            names = ", ".join(f"'{name}'" if name else "the speaker without a name" for name in missing)
            raise ConsentError(
                f"No consent is recorded for {names}.",
                cause=f"codub generates a person's {' and '.join(scope)} only with a statement that they agreed.",
                fix='Declare it once: add --consent-by "YOUR NAME" to the command, or put a consent.json '
                "beside the project.",
            )

    def record(self, consent: Consent) -> None:
        """Keep a statement; what was recorded before stays."""
        consents = _read(self.path) if self.path.is_file() else ()
        content = {"layout": _LAYOUT, "consents": [dataclasses.asdict(c) for c in (*consents, consent)]}
        with replacing(self.path) as temporary:
            temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def declare(self, speakers: Iterable[str], given_by: str) -> tuple[Consent, ...]:
        """Record, for each speaker who has none yet, that `given_by` declares that they agreed; what was added."""
        added = tuple(
            Consent(speaker, "The speaker agreed that this voice and face are dubbed with codub.", given_by)
            for speaker in self.missing(speakers)
        )
        for consent in added:
            self.record(consent)
        return added


def _read(path: Path) -> tuple[Consent, ...]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["layout"] != _LAYOUT:
            raise ConsentError(
                f"The consents in '{path}' have layout {content['layout']}; this codub knows {_LAYOUT}.",
                fix="Update codub: python -m pip install --upgrade codub",
            )
        return tuple(config.build(Consent, values, where=str(path)) for values in content["consents"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConsentError(
            f"The consents in '{path}' cannot be read.",
            cause=f"{type(error).__name__}: {error}.",
            fix="Correct the file, or remove it and declare the consents again.",
        ) from error


def _same(name: str, other: str) -> bool:
    return " ".join(name.split()).casefold() == " ".join(other.split()).casefold()
