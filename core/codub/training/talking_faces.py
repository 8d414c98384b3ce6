"""Which seconds of a film show a face that can be trained on: the one that speaks, seen well enough."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from codub.face.cuts import ANOTHER_LOWER
from codub.face.sampling import LUMA
from codub.face.speaking import WeighedFace, loudness, weigh_faces
from codub.face.track import FaceTrack, ShotFaces
from codub.latent import FloatArray
from codub.timing import SPEECH_RATE
from codub.training.spoken_clip import LeftOut

Times = NDArray[np.float64]

SHORTEST = 1.0  # seconds of a clip
FEWEST = 24  # frames of a clip; the sync expert is taught with 20 in a row
WIDEST_GAP = 0.1  # seconds between two pictures of a clip
SMALLEST = 56.0  # pixels of the lower-face window, which the network sees in 80
MOST_TURNED = 35.0  # degrees
DARKEST = 28.0  # mean luma of the lower face, of 255
QUIETEST = 1e-3  # root mean square of a reel's sound: -60 dB of full scale
# Two faces whose scores (`WeighedFace.score`) are no farther apart: of two people of GRID side by side the wrong one
# is taken in 2 of 100 pairs then, and 23 are left undecided.
UNDECIDED = 0.25


@dataclass
class Heard:
    """16 kHz sound of a reel; sample 0 is at second `begins` of the film."""

    samples: FloatArray
    begins: float
    _posteriors: FloatArray | None = field(default=None, repr=False)

    @property
    def silent(self) -> bool:
        """Whether nothing is heard."""
        return not len(self.samples) or float(np.sqrt(np.mean(self.samples.astype(np.float64) ** 2))) < QUIETEST

    def between(self, start: float, end: float) -> FloatArray:
        """Samples between two moments of the film."""
        first, last = (max(0, round((second - self.begins) * SPEECH_RATE)) for second in (start, end))
        return self.samples[first:last]

    def said(self, posteriors: Callable[[FloatArray], FloatArray]) -> FloatArray:
        """The phonemes' log-probabilities, heard once."""
        if self._posteriors is None:
            self._posteriors = posteriors(self.samples)
        return self._posteriors


@dataclass(frozen=True)
class Part:
    """Frames `first` to `end_frame` of a reel in which a track can be trained on, and the times of their middles."""

    track: FaceTrack
    first: int
    end_frame: int
    times: Times

    @property
    def start(self) -> float:
        """Second at which the first picture begins."""
        return float(self.times[0]) - self._half

    @property
    def end(self) -> float:
        """Second at which the last picture ends."""
        return float(self.times[-1]) + self._half

    @property
    def _half(self) -> float:
        return float(np.median(np.diff(self.times))) / 2


def talking_parts(film: str, faces: ShotFaces, times: Times, heard: Heard) -> tuple[list[Part], list[LeftOut]]:
    """Parts of a reel with `times` (N,) that can be trained on, and what is left out for which reason."""
    whole = (film, float(times[0]), float(times[-1]))
    if heard.silent:
        return [], [LeftOut(*whole, "no sound", "nothing is heard")]
    sound = loudness(heard.samples, SPEECH_RATE, [time - heard.begins for time in times])
    weighed = weigh_faces(faces, sound)
    speaking = [face for face in weighed if face.speaks]
    parts, reasons = list[Part](), np.full(len(times), "no face", object)
    details = {"no face": "no face is seen"}
    for face in (*(face for face in weighed if not face.speaks), *speaking):
        own = np.arange(face.track.first, face.track.end)
        reasons[own] = _faults(face, weighed) if face.speaks else "nobody speaks"
        details["nobody speaks"] = face.reason if not face.speaks else details.get("nobody speaks", "")
        if face.speaks:
            parts += _parts(face.track, reasons, times)
    taken = np.zeros(len(times), np.bool_)
    for part in parts:
        taken[part.first : part.end_frame] = True
    return sorted(parts, key=lambda part: part.first), _left_out(film, reasons, taken, times, details)


def _faults(face: WeighedFace, others: Sequence[WeighedFace]) -> NDArray[np.object_]:
    """What is wrong with each entry of a track, "" where nothing is."""
    track = face.track
    found = np.full(len(track), "", object)
    luma = track.thumbnails[:].astype(np.float32).mean((1, 2)) @ LUMA
    for other in others:
        if other is not face and face.score - other.score < UNDECIDED and other.score > 0:
            first, end = max(track.first, other.track.first), min(track.end, other.track.end)
            if first < end:
                found[first - track.first : end - track.first] = "two faces"
    found[luma < DARKEST] = "too dark"
    found[np.abs(track.yaws) > MOST_TURNED] = "turned away"
    found[track.sides() < SMALLEST] = "too small"
    found[~track.found] = "no face"
    return found


_DETAILS = {
    "two faces": "two faces move, and which one speaks is not clear",
    "too dark": f"the lower face's mean luma is under {DARKEST:.0f} of 255",
    "turned away": f"the head is turned by more than {MOST_TURNED:.0f} degrees",
    "too small": f"the lower face is under {SMALLEST:.0f} pixels",
    "": f"shorter than {SHORTEST:.0f} s",
}


def _parts(track: FaceTrack, reasons: NDArray[np.object_], times: Times) -> list[Part]:
    good = np.zeros(len(reasons), np.bool_)
    good[track.first : track.end] = reasons[track.first : track.end] == ""
    parts = []
    changes = np.abs(np.diff(track.thumbnails[:].astype(np.float32), axis=0)).mean((1, 2, 3))
    breaks = np.zeros(len(reasons) - 1, np.bool_)
    breaks[track.first : track.end - 1] = changes > ANOTHER_LOWER  # whoever it is, no clip leaps so
    for first, end in _runs(good, times, breaks):
        part = Part(track, first, end, times[first:end])
        if end - first >= FEWEST and part.end - part.start >= SHORTEST - 1e-6:
            parts.append(part)
    return parts


def _runs(good: NDArray[np.bool_], times: Times, apart: NDArray[np.bool_] | bool = False) -> Iterator[tuple[int, int]]:
    """Where `good` holds on end without a gap in time, or two frames that are `apart` (N - 1,): firsts and ends."""
    breaks = np.flatnonzero((np.diff(good.astype(np.int8)) != 0) | (np.diff(times) > WIDEST_GAP) | apart) + 1
    for first, end in zip((0, *breaks.tolist()), (*breaks.tolist(), len(good)), strict=True):
        if good[first]:
            yield first, end


def _left_out(
    film: str, reasons: NDArray[np.object_], taken: NDArray[np.bool_], times: Times, details: dict[str, str]
) -> list[LeftOut]:
    """What was not taken, in pieces of one reason; pieces too short for a clip are told of only where that is all."""
    pieces = []
    for first, end in _runs(~taken, times):
        kinds, counts = np.unique(reasons[first:end].astype(str), return_counts=True)
        kind = str(kinds[counts.argmax()])
        if times[end - 1] - times[first] < SHORTEST and taken.any():
            continue
        named = kind or "too short"
        detail = details.get(kind, _DETAILS.get(kind, ""))
        pieces.append(LeftOut(film, float(times[first]), float(times[end - 1]), named, detail))
    return pieces
