"""Geometry between the plate and the lower-face crop, and pixels carried both ways.

Coordinates are continuous: pixel (column i, row j) of a picture covers [i, i + 1) x [j, j + 1), its centre lies at
(i + 0.5, j + 0.5). The crop is the unit square; the pixel (i, j) of a crop of `size` has its centre at
((i + 0.5) / size, (j + 0.5) / size).
"""

import math
from dataclasses import dataclass
from typing import Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from codub.face.sampling import FloatPicture, sample, sample_bytes, whole_reduction

Picture = NDArray[np.uint8]
Points = NDArray[np.float32]


class StoredPlate(Protocol):
    """A frame as it is stored, which gives RGB of the parts that are asked for."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(H, W, 3)."""
        ...

    def __getitem__(self, part: tuple[slice, slice], /) -> Picture:
        """The RGB of these rows and columns."""
        ...

    def reduced(self, rows: range, columns: range, factor: int) -> Picture:
        """The RGB of these rows and columns, each pixel the mean of a square of `factor` of the frame's to a side.

        They begin with an even number and are a multiple of `factor`; beyond the frame its edge repeats.
        """
        ...

    def changed(self, part: tuple[slice, slice], before: Picture, after: Picture) -> Self:
        """The frame with the difference of two RGB pictures of these rows and columns added."""
        ...


Plate = Picture | StoredPlate


# Corners of the two eyes in the 468-point mesh; the subject's right eye lies on the left of the picture.
RIGHT_EYE = (33, 133)
LEFT_EYE = (362, 263)

# The lower-face window in units of IOD, the distance of the two eye centres: a square below the eyes' midpoint.
WINDOW_SIDE = 2.0
WINDOW_TOP = 0.30

# Mouth window for metrics, in pixels of an 80 x 80 crop: columns and rows, 48 x 40.
MOUTH_WINDOW_OF = 80
MOUTH_COLUMNS = (16, 64)
MOUTH_ROWS = (14, 54)


