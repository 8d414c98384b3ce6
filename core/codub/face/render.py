"""A shot with a new mouth: frames in, as many frames out, and never more than a few of them in memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from codub.face.composite import Mask, Patch, composite, face_mask, match_colour, shown_part
from codub.face.crop import Box, CropTransform, Picture, Plate, extract
from codub.face.detail import REACH, DetailMatch, without_grain
from codub.face.model import FaceGenerator, MouthMotion
from codub.face.moved import MovedReferences
from codub.face.references import FaceReferences, crop_size
from codub.face.track import FaceTrack
from codub.face.visibility import weights
from codub.face.warp import enlarge_mask
from codub.timing import frame_times

# Latent windows round each time in seconds from the shot's first frame: (N,) to (N, C, width).
WindowSource = Callable[[NDArray[np.float64]], NDArray[np.float32]]

BATCH = 8  # frames that are held and generated together
MARGIN = 4  # pixels round a crop that are looked at with it


P = TypeVar("P", bound=Plate)


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
    frames: Iterable[P], jobs: Sequence[FaceJob], generator: FaceGenerator, *, batch: int = BATCH
) -> Iterator[P]:
    """The shot's frames (H, W, 3) in order, with the mouths of `jobs` moving by their latents.

    Exactly as many come out as went in. A frame in which nothing changes is the very object that came in. Jobs are
    faces of the same shot: one after another, or several people at once.
    """
    rendering = [_Rendering(job, job.generator or generator, changed_frames(job, jobs)) for job in jobs]
    held: list[P] = []
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


def _rendered(frames: list[P], first: int, rendering: Sequence["_Rendering"]) -> list[P]:
    for one in rendering:
        frames = list(frames)
        for place, cut, after in one.render(frames, first):
            frames[place] = _changed(frames[place], cut, after)
    return frames


def _changed(frame: P, cut: "_Cut", after: Picture) -> P:
    part = cut.box.rows, cut.box.columns
    if isinstance(frame, np.ndarray):
        result = frame.copy()
        result[part] = after
        return cast(P, result)
    return cast(P, frame.changed(part, cut.picture, after))


@dataclass(frozen=True)
class _Cut:
    """What is looked at of frame `number` of the shot: its place, its RGB, and the face's crop in it."""

    number: int
    box: Box
    picture: Picture
    transform: CropTransform


class _Rendering:
    def __init__(self, job: FaceJob, generator: FaceGenerator, changed: NDArray[np.float32]) -> None:
        self._job = job
        self._generator = generator
        self._size = crop_size(job.track)
        self._weights = changed
        self._references = MovedReferences(without_grain(job.references.at(self._size)))
        self._small_references = job.references.at(generator.size)
        self._detail = DetailMatch()

    def render(self, frames: Sequence[Plate], first: int) -> Iterator[tuple[int, _Cut, Picture]]:
        """Of frames first, first + 1, ... of the shot those that are to be changed: which, where, and what into."""
        places = [i for i in range(len(frames)) if first + i < len(self._weights) and self._weights[first + i] > 0]
        cuts = [(i, cut) for i in places if not (cut := self._cut(frames[i], first + i)).box.empty]
        if not cuts:
            return
        motion = self._motion([cut for _, cut in cuts])
        for order, (place, cut) in enumerate(cuts):
            yield place, cut, self._laid_in(cut, motion.frame(order))

    def _cut(self, frame: Plate, number: int) -> _Cut:
        transform = self._job.track.transform(number)
        box = transform.box(frame.shape, MARGIN)
        picture = np.zeros((0, 0, 3), np.uint8) if box.empty else frame[box.rows, box.columns]
        return _Cut(number, box, picture, transform.within(box))

    def _motion(self, cuts: Sequence[_Cut]) -> MouthMotion:
        pose = np.stack([extract(cut.picture, cut.transform, self._generator.size) for cut in cuts])
        times = np.array([frame_times(cut.number, 1, self._job.rate)[0] for cut in cuts])
        return self._generator.generate(self._job.windows(times), pose, self._small_references)

    def _laid_in(self, cut: _Cut, motion: MouthMotion) -> Picture:
        mask = self._mask(cut.number, motion.mask)
        plate = extract(cut.picture, cut.transform, self._size, part=shown_part(mask, REACH))
        made = self._references.laid(motion, plate, whole=True)
        made = self._detail.matched(match_colour(made, plate, mask), plate, mask)
        noise = np.random.default_rng([self._job.seed, cut.number])
        weight = float(self._weights[cut.number])
        return composite(cut.picture, Patch(made, plate, mask, cut.transform), weight, noise)

    def _mask(self, number: int, base: Mask) -> Mask:
        track = self._job.track
        place = number - track.first
        mask = face_mask(base, track.outlines[place], track.transform(number), self._size)
        hidden = track.hidden.share(place)
        return mask * (1 - enlarge_mask(hidden, self._size)) if hidden.any() else mask
