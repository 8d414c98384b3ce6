"""A shot with a new mouth: frames in, as many frames out, and never more than a few of them in memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from codub.face import warp
from codub.face.composite import Patch, composite, face_mask, match_colour
from codub.face.crop import Picture, extract
from codub.face.detail import DetailMatch, without_grain
from codub.face.hidden import hidden_parts
from codub.face.model import FaceGenerator, MouthMotion
from codub.face.references import FaceReferences, crop_size
from codub.face.track import FaceTrack
from codub.face.visibility import weights
from codub.timing import frame_times

# Latent windows round each time in seconds from the shot's first frame: (N,) to (N, C, width).
WindowSource = Callable[[NDArray[np.float64]], NDArray[np.float32]]

BATCH = 8  # frames that are held and generated together


@dataclass(frozen=True)
class FaceJob:
    """What one face of a shot is to say.

    track       the face; frames of the shot outside it pass through
    references  K crops of that face
    windows     the latent round each time, in seconds from the shot's first frame
    frames      number of frames of the shot
    rate        pictures per second, exact
    active      frames that may be changed (the line with its margins); outside it nothing is touched
    seed        of the added grain
    generator   of this face alone, where it has one of its own
    """

    track: FaceTrack
    references: FaceReferences
    windows: WindowSource
    frames: int
    rate: Fraction
    active: range
    seed: int = 0
    generator: FaceGenerator | None = None


def render_face(
    frames: Iterable[Picture], jobs: Sequence[FaceJob], generator: FaceGenerator, *, batch: int = BATCH
) -> Iterator[Picture]:
    """The shot's frames (H, W, 3) RGB uint8 in order, with the mouths of `jobs` moving by their latents.

    Exactly as many come out as went in. A frame in which nothing changes is the very array that came in. Jobs are
    faces of the same shot: one after another, or several people at once.
    """
    rendering = [_Rendering(job, job.generator or generator, changed_frames(job, jobs)) for job in jobs]
    held: list[Picture] = []
    first = 0
    for frame in frames:
        held.append(frame)
        if len(held) == batch:
            yield from _rendered(held, first, rendering)
            first += len(held)
            held = []
    yield from _rendered(held, first, rendering)


def changed_frames(job: FaceJob, jobs: Sequence[FaceJob] = ()) -> NDArray[np.float32]:
    """How far each frame of the shot is changed by a job, (frames,) in 0..1.

    Where the same face goes on speaking in another of `jobs`, right before or after, there is no fade between them.
    """
    start, stop = job.active.start, job.active.stop
    for other in sorted((j for j in jobs if j.track is job.track), key=lambda j: j.active.start):
        if other.active.start <= stop and other.active.stop > stop:
            stop = other.active.stop
    for other in sorted((j for j in jobs if j.track is job.track), key=lambda j: -j.active.stop):
        if other.active.stop >= start and other.active.start < start:
            start = other.active.start
    result = weights(job.track, job.frames, range(start, stop))
    result[: job.active.start] = 0
    result[job.active.stop :] = 0
    return result


def _rendered(frames: list[Picture], first: int, rendering: Sequence["_Rendering"]) -> list[Picture]:
    for one in rendering:
        frames = one.render(frames, first)
    return frames


class _Rendering:
    def __init__(self, job: FaceJob, generator: FaceGenerator, changed: NDArray[np.float32]) -> None:
        self._job = job
        self._generator = generator
        self._size = crop_size(job.track)
        self._weights = changed
        self._references = without_grain(job.references.at(self._size))
        self._small_references = job.references.at(generator.size)
        self._hidden = hidden_parts(job.track)
        self._detail = DetailMatch()

    def render(self, frames: list[Picture], first: int) -> list[Picture]:
        """Frames first, first + 1, ... of the shot, changed where they are to be."""
        places = [i for i in range(len(frames)) if first + i < len(self._weights) and self._weights[first + i] > 0]
        if not places:
            return frames
        result = list(frames)
        motion = self._motion([frames[i] for i in places], [first + i for i in places])
        for order, i in enumerate(places):
            result[i] = self._lay_in(frames[i], first + i, motion.frame(order))
        return result

    def _motion(self, frames: list[Picture], numbers: list[int]) -> MouthMotion:
        size = self._generator.size
        track = self._job.track
        pose = np.stack([extract(f, track.transform(n), size) for f, n in zip(frames, numbers, strict=True)])
        times = np.array([frame_times(n, 1, self._job.rate)[0] for n in numbers])
        return self._generator.generate(self._job.windows(times), pose, self._small_references)

    def _lay_in(self, frame: Picture, number: int, motion: MouthMotion) -> Picture:
        track = self._job.track
        transform = track.transform(number)
        plate = extract(frame, transform, self._size)
        everywhere = replace(motion, mask=np.ones_like(motion.mask))
        made = warp.apply(everywhere, self._references, plate)
        place = number - track.first
        mask = face_mask(motion.mask, track.outlines[place], transform, self._size)
        mask *= 1 - warp.enlarge_mask(self._hidden[place], self._size)
        made = self._detail.matched(match_colour(made, plate, mask), plate, mask)
        patch = Patch(made, plate, mask, transform)
        noise = np.random.default_rng([self._job.seed, number])
        return composite(frame, patch, float(self._weights[number]), noise)