@dataclass(frozen=True)
class Box:
    """Whole pixels of a plate: columns x0 <= x < x1, rows y0 <= y < y1."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def rows(self) -> slice:
        """Rows of the box, for indexing."""
        return slice(self.y0, self.y1)

    @property
    def columns(self) -> slice:
        """Columns of the box, for indexing."""
        return slice(self.x0, self.x1)

    @property
    def empty(self) -> bool:
        """Whether no pixel lies inside."""
        return self.x1 <= self.x0 or self.y1 <= self.y0


@dataclass(frozen=True)
class CropTransform:
    """`matrix` float64 (2, 3) takes plate coordinates in pixels to the unit crop; always a similarity."""

    matrix: NDArray[np.float64]

    def apply(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Unit-crop coordinates of plate points (N, 2)."""
        result: NDArray[np.float64] = points @ self.matrix[:, :2].T + self.matrix[:, 2]
        return result

    @property
    def inverse(self) -> NDArray[np.float64]:
        """(2, 3): unit crop to plate pixels."""
        (a, b, x), (c, d, y) = self.matrix.tolist()
        e = a * d - b * c
        return np.array([[d / e, -b / e, (b * y - d * x) / e], [-c / e, a / e, (c * x - a * y) / e]])

    def within(self, box: Box) -> "CropTransform":
        """The transform for what `box` cuts out of the plate."""
        matrix = self.matrix.copy()
        matrix[:, 2] += matrix[:, :2] @ [box.x0, box.y0]
        return CropTransform(matrix)

    def restore(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Plate coordinates of unit-crop points (N, 2)."""
        inverse = self.inverse
        result: NDArray[np.float64] = points @ inverse[:, :2].T + inverse[:, 2]
        return result

    @property
    def side(self) -> float:
        """Length of the crop's side on the plate, in plate pixels."""
        (a, b, _), (c, d, _) = self.matrix.tolist()
        return 1 / math.sqrt(abs(a * d - b * c))

    def bounds(self, margin: int = 0) -> Box:
        """Whole pixels round the crop, `margin` more all round, on a plate without end."""
        (a, b, x), (c, d, y) = self.inverse.tolist()
        left, right = x + min(a, 0) + min(b, 0), x + max(a, 0) + max(b, 0)
        top, bottom = y + min(c, 0) + min(d, 0), y + max(c, 0) + max(d, 0)
        low, high = (math.floor(left), math.floor(top)), (math.ceil(right), math.ceil(bottom))
        return Box(low[0] - margin, low[1] - margin, high[0] + margin, high[1] + margin)

    def box(self, shape: tuple[int, ...], margin: int = 0) -> Box:
        """Pixels of a plate of `shape` (H, W, ...) that the crop can touch; `margin` pixels more all round."""
        height, width = shape[:2]
        whole = self.bounds(margin)
        return Box(max(whole.x0, 0), max(whole.y0, 0), min(whole.x1, width), min(whole.y1, height))


def eye_centres(points: Points) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres (2,) of the eye on the left and the eye on the right of the picture, from the 468-point mesh."""
    right = points[list(RIGHT_EYE)].mean(0, dtype=np.float64)
    left = points[list(LEFT_EYE)].mean(0, dtype=np.float64)
    return right, left


def lower_face(points: Points) -> CropTransform:
    """Transform to the lower-face window, from mesh points (468, 2) in plate pixels."""
    return lower_face_of_eyes(*eye_centres(points))


def lower_face_of_eyes(first: NDArray[np.float64], second: NDArray[np.float64]) -> CropTransform:
    """Transform to the lower-face window, from the eye centres on the left and on the right of the picture."""
    across = second - first
    iod = float(np.hypot(*across))
    ex = across / iod
    ey = np.array([-ex[1], ex[0]])
    linear = np.stack([ex, ey]) / (WINDOW_SIDE * iod)
    middle = (first + second) / 2
    offset = np.array([0.5, -WINDOW_TOP / WINDOW_SIDE]) - linear @ middle
    return CropTransform(np.concatenate([linear, offset[:, None]], axis=1))


def extract(
    frame: Plate,
    transform: CropTransform,
    size: int,
    kind: Literal["bicubic", "bilinear"] = "bicubic",
    *,
    part: tuple[slice, slice] | None = None,
) -> Picture:
    """The crop (size, size, 3) of a frame (H, W, 3); black outside `part`, rows and columns of it, where it is given.

    Interpolated where the plate has fewer pixels than the crop; every plate pixel counts where it has more. Outside
    the frame its edge repeats.
    """
    scale = transform.side / size
    # Of an array the sampling itself takes means.
    reduction = 1 if isinstance(frame, np.ndarray) else whole_reduction(scale)
    piece, x0, y0 = _piece(frame, transform, 3, reduction, whole_reduction(scale) > 1)
    inverse = transform.inverse
    matrix = np.concatenate([inverse[:, :2] / size, inverse[:, 2:] - [[x0], [y0]]], axis=1) / reduction
    rows, columns = part or (slice(0, size), slice(0, size))
    matrix[:, 2] += matrix[:, :2] @ [columns.start, rows.start]
    wanted = (columns.stop - columns.start, rows.stop - rows.start)
    if part is None:
        return sample_bytes(piece, matrix, wanted, scale / reduction, kind)
    whole = np.zeros((size, size, 3), np.uint8)
    if min(wanted):
        whole[part] = sample_bytes(piece, matrix, wanted, scale / reduction, kind)
    return whole


def project(
    crop: NDArray[np.generic],
    transform: CropTransform,
    box: Box,
    *,
    outside: Literal["border", "zeros"] = "border",
    kind: Literal["bicubic", "bilinear"] = "bicubic",
) -> FloatPicture:
    """A crop (S, S, C) as the plate sees it inside `box`, float32 (h, w, C); outside the crop its edge, or zeros."""
    size = crop.shape[0]
    matrix = transform.within(box).matrix * size
    out = (box.x1 - box.x0, box.y1 - box.y0)
    return sample(crop, matrix, out, size / transform.side, outside=outside, kind=kind)


def mouth_window(crop: Picture) -> Picture:
    """The mouth window of a crop (S, S, 3): 48 x 40 when S is 80, in proportion otherwise."""
    size = crop.shape[0]
    (x0, x1), (y0, y1) = MOUTH_COLUMNS, MOUTH_ROWS
    left, right, top, bottom = (round(v * size / MOUTH_WINDOW_OF) for v in (x0, x1, y0, y1))
    return crop[top:bottom, left:right]


def _piece(
    frame: Plate, transform: CropTransform, margin: int, reduction: int, averaged: bool
) -> tuple[Picture, int, int]:
    """A cut of the frame round the crop, and its corner on the plate.

    It ends with the frame, whose edges are repeated where pixels will be `averaged`. Each pixel is the mean of a
    square of so many of the plate's as `reduction` has to a side.
    """
    wanted = transform.bounds(margin * reduction)
    if reduction > 1 and not isinstance(frame, np.ndarray):
        # They begin where the crop begins, so that a cell of a crop sees the same of a face that moves.
        starts = wanted.y0 // 2 * 2, wanted.x0 // 2 * 2
        rows, columns = (
            range(start, start - (start - stop) // reduction * reduction)
            for start, stop in zip(starts, (wanted.y1, wanted.x1), strict=True)
        )
        return frame.reduced(rows, columns, reduction), columns.start, rows.start
    (x0, x1), (y0, y1) = (
        (min(max(start, 0), length - 1), max(min(stop, length), 1))
        for start, stop, length in zip((wanted.x0, wanted.y0), (wanted.x1, wanted.y1), frame.shape[1::-1], strict=True)
    )
    piece = frame[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
    if not averaged or (x0, y0, x1, y1) == (wanted.x0, wanted.y0, wanted.x1, wanted.y1):
        return piece, x0, y0
    rows, columns = np.arange(wanted.y0, wanted.y1) - y0, np.arange(wanted.x0, wanted.x1) - x0
    piece = piece[np.clip(rows, 0, len(piece) - 1)][:, np.clip(columns, 0, piece.shape[1] - 1)]
    return piece, wanted.x0, wanted.y0
