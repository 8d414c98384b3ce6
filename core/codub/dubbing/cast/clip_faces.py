"""The faces of a clip as they were found: boxes frame by frame, who speaks which line and why, the references.

DUBBED.codub/cast/clip-5e1b.json             one file a clip with lines, made again when either changes
DUBBED.codub/cast/clip-5e1b-0-0-closed.png   the references of its speakers
"""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from codub import config
from codub.dubbing.cast.casting import NO_CAST, Cast, FaceChoice
from codub.dubbing.cast.voice_card import FOLDER
from codub.dubbing.shots import ClipJob
from codub.errors import UsageError
from codub.face.pointing import FaceBox, nearest_box
from codub.files import replacing

Edges = tuple[float, ...]
"""Left, top, right, bottom in shares of the picture; empty where the face is lost in a frame."""


@dataclass(frozen=True)
class FoundFace:
    """A face followed through a clip: its boxes in the media's frames `first`, `first` + 1, ..."""

    identity: int
    first: int
    boxes: tuple[Edges, ...]

    def box(self, frame: int) -> FaceBox | None:
        """Where the face is in a frame of the media, None where it is not seen."""
        place = frame - self.first
        if not 0 <= place < len(self.boxes) or not self.boxes[place]:
            return None
        return FaceBox(self.identity, *self.boxes[place])


@dataclass(frozen=True)
class Verdict:
    """Whether a face was taken, automatically, for the speaker of a line, and why."""

    cue: int
    identity: int
    speaks: bool
    reason: str


@dataclass(frozen=True)
class FoundReferences:
    """References of a speaker found for the clip, in the order of `MOUTHS`: as many as the face wants.

    `frames` of the clip's media, -1 for pictures from elsewhere; `pictures` are file names; `origins` say in words
    where each is from; `looks` are those of the speaker's face in the clip (`face.looks`), () where nobody took them.
    """

    speaker: str
    identity: int
    frames: tuple[int, ...]
    pictures: tuple[str, ...]
    origins: tuple[str, ...] = ()
    looks: tuple[float, ...] = ()


@dataclass(frozen=True)
class ClipFaces:
    """What was found in the used part of a clip, from `first_frame` of its media on; `size` is (width, height)."""

    clip: str
    media: str
    first_frame: int
    frame_count: int
    size: tuple[int, ...]
    faces: tuple[FoundFace, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    references: tuple[FoundReferences, ...] = ()

    def boxes(self, frame: int) -> tuple[FaceBox, ...]:
        """The faces of a frame of the media, from left to right."""
        found = [box for face in self.faces if (box := face.box(frame)) is not None]
        return tuple(sorted(found, key=lambda box: box.middle))

    def face_at(self, frame: int, at: tuple[float, float]) -> FaceBox | None:
        """The face meant by a place of a frame, as the dub will understand it."""
        return nearest_box(self.boxes(frame), at)

    def speaking(self, cue: int, told: tuple[FaceChoice, ...] = ()) -> dict[int, str]:
        """The faces that a line's mouth is laid into, with the reasons: those chosen by hand, else those found."""
        if told:
            meant = [self.face_at(choice.frame, choice.at) for choice in told if choice.at is not None]
            return {box.identity: "chosen by hand" for box in meant if box is not None}
        return {v.identity: v.reason for v in self.verdicts if v.cue == cue and v.speaks}

    def reason(self, cue: int, identity: int) -> str:
        """What the automatic choice says of a face for a line."""
        return next((v.reason for v in self.verdicts if (v.cue, v.identity) == (cue, identity)), "")


def clip_stem(job: ClipJob, cast: Cast = NO_CAST) -> str:
    """Name of a clip's files without suffix: another one for other media, another trim, other lines.

    So it is for other pictures of its speakers in the cast: by these their faces are told apart.
    """
    clip = job.clip
    state = clip.media.stat() if clip.media.is_file() else None
    file = (str(clip.media), state and (state.st_size, state.st_mtime_ns), clip.first_frame, clip.frame_count)
    lines: list[tuple[object, ...]] = [
        (shot.cue.number, shot.cue.start, shot.cue.end, shot.voice) for shot in job.shots
    ]
    pictures = [(m.speaker, m.identity, m.picks) for m in map(cast.member, dict.fromkeys(s.voice for s in job.shots))]
    if any(identity or picks for _, identity, picks in pictures):
        lines.append((str(pictures),))
    return f"clip-{hashlib.sha256(f'{file} {lines}'.encode()).hexdigest()[:12]}"


def read_clip_faces(folder: Path, stem: str) -> ClipFaces | None:
    """What was found before; None where nobody looked yet, or the file cannot be read any more."""
    try:
        content = json.loads((folder / FOLDER / f"{stem}.json").read_text(encoding="utf-8"))
        return config.build(ClipFaces, content, where=stem)
    except (OSError, ValueError, TypeError, UsageError):
        return None  # looking again tells the same


def known_clip_faces(folder: Path, job: ClipJob, cast: Cast) -> ClipFaces | None:
    """What was found in a clip before, as far as it holds with the cast as it is now; None for nothing.

    Pictures chosen for a speaker decide nothing where there is one face or none.
    """
    found = read_clip_faces(folder, clip_stem(job, cast))
    if found is None:
        found = read_clip_faces(folder, clip_stem(job))
        if found is not None and len(found.faces) > 1:
            return None
    return found


def write_clip_faces(folder: Path, stem: str, found: ClipFaces) -> None:
    """Keep what was found, whole or not at all."""
    with replacing(folder / FOLDER / f"{stem}.json") as temporary:
        temporary.write_text(json.dumps(dataclasses.asdict(found), ensure_ascii=False) + "\n", encoding="utf-8")
