"""A speaker's own lines looked for in a project: stretches of original footage in which the face is well seen."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from codub.dubbing.cast.speaker_faces import SpeakerFaces
from codub.dubbing.followed import clip_loudness
from codub.dubbing.profile import Models
from codub.dubbing.shots import ClipJob, Shot
from codub.errors import CodubError
from codub.evaluation.mouths import Picture
from codub.face.crop import CropTransform, extract
from codub.face.landmarks import LEAST_CONFIDENCE
from codub.face.mesh import FaceMesh, Region, region_of_mesh
from codub.face.track import FaceTrack
from codub.face.visibility import visibility
from codub.jobs.own_line import OwnLine
from codub.media.audio import read_audio
from codub.media.video import read_frames
from codub.timeline.placed import PlacedClip
from codub.timing import SPEECH_RATE, frames_to_seconds
from codub.training.face_clips import WIDE_SIZE, widened

Progress = Callable[[float, str], None]

FRONTAL = 25.0  # degrees; a mouth that is turned further teaches little of what it says
SHORTEST = 12  # frames of a stretch that is worth its while
OVERLAP = Fraction(1, 5)  # s for which somebody else may have a cue at the same time
AROUND = Fraction(1, 2)  # s of sound before and after a line, so that no frame stands at its edge
MOST_FRAMES = 4500  # pictures that are looked through, three minutes: more costs time and teaches little
HEAD = 2.0  # sides of the lower-face crop in the square in which the mesh looks for a head at first


@dataclass(frozen=True)
class OwnLines:
    """The lines that can be learnt from, and in words why others cannot."""

    lines: tuple[OwnLine, ...]
    left_out: tuple[str, ...]


def find_lines(
    jobs: Sequence[ClipJob], speaker: str, faces: SpeakerFaces, models: Models, mesh: FaceMesh, progress: Progress
) -> OwnLines:
    """The lines of a speaker in these clips, no frame of any film twice.

    A clip that cannot be read costs its own lines only.
    """
    chosen = _spread(jobs)
    lines: list[OwnLine] = []
    left_out = [f"{len(jobs) - len(chosen)} clips are not looked at: {MOST_FRAMES} frames are enough"]
    left_out = left_out if len(chosen) < len(jobs) else []
    taken: dict[str, list[range]] = {}
    for number, job in enumerate(chosen):
        progress(number / len(chosen), f"looking through {job.clip.name}")
        try:
            for shot in (shot for shot in job.shots if shot.voice == speaker):
                cut = _cut(shot, job, faces, models, mesh)
                if isinstance(cut, str):
                    left_out.append(f"cue {shot.cue.number} in {job.clip.name}: {cut}")
                elif _is_new(cut, taken):
                    lines.append(cut)
        except CodubError as error:
            left_out.append(f"{job.clip.name}: {error.message}")
    progress(1.0, f"{len(lines)} stretches found")
    return OwnLines(tuple(lines), tuple(left_out))


def _spread(jobs: Sequence[ClipJob]) -> list[ClipJob]:
    """Clips from all over the project, with no more frames together than are looked through."""
    frames = sum(job.clip.frame_count for job in jobs)
    count = len(jobs) if frames <= MOST_FRAMES else max(1, len(jobs) * MOST_FRAMES // frames)
    return [jobs[i * len(jobs) // count] for i in range(count)]


def _cut(shot: Shot, job: ClipJob, faces: SpeakerFaces, models: Models, mesh: FaceMesh) -> OwnLine | str:
    """The line's best stretch in a clip, or why there is none."""
    clip = job.clip
    if not shot.audio_parts:
        return "there is no original sound"
    if _talked_over(shot, job):
        return "somebody else speaks at the same time"
    first, count = clip.frames_during((shot.cue.start, shot.cue.end))
    active = range(first - clip.first_frame, first - clip.first_frame + count)
    sound = shot.audio_parts[0].clip
    weighed = faces.of(shot, clip).weigh(clip, clip_loudness(clip, sound, models), active, models)
    runs = [(weight.track, run) for weight in weighed if weight.speaks for run in _seen(weight.track, active)]
    if not runs:
        return "the speaker's face is not seen from the front"
    track, run = max(runs, key=lambda pair: len(pair[1]))
    points, crops = _meshes(clip, track, run, mesh)
    if len(crops) < SHORTEST:
        return f"the speaker's face is seen from the front in {len(crops)} frames only"
    begins = clip.frame_start(clip.first_frame + run.start)
    heard_from = _whole_vectors(begins - min(shot.cue.start, begins) + AROUND, models.face.space.rate)
    ends = max(shot.cue.end, begins + frames_to_seconds(len(crops), clip.rate)) + AROUND
    return OwnLine(
        shot.cue.number,
        shot.cue.source_text,
        clip,
        run.start,
        np.stack(points),
        track.transforms[run.start - track.first :][: len(crops)],
        np.stack(crops),
        read_audio(sound.media, sound.media_time(begins - heard_from), ends - begins + heard_from, SPEECH_RATE),
        heard_from,
    )


def _talked_over(shot: Shot, job: ClipJob) -> bool:
    others = [other.cue for other in job.shots if other.voice != shot.voice]
    return any(min(shot.cue.end, cue.end) - max(shot.cue.start, cue.start) > OVERLAP for cue in others)


def _seen(track: FaceTrack, active: range) -> Iterator[range]:
    """Stretches of the shot's frames in which the face is seen from the front while the line is said."""
    good = (visibility(track) >= 0.99) & (np.abs(track.yaws) <= FRONTAL)
    numbers = np.arange(track.first, track.end)
    good &= (numbers >= active.start) & (numbers < active.stop)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], good.astype(np.int8), [0]])))
    for start, stop in edges.reshape(-1, 2):
        yield range(track.first + int(start), track.first + int(stop))


def _meshes(
    clip: PlacedClip, track: FaceTrack, run: range, mesh: FaceMesh
) -> tuple[list[NDArray[np.float32]], list[Picture]]:
    """Meshes and crops of a stretch, as far as the mesh holds on to the face."""
    points: list[NDArray[np.float32]] = []
    crops: list[Picture] = []
    for number, frame in zip(run, read_frames(clip.media, clip.first_frame + run.start, len(run)), strict=False):
        transform = track.transform(number)
        region = region_of_mesh(points[-1]) if points else _head(transform)
        result = mesh.landmarks(frame, region)
        if not points:
            result = mesh.landmarks(frame, region_of_mesh(result.points))
        if result.confidence < LEAST_CONFIDENCE:
            break
        points.append(result.points)
        crops.append(extract(frame, widened(transform), WIDE_SIZE))
    return points, crops


def _head(transform: CropTransform) -> Region:
    """Where the mesh is to look first: a square round the head whose lower face is known."""
    middle, beside = transform.restore(np.array([[0.5, 0.1], [1.0, 0.1]]))
    across = beside - middle
    x, y = middle.tolist()
    return Region(x, y, HEAD * transform.side, math.atan2(across[1], across[0]))


def _whole_vectors(seconds: Fraction, rate: Fraction) -> Fraction:
    """At least so many seconds, in whole vectors of a latent space."""
    return Fraction(-(-(seconds * rate).numerator // (seconds * rate).denominator)) / rate


def _is_new(line: OwnLine, taken: dict[str, list[range]]) -> bool:
    """Whether none of the film's frames is in an earlier line; a film may lie on the timeline twice."""
    first = line.clip.first_frame + line.first
    frames, others = range(first, first + len(line)), taken.setdefault(str(line.clip.media), [])
    if any(frames.start < other.stop and other.start < frames.stop for other in others):
        return False
    others.append(frames)
    return True
