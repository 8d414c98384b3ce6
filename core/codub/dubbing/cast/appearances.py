"""Where else in the project a speaker is seen: whose face it is there is beyond doubt."""

from collections.abc import Mapping
from dataclasses import dataclass

from codub.dubbing.cast.casting import Cast
from codub.dubbing.followed import clip_faces, clip_looks, clip_loudness, footage_key
from codub.dubbing.profile import Models
from codub.dubbing.shots import ClipJob, Shot
from codub.errors import CodubError
from codub.face.likeness import Looks
from codub.face.pointing import track_at
from codub.face.speaking import CLEARLY, DOUBTFUL, WeighedFace, weigh_faces
from codub.face.track import FaceTrack, ShotFaces
from codub.timeline.placed import PlacedClip

MOST_CLIPS = 3  # that are followed for one speaker besides the clip that is dubbed
ENOUGH_FRAMES, MOST_FRAMES = 250, 1500  # of such a clip: longer than enough is no better, longer than most is left out


@dataclass(frozen=True)
class Appearance:
    """A speaker's face in a clip."""

    clip: PlacedClip
    track: FaceTrack
    looks: Looks


class Appearances:
    """The clips in which each speaker is seen to speak; they are followed when they are asked for first."""

    def __init__(self, seen: Mapping[str, tuple[ClipJob, ...]], cast: Cast, models: Models) -> None:
        self._seen = seen
        self._cast = cast
        self._models = models
        self._known: dict[tuple[object, ...], Appearance | None] = {}

    def besides(self, speaker: str, clip: PlacedClip) -> tuple[Appearance, ...]:
        """Where a speaker is seen in other clips, in those that tell most; () where nobody can say.

        A clip that cannot be read is left out: the lines over it report it.
        """
        others = [job for job in self._seen.get(speaker, ()) if job.clip.address != clip.address]
        fit = [job for job in others if job.clip.frame_count <= MOST_FRAMES and job.clip.media.is_file()]
        fit.sort(key=_worth)
        found = (self._appearance(speaker, job) for job in fit[:MOST_CLIPS])
        return tuple(one for one in found if one is not None)

    def _appearance(self, speaker: str, job: ClipJob) -> Appearance | None:
        key = speaker, *footage_key(job.clip)
        if key not in self._known:
            try:
                self._known[key] = self._looked_for(speaker, job)
            except CodubError:
                self._known[key] = None
        return self._known[key]

    def _looked_for(self, speaker: str, job: ClipJob) -> Appearance | None:
        faces = clip_faces(job.clip, self._models)
        track = self._pointed_at(speaker, job, faces) or self._heard(speaker, job, faces)
        if track is None:
            return None
        place = next(i for i, other in enumerate(faces.tracks) if other is track)
        return Appearance(job.clip, track, clip_looks(job.clip, self._models)[place])

    def _pointed_at(self, speaker: str, job: ClipJob, faces: ShotFaces) -> FaceTrack | None:
        for shot in job.shots:
            for choice in self._cast.told(shot.cue.number, job.clip) if shot.voice == speaker else ():
                if choice.at is not None:
                    return track_at(faces, choice.frame - job.clip.first_frame, choice.at)
        return None

    def _heard(self, speaker: str, job: ClipJob, faces: ShotFaces) -> FaceTrack | None:
        """The only face of the only speaker, or the one of several that moves with the sound clearly best."""
        alone = len({shot.voice for shot in job.shots}) == 1
        for shot in job.shots:
            if shot.voice != speaker or self._cast.told(shot.cue.number, job.clip):
                continue
            weighed = self._weighed(shot, job, faces)
            best = max((face for face in weighed if face.speaks), key=lambda face: face.score, default=None)
            if best is None or (best.likeness is not None and best.likeness < DOUBTFUL):
                continue
            others = [face for face in weighed if face is not best]
            clear = best.likeness is not None and all(best.score >= face.score + CLEARLY for face in others)
            if clear if others else alone:
                return best.track
        return None

    def _weighed(self, shot: Shot, job: ClipJob, faces: ShotFaces) -> tuple[WeighedFace, ...]:
        sound = shot.audio_parts[0].clip if shot.audio_parts else None
        first, count = job.clip.frames_during((shot.cue.start, shot.cue.end))
        active = range(first - job.clip.first_frame, first - job.clip.first_frame + count)
        return weigh_faces(faces, clip_loudness(job.clip, sound, self._models), active)


def _worth(job: ClipJob) -> tuple[int, int, int]:
    """Sorts clips: one speaker before several, then the longer up to what is enough, then the shorter to follow."""
    frames = job.clip.frame_count
    return len({shot.voice for shot in job.shots}), -min(frames, ENOUGH_FRAMES), frames
