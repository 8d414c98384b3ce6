"""A film of any kind cut into clips of one talking face, a few seconds each, as GRID's films are cut.

The film is decoded twice side by side, once to follow faces through some seconds of it and once to cut those that are
chosen, so that no more than one picture of it is held at a time, however long it is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from codub.errors import MediaError
from codub.face.crop import CropTransform, Plate, Points, extract
from codub.face.landmarks import FaceLandmarks, LandmarkSource
from codub.face.likeness import Looks, mean_looks
from codub.face.looks import looks
from codub.face.track import FaceTrack, find_faces
from codub.latent import FloatArray
from codub.media.audio import read_audio
from codub.media.probe import probe
from codub.media.timed import TimedFrame, timed_frames
from codub.timing import SPEECH_RATE
from codub.training.av_offset import FOLLOWS, REACH, agreement_at, agreement_by_lag, expected_opening, offset_of
from codub.training.face_clips import SIZE, WIDE, FaceClip, widened
from codub.training.film_records import CutClip, Film, FilmRecord
from codub.training.spoken_clip import LeftOut
from codub.training.talking_faces import Heard, Part, talking_parts

Picture = NDArray[np.uint8]

REEL = 10.0  # seconds that are looked at together; no clip is longer
MOST_A_SECOND = 37.5  # pictures: of a film with 50 or 60 every second one is taken, each with its own time
LONGEST_SIDE = 1920  # pixels
LOOKED_AT = 3  # frames of a clip by which a person is known again


@dataclass(frozen=True)
class CutTools:
    """What films are cut with: who finds faces, who hears phonemes `(P, T)` in 16 kHz sound, who knows voices."""

    source: LandmarkSource
    posteriors: Callable[[FloatArray], FloatArray]
    voice: Callable[[FloatArray], FloatArray]


@dataclass
class _Cut:
    """A clip that was cut, and how mouth and sound agree by lag."""

    clip: CutClip
    frames: int
    curve: NDArray[np.float64]
    at: Part


def cut_film(film: Film, tools: CutTools, keep: Callable[[FaceClip], None], size: int = SIZE) -> FilmRecord:
    """Give every clip of a film to `keep` and tell where they lie; clips that the record does not name are void.

    `size` is that of the lower-face window in pixels.

    Whatever is wrong with the film is in the record, as far as possible with the clips before it.
    """
    length, duration, cuts, left_out = 0, 0.0, list[_Cut](), list[LeftOut]()
    try:
        length = film.path.stat().st_size
        duration = float(probe(film.path).require_audio().duration)
        for cut in _cut_reels(film, tools, keep, left_out, size):
            cuts.append(cut)
    except (MediaError, OSError) as error:
        reached = max((cut.clip.end for cut in cuts), default=0.0)
        silent = isinstance(error, MediaError) and error.message.endswith("has no sound.")
        left_out.append(LeftOut(film.name, reached, reached, "no sound" if silent else "undecodable", str(error)))
    clips, out_of_sync = _in_sync(film.name, cuts)
    if not clips and not left_out and not out_of_sync:
        left_out.append(LeftOut(film.name, 0.0, duration, "too short", "no face is seen for a second on end"))
    return FilmRecord(film.name, length, duration, tuple(clips), (*left_out, *out_of_sync))


def _in_sync(film: str, cuts: list[_Cut]) -> tuple[list[CutClip], list[LeftOut]]:
    """Clips with the film's lag put right, or their own where the film as a whole has none; and those that have none.

    A clip whose mouth does not follow the sound at the film's lag shows somebody else than is heard.
    """
    if not cuts:
        return [], []
    whole = offset_of([cut.curve for cut in cuts], [cut.frames for cut in cuts])
    kept, left_out = [], []
    for cut in cuts:
        offset = whole if whole.found else offset_of([cut.curve], [cut.frames])
        part = (film, cut.clip.start, cut.clip.end)
        agreement = agreement_at(cut.curve, offset.late)
        if not offset.found:
            left_out.append(LeftOut(*part, "offset", f"undecided or too large: {offset}"))
        elif agreement < FOLLOWS:
            left_out.append(LeftOut(*part, "offset", f"the mouth does not follow the sound ({agreement:.2f})"))
        else:
            kept.append(replace(cut.clip, late=offset.late))
    return kept, left_out


def _cut_reels(
    film: Film, tools: CutTools, keep: Callable[[FaceClip], None], left_out: list[LeftOut], size: int
) -> Iterator[_Cut]:
    looking, cutting = (
        timed_frames(film.path, most_a_second=MOST_A_SECOND, longest_side=LONGEST_SIDE) for _ in range(2)
    )
    number = 0
    while True:
        times: list[float] = []
        source = _Remembering(tools.source)
        faces = find_faces(_pictures(looking, times), source)
        if not times:
            return
        heard = _hear(film, times, tools)
        parts, bad = talking_parts(film.name, faces, np.array(times), heard)
        left_out += bad
        cutters = [_Cutter(part, source, size, with_looks=not film.person) for part in parts]
        for place in range(len(times)):
            frame = next(cutting)
            for cutter in cutters:
                cutter.see(place, frame.picture)
        for cutter in cutters:
            clip = cutter.clip(f"{film.name}-{number:03d}", film.person)
            number += 1
            keep(clip)
            yield _described(clip, cutter, heard, tools)


def _pictures(frames: Iterator[TimedFrame], times: list[float]) -> Iterator[Picture]:
    """Pictures of the next seconds, whose times are added to `times`."""
    for frame in frames:
        times.append(frame.time)
        yield frame.picture
        if frame.time - times[0] >= REEL:
            return


def _hear(film: Film, times: list[float], tools: CutTools) -> Heard:
    begins = max(0.0, times[0] - REACH)
    seconds = Fraction(times[-1] + REACH - begins).limit_denominator(1000)
    samples = read_audio(film.path, Fraction(begins).limit_denominator(SPEECH_RATE), seconds, SPEECH_RATE)
    return Heard(np.asarray(samples, np.float32), begins)


def _described(clip: FaceClip, cutter: "_Cutter", heard: Heard, tools: CutTools) -> _Cut:
    part = cutter.part
    curve = agreement_by_lag(clip.opening, part.times, expected_opening(heard.said(tools.posteriors)), heard.begins)
    placed = CutClip(clip.name, part.start, part.end, 0.0)
    if cutter.looks:
        sound = heard.between(part.start, part.end)
        voice = tools.voice(sound) if np.any(sound) else np.zeros(256, np.float32)
        placed = replace(placed, looks=_rounded(mean_looks(cutter.looks)), voice=_rounded(voice))
    return _Cut(placed, len(clip), curve, part)


def _rounded(values: FloatArray) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in values)


class _Remembering:
    """A landmark source that keeps every mesh by the figures of it that a track keeps."""

    def __init__(self, source: LandmarkSource) -> None:
        self.name, self.reason = source.name, source.reason
        self._source = source
        self._meshes: dict[tuple[np.float32, ...], Points] = {}

    def find(self, frame: Plate, *, thorough: bool, known: Sequence[FaceLandmarks] = ()) -> list[FaceLandmarks]:
        return [self._kept(face) for face in self._source.find(frame, thorough=thorough, known=known)]

    def follow(self, frame: Plate, previous: FaceLandmarks) -> FaceLandmarks | None:
        face = self._source.follow(frame, previous)
        return None if face is None else self._kept(face)

    def mesh(self, track: FaceTrack, place: int) -> Points:
        """The mesh (468, 2) of entry `place` of a track, in plate pixels."""
        return self._meshes[track.openings[place], track.widths[place], track.yaws[place]]

    def _kept(self, face: FaceLandmarks) -> FaceLandmarks:
        self._meshes[np.float32(face.opening), np.float32(face.width), np.float32(face.yaw)] = face.points
        return face


class _Cutter:
    """Cuts one part out of the pictures of a reel that pass by."""

    def __init__(self, part: Part, source: _Remembering, size: int, *, with_looks: bool) -> None:
        self.part = part
        self.looks: list[Looks] = []
        self._source, self._side = source, round(WIDE * size)
        self._crops: list[Picture] = []
        own = range(part.first, part.end_frame)
        yaws = np.abs(part.track.yaws[[frame - part.track.first for frame in own]])
        frontal = np.argsort(yaws, kind="stable")[:LOOKED_AT]
        self._known_by = {part.first + int(place) for place in frontal} if with_looks else set()

    def see(self, frame: int, picture: Picture) -> None:
        if not self.part.first <= frame < self.part.end_frame:
            return
        transform = self.part.track.transform(frame)
        self._crops.append(extract(picture, widened(transform), self._side))
        if frame in self._known_by:
            self.looks.append(looks(picture, transform))

    def clip(self, name: str, person: str) -> FaceClip:
        track = self.part.track
        places = range(self.part.first - track.first, self.part.end_frame - track.first)
        meshes = [CropTransform(track.transforms[place]).apply(self._source.mesh(track, place)) for place in places]
        return FaceClip(
            name=name,
            person=person or name,
            source=name,
            first=0,
            crops=np.stack(self._crops),
            points=np.stack(meshes).astype(np.float32),
            opening=track.openings[places.start : places.stop],
            stamps=self.part.times - self.part.start,
        )
