"""Faces of a frame as boxes, and the face that somebody points at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # boxes are shown where no torch is loaded
    from codub.face.track import FaceTrack, ShotFaces

FOREHEAD = 0.45  # of the height from temple to chin: how far a box reaches above the temples
BESIDE = 0.5  # of a box's larger side: a place so far outside it still means this face, if no other is meant


@dataclass(frozen=True)
class FaceBox:
    """Where a track's face is in one frame: left, top, right, bottom in shares of the picture, within 0..1."""

    identity: int
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> tuple[float, float]:
        """(x, y) of the middle, which points at this face."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def distance(self, at: tuple[float, float]) -> float:
        """How far a place lies outside the box, in larger sides of the box; 0 inside."""
        x, y = at
        outside = max(self.left - x, x - self.right, 0.0), max(self.top - y, y - self.bottom, 0.0)
        return float(np.hypot(*outside)) / max(self.right - self.left, self.bottom - self.top, 1e-6)


def face_box(track: "FaceTrack", frame: int, size: tuple[int, int]) -> FaceBox:
    """The box of a track's face in frame `frame` of its shot, which must lie in the track; `size` is (H, W)."""
    height, width = size
    outline = track.outlines[frame - track.first]
    (left, top), (right, bottom) = outline.min(0), outline.max(0)
    top -= FOREHEAD * (bottom - top)
    edges = np.clip([left / width, top / height, right / width, bottom / height], 0, 1)
    return FaceBox(track.identity, *map(float, edges))


def face_boxes(faces: "ShotFaces", frame: int) -> tuple[FaceBox, ...]:
    """The faces found in a frame of a shot, from left to right; a face that is lost just there is left out."""
    seen = [t for t in faces.tracks if t.first <= frame < t.end and t.found[frame - t.first]]
    boxes = [face_box(track, frame, faces.size) for track in seen]
    return tuple(sorted(boxes, key=lambda box: box.middle))


def nearest_box(boxes: Sequence[FaceBox], at: tuple[float, float]) -> FaceBox | None:
    """The box that is meant by a place: the one that holds it, else the nearest that is not far; None for no face.

    Where boxes overlap, it is the one whose middle is nearer.
    """

    def far(box: FaceBox) -> tuple[float, float]:
        x, y = box.middle
        return box.distance(at), float(np.hypot(at[0] - x, at[1] - y))

    best = min(boxes, key=far, default=None)
    return best if best is not None and best.distance(at) <= BESIDE else None


def track_at(faces: "ShotFaces", frame: int, at: tuple[float, float] | None) -> "FaceTrack | None":
    """The track of the face meant by a place of a frame (shares of width and height; None: the largest), or None."""
    there = [track for track in faces.tracks if track.first <= frame < track.end]
    if at is None:
        return max(there, key=lambda track: float(track.sides()[frame - track.first]), default=None)
    box = nearest_box([face_box(track, frame, faces.size) for track in there], at)
    return next((track for track in there if box is not None and track.identity == box.identity), None)
