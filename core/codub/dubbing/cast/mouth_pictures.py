"""The pictures that each speaker's mouth is made of, clip by clip: those found, and those chosen by hand over them.

DUBBED.codub/cast/clip-5e1b-0-0-closed.png   found for a clip
DUBBED.codub/cast/still-07ac.png             chosen by hand
DUBBED.codub/cast/still-07ac-shut.png        the same, its open mouth shut by the silent face
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from codub import config
from codub.dubbing.cast.casting import Cast, FramePick, Member
from codub.dubbing.cast.clip_faces import ClipFaces, FoundReferences
from codub.dubbing.cast.voice_card import FOLDER
from codub.errors import UsageError
from codub.face.likeness import BETTER_LIKE, STRANGER, Looks, agreement, mean_looks
from codub.face.model import MOUTHS, shut_origin
from codub.face.mouth_kinds import SHUT_UNTIL, pick_mouths

if TYPE_CHECKING:  # rows are shown where no torch is loaded
    from codub.face.still import FaceStill

ABOUT = "codub"  # name of the text in a picture's file that tells of its face


@dataclass(frozen=True)
class StillPicture:
    """What a picture chosen by hand shows: opening and width of the mouth, looks; 0 and () where nobody looked yet."""

    opening: float = 0.0
    width: float = 0.0
    looks: tuple[float, ...] = ()

    @staticmethod
    def of(still: "FaceStill") -> "StillPicture":
        """What is kept of a face."""
        looks = () if still.looks is None else tuple(round(float(value), 4) for value in still.looks)
        return StillPicture(still.opening, still.width, looks)

    @staticmethod
    def read(path: Path) -> "StillPicture":
        """What was kept in a picture's file."""
        if not path.is_file():
            return StillPicture()
        with Image.open(path) as picture:
            try:
                return config.build(StillPicture, json.loads(picture.info.get(ABOUT, "{}")), where=path.name)
            except (ValueError, TypeError, UsageError):
                return StillPicture()  # looking again tells the same

    def text(self) -> str:
        """As it is written into the file."""
        return json.dumps(dataclasses.asdict(self))


@dataclass(frozen=True)
class ReferenceRow:
    """The pictures that a speaker's mouth is made of in one clip, as `MOUTHS`; `pictures` are paths.

    As many as the face wants: three, five or eight. `frames` says where each is from, e.g. "frame 12" or "ana.mp4:37";
    `chosen` which kinds somebody chose; `doubt` what speaks against the chosen pictures, "" for nothing.
    """

    speaker: str
    clip: str
    pictures: tuple[Path, ...]
    frames: tuple[str, ...]
    chosen: tuple[bool, ...]
    doubt: str = ""

    def named(self) -> Iterator[tuple[str, str]]:
        """Each kind of mouth and where it is from."""
        return zip(MOUTHS, self.frames, strict=False)


def reference_rows(found: Sequence[ClipFaces], cast: Cast, folder: Path) -> tuple[ReferenceRow, ...]:
    """What is used for each speaker in each clip, those chosen by hand laid over those found."""
    rows = []
    seen = _seen(found)
    for one in found:
        for references in one.references:
            member = cast.member(references.speaker)
            row = ReferenceRow(
                references.speaker,
                one.clip,
                tuple(folder / FOLDER / name for name in references.pictures),
                references.origins or tuple(f"frame {number}" for number in references.frames),
                (False,) * len(references.pictures),
                _doubt(member, one.clip, references, seen, folder),
            )
            rows.append(_overlaid(row, member, folder))
    return tuple(rows)


def _overlaid(row: ReferenceRow, member: Member, folder: Path) -> ReferenceRow:
    pictures, frames, chosen = list(row.pictures), list(row.frames), list(row.chosen)
    about = [StillPicture.read(folder / FOLDER / still_name(pick)) for pick in member.identity]
    order = pick_mouths([a.opening for a in about], [a.width for a in about], len(pictures)) if about else ()
    for place, kind in enumerate(MOUTHS[: len(pictures)]):
        pick = member.picks.get(kind)
        by_kind = pick is not None
        if pick is None and order:
            pick = member.identity[order[place]]
        if pick is not None:
            pictures[place], frames[place] = folder / FOLDER / still_name(pick), pick.name
            chosen[place] = True
            shut = folder / FOLDER / still_name(pick, shut=True)
            if place == 0 and not by_kind and about[order[0]].opening > SHUT_UNTIL and shut.is_file():
                pictures[0], frames[0] = shut, shut_origin(pick.name)
    return dataclasses.replace(row, pictures=tuple(pictures), frames=tuple(frames), chosen=tuple(chosen))


def _seen(found: Sequence[ClipFaces]) -> dict[str, Looks]:
    """What the face of each speaker looks like in the clips."""
    looks: dict[str, list[Looks]] = {}
    for references in (references for one in found for references in one.references if references.looks):
        looks.setdefault(references.speaker, []).append(np.array(references.looks, np.float32))
    return {speaker: mean_looks(several) for speaker, several in looks.items()}


def _doubt(member: Member, clip: str, own: FoundReferences, seen: Mapping[str, Looks], folder: Path) -> str:
    picks = (*member.identity, *member.picks.values())
    known = [StillPicture.read(folder / FOLDER / still_name(pick)).looks for pick in picks]
    pictured = [np.array(looks, np.float32) for looks in known if looks]
    if not pictured or not own.looks:
        return ""
    chosen = mean_looks(pictured)
    alike = agreement(chosen, np.array(own.looks, np.float32))
    others = {speaker: agreement(chosen, looks) for speaker, looks in seen.items() if speaker != member.speaker}
    other = max(others, key=lambda speaker: others[speaker], default="")
    if other and others[other] > alike + BETTER_LIKE:
        return f"the pictures chosen for {member.shown} look more like {other} ({others[other]:.2f}, not {alike:.2f})"
    return stranger_text(member.shown, clip, alike) if alike < STRANGER else ""


def stranger_text(speaker: str, clip: str, alike: float) -> str:
    """The warning that chosen pictures are of somebody else."""
    return f"the pictures chosen for {speaker} do not look like the face that speaks in {clip} ({alike:.2f})"


def still_name(pick: FramePick, *, shut: bool = False) -> str:
    """Name of the picture of a face that was chosen by hand; of the one with its mouth shut."""
    digest = hashlib.sha256(f"{pick.media}|{pick.frame}|{pick.at}".encode()).hexdigest()[:12]
    return f"still-{digest}{'-shut' if shut else ''}.png"
