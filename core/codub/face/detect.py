"""Where the faces of a frame are: MediaPipe's BlazeFace, short range first, full range for what it misses.

Anchors, decoding and suppression follow the published graphs of MediaPipe (Apache-2.0); the networks run in
LiteRT. Coordinates are those of `crop.py`: continuous plate pixels, a pixel's centre at + 0.5.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from codub.face import network
from codub.face.crop import Picture, Plate

NMS_OVERLAP = 0.3
KEYPOINTS = ("right eye", "left eye", "nose tip", "mouth", "right ear", "left ear")  # of the subject
TILE_FROM = 640  # frames with a longer side than this are also searched in tiles, for faces far away


@dataclass(frozen=True)
class Detection:
    """`box` x0, y0, x1, y1 in plate pixels, `score` 0..1, `keypoints` (6, 2) in plate pixels, as in KEYPOINTS."""

    box: tuple[float, float, float, float]
    score: float
    keypoints: NDArray[np.float32]


@dataclass(frozen=True)
class Range:
    """One BlazeFace: input side in pixels, its anchor grids as (cells a side, anchors a cell), least score."""

    side: int
    grids: tuple[tuple[int, int], ...]
    least_score: float

    def anchors(self) -> NDArray[np.float32]:
        """Anchor centres (A, 2) as x, y in 0..1."""
        parts = []
        for cells, repeats in self.grids:
            y, x = np.mgrid[:cells, :cells]
            centres = (np.stack([x.ravel(), y.ravel()], axis=1) + 0.5) / cells
            parts.append(np.repeat(centres, repeats, axis=0))
        return np.concatenate(parts).astype(np.float32)


SHORT_RANGE = Range(side=128, grids=((16, 2), (8, 6)), least_score=0.5)
FULL_RANGE = Range(side=192, grids=((48, 1),), least_score=0.6)


class BlazeFace:
    """One network over one picture."""

    def __init__(self, model: Path, kind: Range, threads: int = 1) -> None:
        self.kind = kind
        self._run = network.load(model, threads)
        self._anchors = kind.anchors()

    def detect(self, picture: Plate) -> list[Detection]:
        """Faces of a picture (H, W, 3) of any size, unsuppressed duplicates merged, best first."""
        square, scale, left, top = letterbox(picture, self.kind.side)
        raw, logits = sorted(self._run(square / 127.5 - 1), key=lambda out: -out.shape[-1])
        scores = 1 / (1 + np.exp(-np.clip(logits.reshape(-1), -80, 80)))
        chosen = np.flatnonzero(scores >= self.kind.least_score)
        if not len(chosen):
            return []
        pairs = raw.reshape(-1, 8, 2)[chosen] / self.kind.side
        centre = pairs[:, :1] + self._anchors[chosen, None]
        half = pairs[:, 1:2] / 2
        points = pairs[:, 2:] + self._anchors[chosen, None]
        values = np.concatenate([centre - half, centre + half, points], axis=1)
        values = (values * self.kind.side - [left, top]) * scale
        return merge(values.astype(np.float32), scores[chosen])


class FaceDetector:
    """Short range on the whole frame; full range where that finds nothing, then in tiles of large frames."""

    def __init__(self, model: Path, threads: int = 1, *, far_model: Path | None = None) -> None:
        self._near = BlazeFace(model, SHORT_RANGE, threads)
        self._far_model = far_model
        self._threads = threads

    @cached_property
    def _far(self) -> BlazeFace | None:
        return BlazeFace(self._far_model, FULL_RANGE, self._threads) if self._far_model else None

    def detect(self, frame: Plate, *, thorough: bool = True) -> tuple[Detection, ...]:
        """Faces of a frame (H, W, 3), best first; `thorough` also searches tiles when none is found."""
        found = self._near.detect(frame)
        if found or self._far is None:
            return tuple(found)
        found = self._far.detect(frame)
        if found or not thorough or max(frame.shape[:2]) <= TILE_FROM:
            return tuple(found)
        for x, y, tile in _tiles(frame):
            shift = np.array([x, y], np.float32)
            found += [
                Detection((d.box[0] + x, d.box[1] + y, d.box[2] + x, d.box[3] + y), d.score, d.keypoints + shift)
                for d in self._far.detect(tile)
            ]
        return tuple(suppress(found))


def load_detector(threads: int = 1) -> FaceDetector:
    """The detector with the fetched weights.

    Raises:
        WeightsError: they were not fetched.
    """
    from codub import weights

    return FaceDetector(
        weights.find("face-mesh", "face_detection_short_range.tflite"),
        threads,
        far_model=weights.find("face-mesh", "face_detection_full_range.tflite"),
    )


def letterbox(picture: Plate, side: int) -> tuple[NDArray[np.float32], float, float, float]:
    """The whole picture in a square (side, side, 3) float32 0..255 with black borders.

    Also plate pixels per pixel of the square, and the borders' widths on the left and at the top.
    """
    height, width = picture.shape[:2]
    image = Image.fromarray(_smaller(picture, max(1, max(height, width) // (2 * side))))
    scale = max(height, width) / side
    inner = (max(1, round(width / scale)), max(1, round(height / scale)))
    left, top = (side - inner[0]) // 2, (side - inner[1]) // 2
    square = np.zeros((side, side, 3), np.float32)
    resized = image.resize(inner, Image.Resampling.BILINEAR)
    square[top : top + inner[1], left : left + inner[0]] = np.asarray(resized)
    return square, scale, left, top


def _smaller(picture: Plate, factor: int) -> Picture:
    """The whole picture, each pixel the mean of a square; what is left over at its end repeats its edge, or shrinks."""
    if isinstance(picture, np.ndarray):
        whole = Image.fromarray(picture)
        return np.asarray(whole if factor == 1 else whole.reduce(factor))
    if factor == 1:
        return picture[:, :]
    rows, columns = (range(-(-length // factor) * factor) for length in picture.shape[:2])
    return picture.reduced(rows, columns, factor)


def merge(values: NDArray[np.float32], scores: NDArray[np.floating]) -> list[Detection]:
    """Detections from candidates (N, 8, 2) (low corner, high corner, six keypoints), best first.

    Overlapping candidates become their mean, weighted by score: steadier than the best one alone.
    """
    found = []
    left = list(np.argsort(-scores))
    while left:
        best = values[left[0]]
        overlaps = np.array([overlap(best[:2].ravel(), values[i][:2].ravel()) for i in left])
        group = [i for i, o in zip(left, overlaps, strict=True) if o > NMS_OVERLAP] or left[:1]
        weight = scores[group] / scores[group].sum()
        mean = np.tensordot(weight, values[group], axes=1).astype(np.float32)
        x0, y0, x1, y1 = (float(v) for v in mean[:2].ravel())
        found.append(Detection((x0, y0, x1, y1), float(scores[left[0]]), mean[2:]))
        left = [i for i in left if i not in group]
    return found


def suppress(found: list[Detection]) -> list[Detection]:
    """Detections of several tiles, best first, each face once."""
    kept: list[Detection] = []
    for detection in sorted(found, key=lambda d: -d.score):
        if all(overlap(detection.box, k.box) <= NMS_OVERLAP for k in kept):
            kept.append(detection)
    return kept


def overlap(first: object, second: object) -> float:
    """Intersection over union of two boxes x0, y0, x1, y1."""
    a, b = np.asarray(first, float), np.asarray(second, float)
    size = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None)
    inner = float(size.prod())
    union = float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod()) - inner
    return inner / union if union > 0 else 0.0


def _tiles(frame: Plate) -> list[tuple[int, int, Plate]]:
    """Overlapping squares, two thirds of the frame's height, with their corners."""
    height, width = frame.shape[:2]
    side = min(height, width) * 2 // 3
    rows = np.linspace(0, height - side, 2).astype(int)
    columns = np.linspace(0, width - side, max(2, round(width / side * 1.5))).astype(int)
    return [(int(x), int(y), frame[y : y + side, x : x + side]) for y in rows for x in columns]
