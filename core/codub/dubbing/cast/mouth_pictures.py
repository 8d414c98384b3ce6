"""The pictures that each speaker's mouth is made of, clip by clip: those found, and those chosen by hand over them.

DUBBED.codub/cast/clip-5e1b-0-closed.png     found in a clip
DUBBED.codub/cast/still-07ac.png             chosen by hand
"""

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from codub.dubbing.cast.casting import Cast, FramePick
from codub.dubbing.cast.clip_faces import ClipFaces
from codub.dubbing.cast.voice_card import FOLDER
from codub.face.model import MOUTHS, mouth_order

OPENING = "opening"  # name of the text in a picture's file that says how far its mouth is open


@dataclass(frozen=True)
class ReferenceRow:
    """The pictures that a speaker's mouth is made of in one clip, as `MOUTHS`; `pictures` are paths.

    `frames` says where each is from, e.g. "frame 12" or "ana.mp4:37"; `chosen` which kinds somebody chose.
    """

    speaker: str
    clip: str
    pictures: tuple[Path, ...]
    frames: tuple[str, ...]
    chosen: tuple[bool, ...]

    def named(self) -> Iterator[tuple[str, str]]:
        """Each kind of mouth and where it is from."""
        return zip(MOUTHS, self.frames, strict=True)


def reference_rows(found: Sequence[ClipFaces], cast: Cast, folder: Path) -> tuple[ReferenceRow, ...]:
    """What is used for each speaker in each clip, those chosen by hand laid over those found."""
    rows = []
    for one in found:
        for references in one.references:
            pictures = [folder / FOLDER / name for name in references.pictures]
            row = ReferenceRow(
                references.speaker,
                one.clip,
                tuple(pictures),
                tuple(f"frame {number}" for number in references.frames),
                (False,) * len(MOUTHS),
            )
            rows.append(_overlaid(row, cast, folder))
    return tuple(rows)


def _overlaid(row: ReferenceRow, cast: Cast, folder: Path) -> ReferenceRow:
    member = cast.member(row.speaker)
    pictures, frames, chosen = list(row.pictures), list(row.frames), list(row.chosen)
    identity = sorted(member.identity, key=lambda pick: _opening(folder / FOLDER / still_name(pick)))
    for place, kind in enumerate(MOUTHS):
        pick = member.picks.get(kind)
        if pick is None and identity:
            pick = identity[mouth_order(len(identity), len(MOUTHS))[place]]
        if pick is not None:
            pictures[place], frames[place] = folder / FOLDER / still_name(pick), pick.name
            chosen[place] = True
    return dataclasses.replace(row, pictures=tuple(pictures), frames=tuple(frames), chosen=tuple(chosen))


def still_name(pick: FramePick) -> str:
    """Name of the picture of a face that was chosen by hand."""
    digest = hashlib.sha256(f"{pick.media}|{pick.frame}|{pick.at}".encode()).hexdigest()[:12]
    return f"still-{digest}.png"


def _opening(path: Path) -> float:
    """How far the mouth of a picture chosen by hand is open; 0 where nobody looked for it yet."""
    if not path.is_file():
        return 0.0
    with Image.open(path) as picture:
        return float(picture.info.get(OPENING, 0.0))
