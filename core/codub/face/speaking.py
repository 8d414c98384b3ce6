"""Whose mouth a line belongs to: the face that moves with the original sound, or none."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from codub.face.track import FaceTrack, ShotFaces

ENVELOPE_WINDOW = 0.08  # seconds of sound that one frame's loudness is taken of
QUIETEST = -60.0  # dB under the loudest frame; below all is silence
LARGEST_LAG = 3  # frames that picture and sound may be apart
STILL_MOUTH = 0.012  # standard deviation of the opening of someone who listens, over the distance of the eyes
TRUSTED_LENGTH = 25  # frames; a correlation over fewer counts for less


def loudness(samples: NDArray[np.float32], sample_rate: int, times: Sequence[float]) -> NDArray[np.float32]:
    """Loudness of mono sound round each time in seconds, dB relative to the loudest, at least -60: (N,)."""
    power = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    middle = np.asarray(times, np.float64) * sample_rate
    half = ENVELOPE_WINDOW * sample_rate / 2
    low, high = (np.clip(np.rint(middle + d), 0, len(samples)).astype(int) for d in (-half, half))
    mean = (power[high] - power[low]) / np.maximum(high - low, 1)
    decibels = 10 * np.log10(np.maximum(mean, 1e-12))
    return np.asarray(np.maximum(decibels - decibels.max(), QUIETEST), np.float32)


def speaking_faces(
    faces: ShotFaces, sound: NDArray[np.float32] | None, active: range | None = None
) -> tuple[FaceTrack, ...]:
    """The tracks to be dubbed, in order, no two in one frame; empty when nobody in the picture speaks.

    `sound` is the original line's `loudness` per frame of the shot; without it the largest and most central face
    is taken. `active` are the frames of the line. A shot with one face needs no more than a mouth that moves.
    """
    frames = active or range(faces.frames)
    scored = [(speech_score(track, faces, sound, frames), track) for track in faces.tracks]
    chosen: list[FaceTrack] = []
    for score, track in sorted(scored, key=lambda pair: -pair[0]):
        if score > 0 and all(track.end <= other.first or other.end <= track.first for other in chosen):
            chosen.append(track)
    return tuple(sorted(chosen, key=lambda track: track.first))


def speech_score(track: FaceTrack, faces: ShotFaces, sound: NDArray[np.float32] | None, active: range) -> float:
    """How much speaks for this face: moving with the sound, then size, then the middle of the picture; 0 for none."""
    first, end = max(track.first, active.start), min(track.end, active.stop)
    seen = track.found[first - track.first : end - track.first]
    if end - first < 2 or not seen.any():
        return 0.0
    openings = track.openings[first - track.first : end - track.first]
    height, width = faces.size
    size = min(1.0, float(np.median(track.sides())) / (0.4 * height))
    middle = track.outlines.mean((0, 1)) / (width, height)
    central = 1 - min(1.0, float(np.abs(middle - 0.5).max()) * 2)
    score = 0.5 * size + 0.2 * central + 0.3 * float(seen.sum()) / max(1, len(active))
    if sound is None:
        return score
    if len(openings) >= TRUSTED_LENGTH and float(openings[seen].std()) < STILL_MOUTH:
        return 0.0
    trust = len(openings) / (len(openings) + TRUSTED_LENGTH)
    return score + 2.0 * trust * max(0.0, _likeness(openings, sound[first:end]))


def _likeness(openings: NDArray[np.float32], sound: NDArray[np.float32]) -> float:
    """The best correlation of the two within a few frames of lag, -1..1."""
    best = -1.0
    count = min(len(openings), len(sound))
    for lag in range(-LARGEST_LAG, LARGEST_LAG + 1):
        a = openings[max(0, lag) : count + min(0, lag)]
        b = sound[max(0, -lag) : count + min(0, -lag)]
        if len(a) > 3 and a.std() > 1e-6 and b.std() > 1e-6:
            best = max(best, float(np.corrcoef(a, b)[0, 1]))
    return best
