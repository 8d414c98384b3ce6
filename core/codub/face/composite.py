"""A generated lower face laid into the plate so that nobody sees where it begins.

Only pixels under the mask change. What is laid in is the difference between the generated crop and the crop of the
plate itself, both carried back by the same resampling: what the crop could not hold, the finest grain and edges,
stays the plate's own, and a generated crop equal to the plate's changes nothing at all.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from scipy.ndimage import gaussian_filter1d

from codub.compiled import compiled
from codub.face.crop import Box, CropTransform, Picture, project
from codub.face.sampling import LUMA
from codub.face.taps import LEAST, MOST, colour_at

Mask = NDArray[np.float32]

RIM = 0.03  # of the crop's side: a border that is never changed
OUTLINE_SIDE, FINER = 96, 4  # pixels of the face's outline, and how much finer it is drawn: its edge moves smoothly
OUTLINE_GROWN, OUTLINE_SOFT = 0.05, 0.03  # of the crop's side
CHIN_ROOM = 0.22  # of the crop's side below the outline's chin, where an opened jaw goes

MATCH_SIDE = 32  # pixels at which colours are compared
MATCH_REACH = 0.12  # of the crop's side: colour changes slower than this are matched
MATCH_LIMIT = 40.0  # levels of 255; a larger difference is not one of colour
# Takes MATCH_SIDE values to their means within that reach, edges repeated.
_SLOW = gaussian_filter1d(np.eye(MATCH_SIDE, dtype=np.float32), MATCH_REACH * MATCH_SIDE, axis=0, mode="nearest")
DIRECTLY = 1.25  # crop pixels to one of the plate, up to which looks at single places are enough
LEAST_GRAIN = 0.35  # levels; less missing noise than this is not added
UNDER = np.float32(0.3)  # of the mask: where grain is looked at
GRAIN_PLACES = 10_000  # places that tell the grain to 1 %; twice as many are all looked at


@dataclass(frozen=True)
class Patch:
    """One generated frame: `made` and `plate` uint8 (S, S, 3), both crops by `transform`; `mask` (S, S) in 0..1."""

    made: Picture
    plate: Picture
    mask: Mask
    transform: CropTransform


def face_mask(base: Mask, outline: NDArray[np.floating], transform: CropTransform, size: int) -> Mask:
    """Mask (size, size): the generator's `base` (h, w) where this frame's face is, and nothing at the crop's rim.

    `outline` (R, 2) in plate pixels runs from temple to temple by way of the chin; a cheek seen from the side ends
    the mask there, so that the background behind it is kept.
    """
    points = transform.apply(outline)
    chin = points[:, 1].argmax()
    lower = points.copy()
    lower[:, 1] += CHIN_ROOM * np.clip(1 - np.abs(np.arange(len(points)) - chin) / (len(points) / 2), 0, 1)
    top = [(float(points[-1, 0]), -1.0), (float(points[0, 0]), -1.0)]
    drawn = OUTLINE_SIDE * FINER
    polygon = [(x * drawn, y * drawn) for x, y in [*map(tuple, lower), *top]]
    image = Image.new("L", (drawn, drawn))
    draw = ImageDraw.Draw(image)
    draw.polygon(polygon, fill=255)
    draw.line([*polygon, polygon[0]], fill=255, width=round(2 * OUTLINE_GROWN * drawn))
    inside = image.reduce(FINER).filter(ImageFilter.GaussianBlur(OUTLINE_SOFT * OUTLINE_SIDE))
    shown = np.asarray(inside, np.float32) / np.float32(255)
    return np.asarray(_inside_rim(base.tobytes(), base.shape, size) * _enlarged(shown, size), np.float32)


def shown_part(mask: Mask, margin: int = 0) -> tuple[slice, slice]:
    """Rows and columns of a mask (h, w) that let anything through, and `margin` more; none where nothing does."""
    sides = []
    for axis, length in ((1, mask.shape[0]), (0, mask.shape[1])):
        places = np.flatnonzero((mask > 0).any(axis=axis))
        last = int(places[-1]) + 1 if len(places) else 0
        sides.append(slice(max(int(places[0]) - margin, 0), min(last + margin, length)) if last else slice(0, 0))
    return sides[0], sides[1]


def match_colour(made: Picture, plate: Picture, mask: Mask) -> Picture:
    """`made` with the slow colour of `plate` (both (S, S, 3)), compared where skin shows in both, round the mask.

    What the mask hides stays.
    """
    reduce = _reducing(made.shape[0])
    rows = reduce @ np.subtract(plate, made, dtype=np.float32).reshape(len(made), -1)
    difference = np.clip(reduce @ rows.reshape(MATCH_SIDE, -1, 3), -MATCH_LIMIT, MATCH_LIMIT)
    shown = reduce @ mask @ reduce.T
    # Full trust on the mask's slope; the middle is the mouth, and far outside is hair and background.
    trust = np.clip(4 * shown * (1 - shown), 0.0, 1.0) + 1e-3
    trusted = np.stack([*np.moveaxis(difference * trust[..., None], -1, 0), trust])
    slow = _SLOW @ trusted @ _SLOW.T
    part = shown_part(mask)
    enlarge = _enlarging(len(made))
    down, across = (enlarge[side] for side in part)
    result = made.copy()
    _shift(result[part], down @ (slow[:3] / slow[3]) @ across.T)
    return result


@compiled
def _shift(picture: Picture, shift: NDArray[np.float32]) -> None:
    """Adds (3, h, w) levels to a picture (h, w, 3), in place."""
    for j in range(picture.shape[0]):
        for i in range(picture.shape[1]):
            for c in range(3):
                value = np.float32(picture[j, i, c]) + shift[c, j, i]
                picture[j, i, c] = np.uint8(min(max(np.rint(value), LEAST), MOST))


def composite(frame: Picture, patch: Patch, weight: float, generator: np.random.Generator) -> Picture:
    """A copy of the frame (H, W, 3) with the patch laid in, `weight` 0..1; pixels outside the mask are the same.

    Noise that the plate has and the patch lacks is added from `generator`.
    """
    box = patch.transform.box(frame.shape, margin=1)
    if box.empty or weight <= 0:
        return frame
    share, change = _carried_back(patch, box, np.float32(weight))
    rows, columns = shown_part(share)
    share, change = share[rows, columns], change[rows, columns]
    box = Box(box.x0 + columns.start, box.y0 + rows.start, box.x0 + columns.stop, box.y0 + rows.stop)
    if box.empty:
        return frame
    result = frame.copy()
    plate = frame[box.rows, box.columns]
    _lay(result[box.rows, box.columns], change, share, _missing_grain(plate, plate + change, share, generator))
    return result


def grain(picture: NDArray[Any], mask: Mask) -> float:
    """Standard deviation, in levels, of the luma's noise under the mask; edges hardly count (a median is taken)."""
    seen = _unevenness(picture, mask)
    middle = len(seen) // 2
    return float(np.partition(seen, middle)[middle] / 0.6745 / 6) if len(seen) else 0.0


