"""How far a face may be changed in each frame: not at all where it is turned away, lost, or has a hand before it.

A frame that is not sure passes through untouched; between touched and untouched lies a short fade.
"""

import numpy as np
from numpy.typing import NDArray

from codub.face.sampling import LUMA
from codub.face.spool import parts
from codub.face.track import FaceTrack

Weights = NDArray[np.float32]

SURE_FROM, SURE_UNTIL = 0.5, 0.85  # the mesh's confidence; below nothing is changed, above all of it
YAW_FROM, YAW_UNTIL = 35.0, 50.0  # degrees
SMALLEST_SIDE = 20.0  # plate pixels of the lower-face crop; a smaller mouth cannot be read anyway
FADE = 4  # frames from untouched to fully changed

# Likeness of a lower face to the track's own, relative to the usual. Speech leaves it above 0.85 in 13 of 14 GRID
# clips (a grimace in the other: 0.76); a microphone or a hand, skin-coloured ones too, takes it below 0.72.
HIDDEN_UNTIL, BARE_FROM = 0.73, 0.80
LEAST_LIKENESS = 0.3  # of a track to itself; below there is no usual face to compare with
EXEMPLARS = 64  # frames of the track that each frame is compared with
JUDGED_ROWS, JUDGED_COLUMNS = slice(1, 13), slice(2, 14)  # of the 16 x 16 thumbnail: without neck and background


def visibility(track: FaceTrack) -> Weights:
    """0..1 for each frame of the track, before any fade: (N,)."""
    sure = _ramp(track.confidence, SURE_FROM, SURE_UNTIL) * track.found
    frontal = 1 - _ramp(np.abs(track.yaws), YAW_FROM, YAW_UNTIL)
    bare = _ramp(likeness(track), HIDDEN_UNTIL, BARE_FROM) * ~track.hidden.covered_mouths()
    large = track.sides() >= SMALLEST_SIDE
    return np.asarray(sure * frontal * bare * large, np.float32)


def likeness(track: FaceTrack) -> Weights:
    """How much each frame's lower face looks like the track's usual one, (N,); 1 is usual, less is hidden.

    Median correlation with frames from the whole track, the mean of that of the luma (features) and of the colours
    (skin): light does not matter, and a hand that is there for less than half of the time does not become the usual.
    """
    frontal = np.flatnonzero(track.found & (np.abs(track.yaws) < YAW_FROM))
    if len(frontal) < 2:
        return np.ones(len(track), np.float32)
    exemplars = frontal[np.unique(np.linspace(0, len(frontal) - 1, EXEMPLARS).round().astype(int))]
    known = _patterns(track.thumbnails[exemplars])
    alike = np.empty((2, len(track)), np.float32)
    for part in parts(len(track)):
        for kind, (seen, usual) in enumerate(zip(_patterns(track.thumbnails[part]), known, strict=True)):
            alike[kind, part] = np.median(seen @ usual.T, axis=1)
    usually = np.median(alike[:, frontal], axis=1, keepdims=True)
    relative = np.where(usually > LEAST_LIKENESS, alike / np.maximum(usually, LEAST_LIKENESS), 1.0)
    return np.asarray(relative.mean(axis=0), np.float32)


def weights(track: FaceTrack, frames: int, active: range) -> Weights:
    """How far each of a shot's `frames` frames is changed, (frames,) in 0..1; 0 outside `active`.

    Fades lie inside the visible stretch, so that a problem meets a weight that is already 0. There is none at a cut
    and none where the shot itself begins or ends.
    """
    result = np.zeros(frames, np.float32)
    result[track.first : track.end] = visibility(track)[: max(0, frames - track.first)]
    result[: active.start] = 0
    result[active.stop :] = 0
    padded = np.zeros(frames + 2 * FADE, np.float32)
    padded[FADE:-FADE] = result
    if track.cut_before:
        padded[: track.first + FADE] = 1 if active.start <= track.first else 0
    end = min(track.end, frames)
    if track.cut_after or track.end > frames:
        padded[end + FADE :] = 1 if active.stop >= end else 0
    steps = np.abs(np.arange(-FADE + 1, FADE)) / FADE
    reach = np.lib.stride_tricks.sliding_window_view(padded, len(steps))
    faded = np.clip((reach + steps).min(1)[1 : frames + 1], 0, 1)
    return np.asarray(np.minimum(faded, result), np.float32)


def _patterns(thumbnails: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Luma and colours of the judged part of thumbnails (N, 16, 16, 3), each (N, M)."""
    colours = thumbnails[:, JUDGED_ROWS, JUDGED_COLUMNS].astype(np.float32)
    return _normal(colours @ LUMA), _normal(colours)


def _normal(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each frame's values (N, ...) as a vector (N, M) of mean 0 and length 1."""
    flat = values.reshape(len(values), -1)
    centred = flat - flat.mean(1, keepdims=True)
    return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1.0), np.float32)


def _ramp(values: NDArray[np.floating], low: float, high: float) -> Weights:
    """0 below `low`, 1 above `high`, straight between."""
    return np.asarray(np.clip((values - low) / (high - low), 0, 1), np.float32)
