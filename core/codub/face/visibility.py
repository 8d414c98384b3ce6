"""How far a face may be changed in each frame: not at all where it is turned away, lost, or has a hand before it.

A frame that is not sure passes through untouched; between touched and untouched lies a short fade.
"""

import numpy as np
from numpy.typing import NDArray

from codub.face.track import THUMBNAIL, FaceTrack

Weights = NDArray[np.float32]

SURE_FROM, SURE_UNTIL = 0.5, 0.85  # the mesh's confidence; below nothing is changed, above all of it
YAW_FROM, YAW_UNTIL = 35.0, 50.0  # degrees
SMALLEST_SIDE = 20.0  # plate pixels of the lower-face crop; a smaller mouth cannot be read anyway
FADE = 4  # frames from untouched to fully changed

# A cell of the thumbnail is covered when its colour is this far (levels of 255) from the face's own, and further
# than its usual variation by this factor; a face is covered when so large a part of its skin is.
COVERED_LEVELS = 32.0
COVERED_SPREADS = 6.0
COVERED_FROM, COVERED_UNTIL = 0.20, 0.34


def visibility(track: FaceTrack) -> Weights:
    """0..1 for each frame of the track, before any fade: (N,)."""
    sure = _ramp(track.confidence, SURE_FROM, SURE_UNTIL) * track.found
    frontal = 1 - _ramp(np.abs(track.yaws), YAW_FROM, YAW_UNTIL)
    bare = 1 - _ramp(covered(track), COVERED_FROM, COVERED_UNTIL)
    large = track.sides() >= SMALLEST_SIDE
    return np.asarray(sure * frontal * bare * large, np.float32)


def covered(track: FaceTrack) -> Weights:
    """Part of the skin round the mouth that does not look like this face does, (N,) in 0..1.

    The mouth itself and the neck are not judged: they change by themselves. A change of the light over the whole
    lower face is taken out first.
    """
    cells = track.thumbnails.astype(np.float32)[:, _skin()]
    typical = np.median(cells[track.found], axis=0)
    light = np.median(cells / np.maximum(typical, 1), axis=1, keepdims=True)
    away = np.abs(cells - typical * np.clip(light, 0.5, 2.0)).mean(2)
    spread = np.median(away[track.found], axis=0)
    return np.asarray((away > np.maximum(COVERED_LEVELS, COVERED_SPREADS * spread)).mean(1), np.float32)


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


def _skin() -> NDArray[np.bool_]:
    """Cells of the thumbnail that show skin whatever the mouth does: (8, 8)."""
    cells = np.zeros((THUMBNAIL, THUMBNAIL), bool)
    cells[0:6, 1:7] = True
    cells[2:5, 2:6] = False
    return cells


def _ramp(values: NDArray[np.floating], low: float, high: float) -> Weights:
    """0 below `low`, 1 above `high`, straight between."""
    return np.asarray(np.clip((values - low) / (high - low), 0, 1), np.float32)
