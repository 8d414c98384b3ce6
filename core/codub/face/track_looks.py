"""What the faces of a shot look like, each over the frames in which it is seen best."""

from collections.abc import Iterable, Sequence

import numpy as np

from codub.face.crop import Plate
from codub.face.likeness import Looks, mean_looks
from codub.face.looks import looks
from codub.face.track import FaceTrack

LOOKED_AT = 3  # frames of a track


def looks_of_tracks(frames: Iterable[Plate], tracks: Sequence[FaceTrack]) -> tuple[Looks, ...]:
    """The mean looks of each track, from the shot's frames (all of them, in order)."""
    wanted = [_frontal(track) for track in tracks]
    seen: list[list[Looks]] = [[] for _ in tracks]
    last = max((frame for numbers in wanted for frame in numbers), default=-1)
    for number, frame in enumerate(frames):
        if number > last:
            break
        for place, track in enumerate(tracks):
            if number in wanted[place]:
                seen[place].append(looks(frame, track.transform(number)))
    return tuple(mean_looks(each) for each in seen)


def _frontal(track: FaceTrack) -> set[int]:
    """Frames of the shot in which the face is seen best."""
    found = np.flatnonzero(track.found)
    best = found[np.argsort(np.abs(track.yaws[found]), kind="stable")]
    return {int(place) + track.first for place in best[:LOOKED_AT]}
