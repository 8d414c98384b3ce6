"""The cast of a dub: which voice each speaker gets it from, whose face, and which face of several says a line.

    DUBBED.codub/cast.json   what somebody decided; whatever is not in it is decided automatically

Media paths below the dubbed timeline's folder are kept relative to it, so that a project may move as a whole.
"""

import dataclasses
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codub import config
from codub.errors import UsageError
from codub.face.model import MOUTHS
from codub.files import replacing
from codub.timeline.placed import PlacedClip

FILE_NAME = "cast.json"
_LAYOUT = 1
_PATHS = ("media", "recording")


class CastError(UsageError):
    """A cast that cannot be read, or a choice that cannot mean anything."""


@dataclass(frozen=True)
class FramePick:
    """A face in the footage: a frame of a media file (counted in the file) and a place in it.

    `at` is (x, y) in shares of the picture's width and height, 0..1; None means the largest face. `media` is an
    absolute path; a still picture has the one frame 0.
    """

    media: str
    frame: int = 0
    at: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.frame < 0 or not self.media:
            raise CastError(f"Frame {self.frame} of '{self.media}' is no frame.")
        if self.at is not None and (len(self.at) != 2 or not all(0 <= share <= 1 for share in self.at)):
            raise CastError(
                f"The place {self.at} lies outside the picture.",
                fix="Give x and y as shares of the picture's width and height, such as 0.42,0.30.",
            )

    @property
    def name(self) -> str:
        """How reports call it: `ana.mp4:37`."""
        return f"{Path(self.media).name}:{self.frame}"


@dataclass(frozen=True)
class Member:
    """What was decided for one speaker; every field's default is "automatically".

    speaker      as the plan names the voice
    name         shown instead, "" for the same
    cues         numbers of the lines whose original sound is the voice reference; () all of them
    recording    a sound file that is the voice reference instead, absolute path
    fit_seconds  limit of the voice's fit; None: the profile's
    voice        a named voice that is used instead, such as af_heart or af_heart+am_adam@0.35; "" for the speaker's own
    identity     pictures of the person that stand in for the clip's own frames: one alone is enough
    closed, open, between, rounded, spread  single frames that stand in for the reference of that kind of mouth
    """

    speaker: str
    name: str = ""
    cues: tuple[int, ...] = ()
    recording: str = ""
    fit_seconds: float | None = None
    voice: str = ""
    identity: tuple[FramePick, ...] = ()
    closed: FramePick | None = None
    open: FramePick | None = None
    between: FramePick | None = None
    rounded: FramePick | None = None
    spread: FramePick | None = None

    def __post_init__(self) -> None:
        if self.fit_seconds is not None and self.fit_seconds < 0:
            raise CastError(f"The limit of {self.fit_seconds} s for fitting '{self.speaker}' is below 0.")
        if self.cues and self.recording:
            raise CastError(
                f"The voice of '{self.speaker}' has two references: lines and a recording.", fix="Choose one of them."
            )

    @property
    def shown(self) -> str:
        """Name for the eye."""
        return self.name or self.speaker

    @property
    def picks(self) -> dict[str, FramePick]:
        """The frames chosen for single kinds of mouth, by kind."""
        return {kind: pick for kind in MOUTHS if (pick := getattr(self, kind)) is not None}

    def with_pick(self, kind: str, pick: FramePick | None) -> "Member":
        """The member with another frame for a kind of mouth; None: found automatically."""
        assert kind in MOUTHS, kind
        return dataclasses.replace(self, **{kind: pick})  # type: ignore[arg-type]

    def without_pictures(self) -> "Member":
        """The member whose mouth is found automatically, all kinds of it."""
        return dataclasses.replace(self, identity=(), **dict.fromkeys(MOUTHS))  # type: ignore[arg-type]

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the media that were chosen for the speaker, once each."""
        media = [self.recording, *(pick.media for pick in (*self.identity, *self.picks.values()))]
        return tuple(dict.fromkeys(Path(path).name for path in media if path))

    @property
    def automatic(self) -> bool:
        """Whether nothing was decided."""
        return self == Member(self.speaker)


@dataclass(frozen=True)
class FaceChoice:
    """Who speaks a line, where faces are to choose from: the face at a place of a frame, or nobody (`at` None).

    It holds for every clip that shows this frame of this media during the cue.
    """

    cue: int
    media: str
    frame: int
    at: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        FramePick(self.media, self.frame, self.at)

    def holds_for(self, clip: PlacedClip) -> bool:
        """Whether the clip shows the frame."""
        inside = clip.first_frame <= self.frame < clip.first_frame + clip.frame_count
        return inside and Path(self.media) == clip.media.absolute()


@dataclass(frozen=True)
class Cast:
    """All that was decided, by speaker and by line; a value: changing it makes another."""

    members: tuple[Member, ...] = ()
    faces: tuple[FaceChoice, ...] = ()

    def member(self, speaker: str) -> Member:
        """What was decided for a speaker; nothing, where nobody did."""
        return next((member for member in self.members if member.speaker == speaker), Member(speaker))

    def with_member(self, member: Member) -> "Cast":
        """The cast with a speaker's decisions instead of the former ones."""
        others = tuple(m for m in self.members if m.speaker != member.speaker)
        return dataclasses.replace(self, members=others if member.automatic else (*others, member))

    def told(self, cue: int, clip: PlacedClip) -> tuple[FaceChoice, ...]:
        """The choices of a face that hold for a line in a clip."""
        return tuple(choice for choice in self.faces if choice.cue == cue and choice.holds_for(clip))

    def with_face(self, choice: FaceChoice, clip: PlacedClip) -> "Cast":
        """The cast in which a choice is the only one for its line in a clip."""
        return dataclasses.replace(self.without_face(choice.cue, clip), faces=(*self._others(choice.cue, clip), choice))

    def without_face(self, cue: int, clip: PlacedClip) -> "Cast":
        """The cast in which the speaker of a line in a clip is found automatically."""
        return dataclasses.replace(self, faces=self._others(cue, clip))

    def _others(self, cue: int, clip: PlacedClip) -> tuple[FaceChoice, ...]:
        told = self.told(cue, clip)
        return tuple(choice for choice in self.faces if choice not in told)


