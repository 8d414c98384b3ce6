"""Whose face a line has: the references that the cast chose, and the face of several that somebody pointed at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codub.dubbing.cast.appearances import Appearance, Appearances
from codub.dubbing.cast.casting import Cast, CastError, FaceChoice, FramePick, Member
from codub.dubbing.cast.mouth_pictures import stranger_text
from codub.dubbing.followed import clip_faces, clip_footage, clip_looks, footage_key
from codub.dubbing.profile import Models
from codub.dubbing.shots import Plan, Shot
from codub.face.landmarks import LandmarkSource
from codub.face.likeness import STRANGER, Looks, agreement, mean_looks
from codub.face.model import MOUTHS
from codub.face.pointing import track_at
from codub.face.reference_choice import choose_references, lacks_mouths
from codub.face.references import FaceReferences, references_of_stills, with_shut_mouth, with_stills
from codub.face.speaking import DOUBTFUL, WeighedFace, weigh_faces
from codub.face.still import FaceStill, find_still
from codub.face.track import FaceTrack, ShotFaces
from codub.media.probe import probe
from codub.media.still import is_still, read_picture
from codub.media.video import Frame, read_frames
from codub.timeline.placed import PlacedClip

NOBODY_DECIDED = Member("")
AROUND = 6  # frames before and after a chosen one that place its crop
SAME_PERSON = (
    0.8  # agreement of looks from which another clip's face lends mouths: two clips of one person, see `looks`
)


class SpeakerFaces:
    """What the cast says of faces, and what other clips show of them; each chosen frame is looked for once in a run."""

    def __init__(self, cast: Cast, plan: Plan, models: Models) -> None:
        self.cast = cast
        self.models = models
        self._appearances = Appearances(plan.seen, cast, models)
        self._stills: dict[FramePick, FaceStill] = {}

    def of(self, shot: Shot, clip: PlacedClip) -> "LineFace":
        """What holds for a line in a clip."""
        return LineFace(
            self.cast.member(shot.voice),
            self.cast.told(shot.cue.number, clip),
            self.still,
            lambda: self._appearances.besides(shot.voice, clip),
        )

    def still(self, pick: FramePick) -> FaceStill:
        """The face of a chosen frame.

        Raises:
            MediaError: the media is missing, has no such frame, or shows no face there.
        """
        if pick not in self._stills:
            self._stills[pick] = read_still(pick, self.models.landmarks)
        return self._stills[pick]


def _unchosen(pick: FramePick) -> FaceStill:
    raise AssertionError(f"nobody chose {pick.name}")


def _nowhere() -> tuple[Appearance, ...]:
    return ()


@dataclass(frozen=True)
class LineFace:
    """Whose face one line in one clip has: what was decided, and where else its speaker is seen (`elsewhere`)."""

    member: Member = NOBODY_DECIDED
    told: tuple[FaceChoice, ...] = ()
    still: Callable[[FramePick], FaceStill] = _unchosen
    elsewhere: Callable[[], tuple[Appearance, ...]] = field(default=_nowhere)

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

    def weigh(
        self, clip: PlacedClip, sound: NDArray[np.float32] | None, active: range, models: Models, *, told: bool = True
    ) -> tuple[WeighedFace, ...]:
        """Every face of the clip, weighed for the line; who was pointed at counts if `told`.

        The speaker is known by the pictures chosen, else, where several faces or a mouth that hardly moves with the
        sound leave a doubt, by other clips.

        Raises:
            CastError: as `tracks`.
            MediaError: a chosen frame cannot be read, or shows no face where somebody pointed.
        """
        faces = clip_faces(clip, models)
        pointed_at = self.tracks(faces, clip) if told else None
        several = len(faces.tracks) > 1
        known = self.pictured() if several else None
        by_hand = known is not None
        if known is None and pointed_at is None and faces.tracks:
            first = weigh_faces(faces, sound, active)
            moves = any(face.speaks and (face.likeness or 0.0) >= DOUBTFUL for face in first)
            if several or not moves:
                known = _mean(self.elsewhere())
        alike = None if known is None else _agreements(known, faces, clip_looks(clip, models))
        return weigh_faces(faces, sound, active, pointed_at, alike, by_hand)

    def pictured(self) -> Looks | None:
        """The looks of the pictures that were chosen; None where none were, or nobody took their looks.

        Raises:
            MediaError: as `weigh`.
        """
        picks = (*self.member.identity, *self.member.picks.values())
        known = [still.looks for still in map(self.still, picks) if still.looks is not None]
        return mean_looks(known) if known else None

    def doubt(self, clip: PlacedClip, track: FaceTrack, models: Models) -> str:
        """What is wrong with the pictures chosen for the speaker, whose face `track` is taken for; "" for nothing."""
        known = self.pictured()
        if known is None:
            return ""
        alike = _agreements(known, clip_faces(clip, models), clip_looks(clip, models))[track.identity]
        return stranger_text(self.member.shown, clip.name, alike) if alike < STRANGER else ""

    def references(self, clip: PlacedClip, track: FaceTrack, models: Models) -> FaceReferences:
        """As many references as the face wants: those chosen, else the clip's own frames, with those of other clips
        of the same person where the clip lacks a kind of mouth; the silent face shuts a mouth that is never shut.

        Raises:
            MediaError: a frame cannot be read, or shows no face where somebody pointed.
        """
        count = models.face.references
        identity = [self.still(pick) for pick in self.member.identity]
        chosen = {kind: self.still(pick) for kind, pick in self.member.picks.items()}
        if not identity and set(MOUTHS[:count]) <= set(chosen):
            identity = list(chosen.values())  # nothing is left to be found
        if identity:
            base = with_shut_mouth(references_of_stills(identity, count), models.silent_face)
        else:
            base = self.found_references(clip, track, models)
        return with_stills(base, chosen) if chosen else base

    def found_references(self, clip: PlacedClip, track: FaceTrack, models: Models) -> FaceReferences:
        """The references as they are without chosen pictures.

        Raises:
            MediaError: a frame cannot be read.
        """
        others = self._same_person(clip, track, models) if lacks_mouths(track) else ()
        footage = [clip_footage(clip, track, named=False)]
        footage += [clip_footage(one.clip, one.track, named=True) for one in others]
        which = (track.identity, track.first, *(part for one in others for part in footage_key(one.clip)))
        return models.memory.recall(
            ("references", *footage_key(clip), models.landmarks.name, models.face.references, *which),
            lambda: with_shut_mouth(choose_references(footage, models.face.references), models.silent_face),
        )

    def _same_person(self, clip: PlacedClip, track: FaceTrack, models: Models) -> tuple[Appearance, ...]:
        others = self.elsewhere()
        if not others:
            return ()
        faces, looks = clip_faces(clip, models), clip_looks(clip, models)
        own = next(seen for t, seen in zip(faces.tracks, looks, strict=True) if t.identity == track.identity)
        return tuple(one for one in others if agreement(own, one.looks) >= SAME_PERSON)


def _mean(seen: Sequence[Appearance]) -> Looks | None:
    return mean_looks([one.looks for one in seen]) if seen else None


def _agreements(known: Looks, faces: ShotFaces, looks: Sequence[Looks]) -> dict[int, float]:
    """How much each face of a clip looks like somebody, by identity."""
    return {track.identity: agreement(known, seen) for track, seen in zip(faces.tracks, looks, strict=True)}


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
