"""Whose face a line has: the references that the cast chose, and the face of several that somebody pointed at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from codub.dubbing.cast.casting import Cast, CastError, FaceChoice, FramePick, Member
from codub.dubbing.plan import Shot
from codub.face.landmarks import LandmarkSource
from codub.face.looks import agreement, looks_of_tracks, mean_looks
from codub.face.model import MOUTHS
from codub.face.pointing import track_at
from codub.face.references import FaceReferences, references_of_stills, with_stills
from codub.face.still import FaceStill, find_still
from codub.face.track import FaceTrack, ShotFaces
from codub.media.probe import probe
from codub.media.still import is_still, read_picture
from codub.media.video import Frame, read_frames
from codub.timeline.placed import PlacedClip

NOBODY_DECIDED = Member("")
AROUND = 6  # frames before and after a chosen one that place its crop


class SpeakerFaces:
    """What the cast says of faces; each chosen frame is looked for once in a run."""

    def __init__(self, cast: Cast, source: Callable[[], LandmarkSource]) -> None:
        self.cast = cast
        self.source = source
        self._stills: dict[FramePick, FaceStill] = {}

    def of(self, shot: Shot, clip: PlacedClip) -> "LineFace":
        """What holds for a line in a clip."""
        return LineFace(self.cast.member(shot.voice), self.cast.told(shot.cue.number, clip), self.still)

    def still(self, pick: FramePick) -> FaceStill:
        """The face of a chosen frame.

        Raises:
            MediaError: the media is missing, has no such frame, or shows no face there.
        """
        if pick not in self._stills:
            self._stills[pick] = read_still(pick, self.source())
        return self._stills[pick]


@dataclass(frozen=True)
class LineFace:
    """The decisions for one line in one clip. Without a `still` to look chosen frames up with there are none."""

    member: Member = NOBODY_DECIDED
    told: tuple[FaceChoice, ...] = ()
    still: Callable[[FramePick], FaceStill] | None = None

    def tracks(self, faces: ShotFaces, clip: PlacedClip) -> tuple[FaceTrack, ...] | None:
        """The faces that somebody chose for the line, none of them for "nobody"; None where nobody chose.

        Raises:
            CastError: there is no face where somebody pointed.
        """
        if not self.told:
            return None
        chosen = []
        for choice in self.told:
            if choice.at is None:
                continue
            track = track_at(faces, choice.frame - clip.first_frame, choice.at)
            if track is None:
                raise CastError(
                    f"There is no face at {choice.at[0]:.2f}, {choice.at[1]:.2f} of frame {choice.frame} "
                    f"in clip '{clip.name}'.",
                    cause=f"It was chosen as the speaker of cue {choice.cue}.",
                    fix=f"Choose the face again, or let it be found: codub cast face --cue {choice.cue} --auto",
                )
            chosen.append(track)
        return tuple(chosen)

    def alike(self, faces: ShotFaces, frames: Callable[[], Iterable[Frame]]) -> dict[int, float] | None:
        """How much each face looks like the speaker's chosen pictures, by identity.

        None where none are chosen, or where there is no face to choose from.

        Raises:
            MediaError: as `references`.
        """
        picks = (*self.member.identity, *self.member.picks.values())
        if self.still is None or not picks or len(faces.tracks) < 2:
            return None
        known = [still.looks for still in map(self.still, picks) if still.looks is not None]
        if not known:
            return None
        speaker, seen = mean_looks(known), looks_of_tracks(frames(), faces.tracks)
        return {track.identity: agreement(speaker, looks) for track, looks in zip(faces.tracks, seen, strict=True)}

    def references(self, automatic: Callable[[], FaceReferences], count: int) -> FaceReferences:
        """`count` references: those chosen, and what `automatic` gives where nobody chose.

        Raises:
            MediaError: a chosen frame cannot be read, or shows no face where somebody pointed.
        """
        if self.still is None:
            return automatic()
        identity = [self.still(pick) for pick in self.member.identity]
        chosen = {kind: self.still(pick) for kind, pick in self.member.picks.items()}
        if not identity and len(chosen) >= count and set(MOUTHS[:count]) <= set(chosen):
            identity = list(chosen.values())  # nothing is left to be found
        base = references_of_stills(identity, count) if identity else automatic()
        return with_stills(base, chosen) if chosen else base


def read_still(pick: FramePick, source: LandmarkSource) -> FaceStill:
    """The face of a chosen frame, read from its media.

    Raises:
        MediaError: the media is missing, has no such frame, or shows no face there.
    """
    frames, number = frames_round(Path(pick.media), pick.frame)
    return find_still(frames, number, source, pick.at, origin=pick.name)


def frames_round(media: Path, frame: int, around: int = AROUND) -> tuple[list[Frame], int]:
    """Frames of a film round one of them, and the place of that one among them; a still picture is its one frame."""
    if is_still(media):
        return [read_picture(media)], 0
    count = probe(media).require_video().frames
    first = max(0, frame - around)
    last = min(count - 1, frame + around)
    if frame > last:
        first = last = frame  # the reader says what is wrong with it
    return list(read_frames(media, first, last - first + 1)), frame - first