NO_CAST = Cast()


def read_cast(folder: Path) -> Cast:
    """The cast kept in a takes folder; an empty one where nothing was decided yet.

    Raises:
        CastError: the file is damaged or of a newer codub.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return Cast()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["layout"] != _LAYOUT:
            raise CastError(
                f"The cast in '{path}' has layout {content['layout']}; this codub knows {_LAYOUT}.",
                fix="Update codub: python -m pip install --upgrade codub",
            )
        base = folder.absolute().parent
        values = _with_paths(content["cast"], lambda name: str(base / name))
        return config.build(Cast, values, where=str(path))
    except CastError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, UsageError) as error:
        raise CastError(
            f"The cast in '{path}' cannot be read.",
            cause=f"{type(error).__name__}: {error}.",
            fix="Restore the file from a copy, or remove it: voices and faces are then chosen automatically.",
        ) from error


def write_cast(folder: Path, cast: Cast) -> None:
    """Keep the cast in a takes folder, durably, whole or not at all."""
    base = folder.absolute().parent
    values = _with_paths(dataclasses.asdict(cast), lambda name: _below(Path(name), base))
    content = {"layout": _LAYOUT, "cast": values}
    with replacing(folder / FILE_NAME) as temporary:
        temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def change_cast(folder: Path, change: Callable[[Cast], Cast]) -> Cast:
    """Read the cast as it is now, change it, keep it; what it is then."""
    cast = change(read_cast(folder))
    write_cast(folder, cast)
    return cast


def _with_paths(values: Any, rename: Callable[[str], str]) -> Any:
    """A tree of JSON values with every media path renamed."""
    if isinstance(values, dict):
        return {
            key: rename(value) if key in _PATHS and value and isinstance(value, str) else _with_paths(value, rename)
            for key, value in values.items()
        }
    if isinstance(values, Iterable) and not isinstance(values, str):
        return [_with_paths(value, rename) for value in values]
    return values


def _below(path: Path, base: Path) -> str:
    """The path relative to `base` where it lies below it, else as it is."""
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else str(path)
