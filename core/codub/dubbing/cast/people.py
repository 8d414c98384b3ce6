"""Who speaks in a project: lines, consent, the voice's reference and fit, the face's references; as values and text."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codub.dubbing.cast.casting import Cast, Member
from codub.dubbing.cast.voice_card import VoiceCard, card_stem, fit_limit, read_card
from codub.dubbing.cast.voice_reference import described
from codub.dubbing.consent import Consent, ConsentLedger
from codub.dubbing.own_faces import adapted_text
from codub.dubbing.profile import Profile
from codub.dubbing.shots import Plan


@dataclass(frozen=True)
class CastEntry:
    """One speaker of a project.

    `cues` are the numbers of the lines, `seconds` their windows together. `consent` is the statement that counts.
    `stem` names the card of the voice as it is decided now; `card` is None until somebody listened. `adapted` says
    whether the face was fitted to the speaker, "" where nobody tried.
    """

    member: Member
    cues: tuple[int, ...]
    seconds: float
    consent: Consent | None
    limit: float
    stem: str
    card: VoiceCard | None
    adapted: str = ""

    @property
    def agreed(self) -> bool:
        """Whether voice and face may be generated."""
        return self.consent is not None and {"voice", "face"} <= set(self.consent.scope)


def cast_list(
    plan: Plan, cast: Cast, ledger: ConsentLedger, folder: Path, profile: Profile, fit_seconds: float | None = None
) -> tuple[CastEntry, ...]:
    """Everybody who speaks in the plan, in order of the first line; reads small files only."""
    entries = []
    for speaker in dict.fromkeys(shot.voice for shot in plan.shots):
        member = cast.member(speaker)
        shots = [shot for shot in plan.shots if shot.voice == speaker]
        limit = fit_limit(profile, member, fit_seconds)
        stem = card_stem(plan, member, limit, profile.mark)
        entries.append(
            CastEntry(
                member=member,
                cues=tuple(shot.cue.number for shot in shots),
                seconds=float(sum(shot.window for shot in shots)),
                consent=ledger.of(speaker),
                limit=limit,
                stem=stem,
                card=read_card(folder, stem),
                adapted=adapted_text(folder, speaker, profile),
            )
        )
    return tuple(entries)


def cast_report(entries: Sequence[CastEntry], cast: Cast) -> str:
    """The cast as text, a paragraph a speaker, then the faces that somebody pointed at."""
    lines = [line for entry in entries for line in _paragraph(entry)]
    for choice in cast.faces:
        who = "nobody" if choice.at is None else f"the face at {choice.at[0]:.2f}, {choice.at[1]:.2f}"
        lines.append(f"cue {choice.cue}: {who} of {Path(choice.media).name}:{choice.frame}")
    return "\n".join(lines)


def consent_text(entry: CastEntry) -> str:
    """What is known of a speaker's consent."""
    consent = entry.consent
    if consent is None:
        return "no consent recorded"
    scope = " and ".join(consent.scope) or "withdrawn"
    return f"consent {consent.date}: {scope}, declared by {consent.given_by}"


def voice_text(entry: CastEntry) -> str:
    """What the voice is taken from, as far as somebody listened."""
    card = entry.card
    if card is None:
        return f"voice from {described(entry.member)}, not listened to yet"
    where = ", ".join(dict.fromkeys(piece.name for piece in card.pieces))
    noise = "" if card.snr_db is None else f", {card.snr_db:.0f} dB above the sound around it"
    return f"voice from {card.reference}: {card.seconds:.1f} s of {where}{noise}"


def fit_text(entry: CastEntry) -> str:
    """How like the speaker the fitted voice is."""
    card = entry.card
    if card is None or not card.fitted:
        return f"not fitted (limit {entry.limit:g} s)"
    said = f"fitted within {entry.limit:g} s"
    if card.secs is None:
        return said
    said += f", likeness {card.secs:.2f}"
    if card.other is not None and card.other_secs is not None:
        nearer = "nearer to its speaker than" if card.nearer_to_own else "NOT nearer to its speaker than"
        said += f", {nearer} to {card.other} ({card.other_secs:.2f})"
    return said


def frames_text(member: Member) -> str:
    """Which frames the mouth is made of, as far as somebody chose."""
    chosen = [f"{kind} {pick.name}" for kind, pick in member.picks.items()]
    if member.identity:
        chosen.insert(0, f"pictures {', '.join(pick.name for pick in member.identity)}")
    return "; ".join(chosen) or "from each clip's own frames"


def _paragraph(entry: CastEntry) -> list[str]:
    member = entry.member
    name = f"{member.name} ({member.speaker})" if member.name else member.speaker
    count = len(entry.cues)
    lines = [f"{name}: {count} line{'s' if count != 1 else ''}, {entry.seconds:.1f} s; {consent_text(entry)}"]
    lines += [f"  {voice_text(entry)}", f"  {fit_text(entry)}", f"  mouth {frames_text(member)}"]
    lines += [f"  face {entry.adapted}"] if entry.adapted else []
    return lines + [f"  ! {warning}" for warning in (entry.card.warnings if entry.card else ())]
