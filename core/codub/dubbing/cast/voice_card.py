"""What was heard of a speaker's voice, and how like it the fitted one is: kept, so that nobody has to listen twice.

DUBBED.codub/cast/tom-1f0c.json         one card a speaker, reference and limit of the fit
DUBBED.codub/cast/tom-1f0c.heard.wav    the reference itself
DUBBED.codub/cast/tom-1f0c.sample.wav   lines of the dub in the fitted voice
"""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from codub import config
from codub.dubbing.cast.casting import Member
from codub.dubbing.profile import Profile
from codub.dubbing.shots import Plan
from codub.errors import UsageError
from codub.files import replacing

FOLDER = "cast"


@dataclass(frozen=True)
class HeardPiece:
    """A stretch of the reference: the line or file it is from, and its start and end there in seconds."""

    name: str
    start: float
    end: float


@dataclass(frozen=True)
class VoiceCard:
    """A speaker's voice, as it was heard and as it was fitted.

    `reference` says what it is taken from, `pieces` which stretches these are, together `seconds` long; `snr_db` is
    None where nothing is heard between them. `heard` is the sound file of the reference. What follows is empty until
    a style was fitted within `fit_seconds`: `style` is the name of its file, `sample` that of `text` spoken in it.
    `secs` is the cosine of the speaker encoder between sample and reference, `other` the speaker of the project whose
    reference is nearest otherwise, `other_secs` the cosine to it.
    """

    speaker: str
    reference: str
    fit_seconds: float
    profile: str
    pieces: tuple[HeardPiece, ...]
    seconds: float
    snr_db: float | None = None
    warnings: tuple[str, ...] = ()
    heard: str = ""
    style: str = ""
    origin: str = ""
    sample: str = ""
    text: str = ""
    secs: float | None = None
    other: str | None = None
    other_secs: float | None = None

    @property
    def fitted(self) -> bool:
        """Whether there is a style of this voice."""
        return bool(self.style)

    @property
    def nearer_to_own(self) -> bool:
        """Whether the sample is nearer to its own speaker than to anybody else of the project."""
        return self.secs is not None and (self.other_secs is None or self.secs > self.other_secs)


def card_stem(plan: Plan, member: Member, limit: float, profile: str) -> str:
    """Name of a card's files without suffix: another one for another reference, limit, profile or edit of the lines."""
    parts = plan.references.get(member.speaker, ())
    heard = [(str(p.media), p.start, p.duration) for p in parts if not member.cues or p.cue in member.cues]
    asked = f"{member.speaker}|{member.cues}|{member.recording}|{limit}|{profile}{member.voice}"
    digest = hashlib.sha256(f"{asked}|{'' if member.recording else heard}".encode()).hexdigest()[:12]
    name = "".join(c if c.isalnum() else "-" for c in member.speaker.casefold())[:40]
    return f"{name or 'speaker'}-{digest}"


def fit_limit(profile: Profile, member: Member, asked: float | None = None) -> float:
    """Limit in seconds of a speaker's fit: the one asked for, else the cast's, else the profile's; 0 for no fit."""
    if not profile.fits_voices or member.voice:
        return 0.0
    limits = (asked, member.fit_seconds, profile.fit_seconds)
    return next(limit for limit in limits if limit is not None)


def read_card(folder: Path, stem: str) -> VoiceCard | None:
    """The card of that name in a takes folder; None where nobody listened yet, or the card cannot be read any more."""
    try:
        content = json.loads((folder / FOLDER / f"{stem}.json").read_text(encoding="utf-8"))
        return config.build(VoiceCard, content, where=stem)
    except (OSError, ValueError, TypeError, UsageError):
        return None  # a card holds nothing that listening again does not tell


def write_card(folder: Path, stem: str, card: VoiceCard) -> None:
    """Keep a card in a takes folder, whole or not at all."""
    with replacing(folder / FOLDER / f"{stem}.json") as temporary:
        content = json.dumps(dataclasses.asdict(card), ensure_ascii=False, indent=1)
        temporary.write_text(content + "\n", encoding="utf-8")


def card_sound(folder: Path, name: str) -> Path:
    """Path of a card's sound file."""
    return folder / FOLDER / name
