"""What is known about one take: enough to judge it, to make it again, and to prove where it came from."""

import dataclasses
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any

import codub
from codub import config
from codub.speech.model import BOUNDS, PLAIN, Delivery, Fit
from codub.speech.word_delivery import WordDelivery
from codub.timeline.placed import Address, PlacedClip

SYMBOLS = "symbols"  # setting: what was spoken
AUDIO, LATENT = "audio", "latent"  # roles of the files that every take has
Setting = str | int | float | bool | None


class ReviewState(StrEnum):
    """What the reviewer made of a take."""

    REVIEW = "review"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True)
class TakeFile:
    """One file of a take: its role ("audio", "video1" ...), its path relative to the takes folder, its content."""

    role: str
    path: str
    sha256: str
    size: int


def utc_now() -> str:
    """Present time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class TakeRecord:
    """One generated result for one cue.

    `take` counts from 1 within a cue and language. `start` and `duration` (s, exact) say where its sound lies on the
    timeline. `settings` is flat, `weights` maps the name of each weights file to its sha256, `scores` the name of
    each measure to its value. `parents` names what it was made from: takes by their reference name, media by path.
    `created` is ISO 8601 in UTC.
    """

    cue: int
    language: str
    text: str
    speaker: str
    seed: int
    profile: str
    take: int = 0
    start: Fraction = Fraction(0)
    duration: Fraction = Fraction(0)
    settings: Mapping[str, Setting] = field(default_factory=dict)
    weights: Mapping[str, str] = field(default_factory=dict)
    fit: Fit | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    files: tuple[TakeFile, ...] = ()
    parents: tuple[str, ...] = ()
    created: str = field(default_factory=utc_now)
    host: str = field(default_factory=platform.node)
    version: str = codub.__version__
    state: ReviewState = ReviewState.REVIEW
    comment: str = ""
    starred: bool = False

    @property
    def name(self) -> str:
        """Key of the take's media reference on its clip, e.g. `dub_es_t01`."""
        return reference_name(self.language, self.take)

    def file(self, role: str) -> TakeFile | None:
        """The file with that role, or None."""
        return next((file for file in self.files if file.role == role), None)

    def to_json(self) -> str:
        """One line of JSON; exact times as "numerator/denominator"."""
        values = dataclasses.asdict(self)
        values["start"], values["duration"] = str(self.start), str(self.duration)
        return json.dumps(values, ensure_ascii=False, allow_nan=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "TakeRecord":
        """The record that `to_json` wrote.

        Raises:
            ValueError: the text is not such a record.
        """
        try:
            values: dict[str, Any] = json.loads(text)
            return cls(
                **{
                    **values,
                    "start": Fraction(values["start"]),
                    "duration": Fraction(values["duration"]),
                    "fit": None if values["fit"] is None else Fit(**values["fit"]),
                    "files": tuple(TakeFile(**file) for file in values["files"]),
                    "parents": tuple(values["parents"]),
                    "state": ReviewState(values["state"]),
                }
            )
        except (TypeError, KeyError) as error:
            raise ValueError(f"not a take's record: {error}") from error


def reference_name(language: str, take: int) -> str:
    """Key under which a take stands among a clip's media references, e.g. `dub_es_t01`."""
    return f"dub_{language}_t{take:02d}"


def delivery_settings(delivery: Delivery, given: Sequence[float] = ()) -> dict[str, Setting]:
    """What the record's settings say of how a line was to be said, and of the seconds its symbols were `given`."""
    settings: dict[str, Setting] = {
        f"delivery.{name}": getattr(delivery, name)
        for name in BOUNDS
        if getattr(delivery, name) != getattr(PLAIN, name)
    }
    if delivery.durations:
        settings["delivery.durations"] = " ".join("-" if d is None else f"{d:g}" for d in delivery.durations)
    if delivery.pitches:
        settings["delivery.pitches"] = " ".join("-" if p is None else f"{p:g}" for p in delivery.pitches)
    if delivery.words:
        settings["delivery.words"] = json.dumps([dataclasses.asdict(word) for word in delivery.words])
    if given:
        settings["durations"] = " ".join(f"{d:g}" for d in given)
    return settings


def delivery_of(record: TakeRecord) -> Delivery:
    """How the take was asked to be said."""
    stated = {k.removeprefix("delivery."): v for k, v in record.settings.items() if k.startswith("delivery.")}
    durations, pitches = (_each(str(stated.pop(name, ""))) for name in ("durations", "pitches"))
    words = json.loads(str(stated.pop("words", "[]")))
    numbers: dict[str, Any] = dict(stated)
    differing = tuple(config.build(WordDelivery, word, where="a take's words") for word in words)
    return Delivery(**numbers, durations=durations, pitches=pitches, words=differing)


def _each(text: str) -> tuple[float | None, ...]:
    return tuple(None if value == "-" else float(value) for value in text.split())


def given_durations(record: TakeRecord) -> tuple[float, ...]:
    """Seconds that each symbol of the take's line got; empty for a recording and for takes of codub 0.1."""
    return tuple(map(float, str(record.settings.get("durations", "")).split()))


def warnings_of(record: TakeRecord) -> tuple[str, ...]:
    """What the take's user should know of its voice's reference, its text or its recording."""
    said = (record.settings.get(name) for name in ("voice.warnings", "notes"))
    return tuple(str(each) for each in said if each)


def spoken_symbols(record: TakeRecord) -> tuple[str, ...]:
    """Symbols that the take's voice spoke, one character each; empty for a recording and for older takes."""
    return tuple(str(record.settings.get(SYMBOLS, "")))


def line_name(record: TakeRecord) -> str:
    """Name under which pictures say that they show this take."""
    return str(record.settings.get("line", ""))


def picture_clip_name(clip: PlacedClip) -> str:
    """What a picture was made of: it stands in for no other media and no other trim."""
    return f"{clip.media.name}:{clip.first_frame}:{clip.frame_count}"


def picture_role(address: Address) -> str:
    """Role of the picture file that a take has for the clip at `address` of its timeline, e.g. `video0-3`."""
    return "video" + "-".join(map(str, address))