def _missing_grain(
    plate: Picture, laid: NDArray[np.float32], mask: Mask, generator: np.random.Generator
) -> NDArray[np.float32]:
    missing = grain(plate, mask) ** 2 - grain(laid, mask) ** 2
    if missing < LEAST_GRAIN**2:
        return np.zeros((*mask.shape, 1), np.float32)
    noise = generator.standard_normal((*mask.shape, 1), np.float32)
    return np.asarray(noise * np.sqrt(missing), np.float32)


@compiled
def _unevenness(picture: NDArray[Any], mask: Mask) -> NDArray[np.float32]:
    """How uneven the luma is under the mask, at GRAIN_PLACES places at least if there are so many.

    It is the difference of two Laplacians, blind to slopes and straight edges (Immerkaer 1996); norm 6.
    """
    height, width = mask.shape
    count = 0
    for j in range(1, height - 1):
        for i in range(1, width - 1):
            count += 1 if mask[j, i] > UNDER else 0
    every = max(1, count // GRAIN_PLACES)
    seen = np.empty(-(-count // every), np.float32)
    count = 0
    for j in range(1, height - 1):
        for i in range(1, width - 1):
            if mask[j, i] > UNDER:
                if count % every == 0:
                    twice = np.float32(0)
                    for c in range(3):
                        middle = picture[j, i - 1, c] - 2.0 * picture[j, i, c] + picture[j, i + 1, c]
                        upper = picture[j - 1, i - 1, c] - 2.0 * picture[j - 1, i, c] + picture[j - 1, i + 1, c]
                        lower = picture[j + 1, i - 1, c] - 2.0 * picture[j + 1, i, c] + picture[j + 1, i + 1, c]
                        twice += LUMA[c] * (upper - 2 * middle + lower)
                    seen[count // every] = abs(twice)
                count += 1
    return seen


def _carried_back(patch: Patch, box: Box, weight: np.float32) -> tuple[Mask, NDArray[np.float32]]:
    """What a patch does to a box of the frame: its mask (h, w), and the change of colours (h, w, 3) under it."""
    difference, place = patch.made.astype(np.float32) - patch.plate, patch.transform
    if max(len(difference), len(patch.mask)) > DIRECTLY * place.side:
        mask = project(patch.mask[..., None], place, box, outside="zeros", kind="bilinear")
        return np.asarray(mask[..., 0] * weight), project(difference, place, box)
    share = np.empty((box.y1 - box.y0, box.x1 - box.x0), np.float32)
    change, matrix = np.zeros((*share.shape, 3), np.float32), place.within(box).matrix
    _carry_mask(patch.mask, matrix * len(patch.mask), weight, share)
    _carry_change(difference, matrix * len(difference), share, change)
    return share, change


@compiled
def _carry_mask(mask: Mask, matrix: NDArray[np.float64], weight: np.float32, share: Mask) -> None:
    """A mask (S, S) straight between its pixels, nothing beyond them; `matrix` (2, 3) takes places to its pixels."""
    size = mask.shape[0]
    for j in range(share.shape[0]):
        for i in range(share.shape[1]):
            x = matrix[0, 0] * (i + 0.5) + matrix[0, 1] * (j + 0.5) + matrix[0, 2] - 0.5
            y = matrix[1, 0] * (i + 0.5) + matrix[1, 1] * (j + 0.5) + matrix[1, 2] - 0.5
            share[j, i] = 0
            # The mask ends inside the crop: its outermost pixels are 0.
            if 0 <= x < size - 1 and 0 <= y < size - 1:
                left, top = int(x), int(y)
                past, below = np.float32(x - left), np.float32(y - top)
                upper = mask[top, left] + past * (mask[top, left + 1] - mask[top, left])
                lower = mask[top + 1, left] + past * (mask[top + 1, left + 1] - mask[top + 1, left])
                share[j, i] = weight * (upper + below * (lower - upper))


@compiled
def _carry_change(
    difference: NDArray[np.float32], matrix: NDArray[np.float64], share: Mask, change: NDArray[np.float32]
) -> None:
    """Bicubic looks at a difference (S, S, 3) where there is a share; it is 0 elsewhere."""
    flat, size = difference.reshape(-1), difference.shape[0]
    for j in range(share.shape[0]):
        for i in range(share.shape[1]):
            if share[j, i] > 0:
                x = matrix[0, 0] * (i + 0.5) + matrix[0, 1] * (j + 0.5) + matrix[0, 2] - 0.5
                y = matrix[1, 0] * (i + 0.5) + matrix[1, 1] * (j + 0.5) + matrix[1, 2] - 0.5
                change[j, i, 0], change[j, i, 1], change[j, i, 2] = colour_at(flat, size, size, x, y)


@compiled
def _lay(frame: Picture, change: NDArray[np.float32], share: Mask, noise: NDArray[np.float32]) -> None:
    for j in range(share.shape[0]):
        for i in range(share.shape[1]):
            if share[j, i] > 0:
                for c in range(3):
                    laid = np.float32(frame[j, i, c]) + share[j, i] * change[j, i, c] + share[j, i] * noise[j, i, 0]
                    frame[j, i, c] = np.uint8(min(max(np.rint(laid), LEAST), MOST))


@lru_cache(8)
def _inside_rim(base: bytes, shape: tuple[int, ...], size: int) -> Mask:
    """A generator's mask at another size, which is the same for every frame, and nothing at the rim."""
    return np.asarray(_enlarged(np.frombuffer(base, np.float32).reshape(shape), size) * _rim(size), np.float32)


@cache
def _reducing(size: int) -> NDArray[np.float32]:
    """What takes `size` values to the means of MATCH_SIDE parts: (MATCH_SIDE, size)."""
    edges = np.arange(MATCH_SIDE + 1) * size / MATCH_SIDE
    inside = np.clip(edges[1:, None] - np.arange(size), 0, 1) - np.clip(edges[:-1, None] - np.arange(size), 0, 1)
    return np.asarray(inside * MATCH_SIDE / size, np.float32)


@cache
def _enlarging(size: int) -> NDArray[np.float32]:
    """What takes MATCH_SIDE values to `size`, straight between them: (size, MATCH_SIDE)."""
    unit = Image.fromarray(np.eye(MATCH_SIDE, dtype=np.float32))
    return np.asarray(unit.resize((MATCH_SIDE, size), Image.Resampling.BILINEAR))


@cache
def _rim(size: int) -> Mask:
    """1 inside, 0 at the crop's border, with a soft step: (size, size)."""
    place = (np.arange(size, dtype=np.float32) + 0.5) / size
    step = np.clip((np.minimum(place, 1 - place) - RIM / 3) / RIM, 0, 1)
    return np.asarray(np.minimum(step[:, None], step[None, :]), np.float32)


def _enlarged(values: Mask, size: int) -> Mask:
    if values.shape == (size, size):
        return values
    return np.asarray(Image.fromarray(values).resize((size, size), Image.Resampling.BILINEAR))
