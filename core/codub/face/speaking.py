"""Whose mouth a line belongs to: the face that moves with the original sound, or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import butter, sosfiltfilt

from codub.face.likeness import STRANGER
from codub.face.track import FaceTrack, ShotFaces

# Hz that are listened to: the first formant of open vowels. A mouth that opens is loud there, while loudness as a
# whole says little of it: of two people of GRID who both speak, side by side, the opening's correlation with all of
# the sound finds the one who is heard in 113 of 228 pairs, with this band and without slow changes in 198.
MOUTH_BAND = (500.0, 1200.0)
ENVELOPE_WINDOW = 0.08  # seconds of sound that one frame's loudness is taken of
QUIETEST = -60.0  # dB under the loudest frame; below all is silence
FAINTEST = -35.0  # dB; what is quieter moves no mouth
SLOW = 4.0  # frames; standard deviation of the Gaussian mean that is taken off opening and loudness
LARGEST_LAG = 3  # frames that picture and sound may be apart
LAG_COST = 0.06  # of correlation, a frame apart: most footage is in sync
STILL_MOUTH = 0.012  # standard deviation of the opening of someone who listens, over the distance of the eyes
NOBODY = "nobody in the picture speaks the line, as chosen"
LEAST_SCORE = 0.001  # of a face that is seen and moves its mouth
SOUND_GAIN = 2.0
# Of two people of GRID who both speak, side by side, the sound alone finds the one who is heard in 298 of 328 pairs,
# the looks alone in 316, both in 325 (with 2 or 3; 321 with 1, 322 with 5).
LOOKS_GAIN = 3.0
TRUSTED_LENGTH = 25  # frames; a correlation over fewer counts for less
# A face whose mouth hardly moves with the sound and that does not look like the speaker is somebody else's.
# Of 13 GRID clips the least likeness to the own sound is 0.16; half of those to others' sound lie below.
DOUBTFUL = 0.15
CLEARLY = 0.5  # of score above all other faces: enough to say who that is without knowing the speaker's looks


def loudness(samples: NDArray[np.float32], sample_rate: int, times: Sequence[float]) -> NDArray[np.float32]:
    """Loudness of mono sound in `MOUTH_BAND` round each time in seconds, dB under the loudest, at least -60: (N,)."""
    samples = sosfiltfilt(butter(3, MOUTH_BAND, "bandpass", fs=sample_rate, output="sos"), samples)
    power = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    middle = np.asarray(times, np.float64) * sample_rate
    half = ENVELOPE_WINDOW * sample_rate / 2
    low, high = (np.clip(np.rint(middle + d), 0, len(samples)).astype(int) for d in (-half, half))
    mean = (power[high] - power[low]) / np.maximum(high - low, 1)
    decibels = 10 * np.log10(np.maximum(mean, 1e-12))
    return np.asarray(np.maximum(decibels - decibels.max(), QUIETEST), np.float32)


@dataclass(frozen=True)
class WeighedFace:
    """A face of a shot: whether it is taken for the line's speaker, how much speaks for it (0: nothing), and why.

    `likeness` is that of its mouth and the sound, -1..1; None where there is nothing to compare.
    """

    track: FaceTrack
    speaks: bool
    score: float
    reason: str
    likeness: float | None = None


def speaking_faces(
    faces: ShotFaces, sound: NDArray[np.float32] | None, active: range | None = None
) -> tuple[FaceTrack, ...]:
    """The tracks to be dubbed, in order, no two in one frame; empty when nobody in the picture speaks.

    `sound` is the original line's `loudness` per frame of the shot; without it the largest and most central face
    is taken. `active` are the frames of the line. A shot with one face needs no more than a mouth that moves.
    """
    return tuple(face.track for face in weigh_faces(faces, sound, active) if face.speaks)


def weigh_faces(
    faces: ShotFaces,
    sound: NDArray[np.float32] | None,
    active: range | None = None,
    told: Sequence[FaceTrack] | None = None,
    alike: Mapping[int, float] | None = None,
    by_hand: bool = True,
) -> tuple[WeighedFace, ...]:
    """Every face of a shot, in order of its first frame, with the choice that `speaking_faces` makes and its reason.

    `told` are the tracks that a person chose for the line: they speak whatever is seen of them, and the others only
    while none of them is in the picture. No track at all means that nobody in the picture speaks; None, that no
    person chose. `alike` says by a track's identity how much it looks like the speaker (`looks.agreement`), where
    pictures of the speaker are known: `by_hand` chosen ones, else those of the speaker's other clips, which also say
    that somebody is not the speaker.
    """
    frames = active or range(faces.frames)
    if told is not None and not told:
        return tuple(WeighedFace(track, False, 0.0, NOBODY) for track in _ordered(faces))
    first = tuple(told or ())
    known = alike or {}
    found = {
        id(track): _evidence(track, faces, sound, frames).with_looks(known.get(track.identity), by_hand)
        for track in faces.tracks
    }
    chosen: list[FaceTrack] = list(first)
    for track in sorted(faces.tracks, key=lambda track: -found[id(track)].score):
        if found[id(track)].score > 0 and not _in(track, chosen) and not _meets(track, chosen):
            chosen.append(track)
    result = []
    for track in _ordered(faces):
        speaks, evidence = _in(track, chosen), found[id(track)]
        if _in(track, first):
            reason = "chosen by hand"
        elif not speaks and _meets(track, first):
            reason = "another face was chosen by hand"
        else:
            reason = evidence.reason(alone=not _meets(track, [t for t in faces.tracks if t is not track]))
        result.append(WeighedFace(track, speaks, evidence.score, reason, evidence.likeness))
    return tuple(result)


def speech_score(track: FaceTrack, faces: ShotFaces, sound: NDArray[np.float32] | None, active: range) -> float:
    """How much speaks for this face: moving with the sound, then size, then the middle of the picture; 0 for none."""
    return _evidence(track, faces, sound, active).score


@dataclass(frozen=True)
class _Evidence:
    """What speaks for a face. `likeness` of mouth and sound and `alike` of face and speaker are -1..1 or unknown."""

    score: float = 0.0
    likeness: float | None = None
    seen: bool = False
    rests: bool = False
    alike: float | None = None
    by_hand: bool = True

    @property
    def stranger(self) -> bool:
        moves = self.likeness is not None and self.likeness >= DOUBTFUL
        return not self.by_hand and not moves and self.alike is not None and self.alike < STRANGER

    def with_looks(self, alike: float | None, by_hand: bool) -> "_Evidence":
        if alike is None or not self.score:
            return self
        known = replace(self, alike=alike, by_hand=by_hand)
        return replace(known, score=0.0 if known.stranger else max(LEAST_SCORE, self.score + LOOKS_GAIN * alike))

    def reason(self, *, alone: bool) -> str:
        if not self.seen:
            return "it is not seen during the line"
        if self.rests:
            return "its mouth rests during the line"
        moves = "" if self.likeness is None else f"its mouth moves with the sound ({self.likeness:.2f})"
        if self.alike is not None:
            pictures = "the speaker's pictures" if self.by_hand else "the speaker in other clips"
            looks = f"it {'does not look' if self.stranger else 'looks'} like {pictures} ({self.alike:.2f})"
            moves = ", ".join(filter(None, [looks, moves]))
        if alone:
            return f"the only face{', ' if moves else ''}{moves}"
        return moves or "size and place alone: there is no original sound to compare its mouth with"


def _evidence(track: FaceTrack, faces: ShotFaces, sound: NDArray[np.float32] | None, active: range) -> _Evidence:
    first, end = max(track.first, active.start), min(track.end, active.stop)
    seen = track.found[first - track.first : end - track.first]
    if end - first < 2 or not seen.any():
        return _Evidence()
    openings = track.openings[first - track.first : end - track.first]
    height, width = faces.size
    size = min(1.0, float(np.median(track.sides())) / (0.4 * height))
    middle = track.outlines.mean((0, 1)) / (width, height)
    central = 1 - min(1.0, float(np.abs(middle - 0.5).max()) * 2)
    score = 0.5 * size + 0.2 * central + 0.3 * float(seen.sum()) / max(1, len(active))
    if sound is None:
        return _Evidence(score, seen=True)
    if len(openings) >= TRUSTED_LENGTH and float(openings[seen].std()) < STILL_MOUTH:
        return _Evidence(seen=True, rests=True)
    trust = len(openings) / (len(openings) + TRUSTED_LENGTH)
    likeness = _likeness(openings, sound[first:end])
    return _Evidence(score + SOUND_GAIN * trust * max(0.0, likeness), likeness, seen=True)


def _ordered(faces: ShotFaces) -> list[FaceTrack]:
    return sorted(faces.tracks, key=lambda track: (track.first, track.identity))


def _in(track: FaceTrack, tracks: Sequence[FaceTrack]) -> bool:
    return any(track is other for other in tracks)


def _meets(track: FaceTrack, others: Sequence[FaceTrack]) -> bool:
    """Whether the track shares a frame with one of the others."""
    return any(track.first < other.end and other.first < track.end for other in others)


def _likeness(openings: NDArray[np.float32], sound: NDArray[np.float32]) -> float:
    """The best correlation of the two within a few frames of lag, -1..1; a lag costs a little."""
    best = -1.0
    count = min(len(openings), len(sound))
    quick_mouth, quick_sound = _quick(openings[:count]), _quick(np.maximum(sound[:count], FAINTEST))
    for lag in range(-LARGEST_LAG, LARGEST_LAG + 1):
        a = quick_mouth[max(0, lag) : count + min(0, lag)]
        b = quick_sound[max(0, -lag) : count + min(0, -lag)]
        if len(a) > 3 and a.std() > 1e-6 and b.std() > 1e-6:
            best = max(best, float(np.corrcoef(a, b)[0, 1]) - LAG_COST * abs(lag))
    return best


def _quick(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Without the slow changes, which two people share who speak at the same time."""
    wide = values.astype(np.float64)
    return np.asarray(wide - gaussian_filter1d(wide, SLOW))
