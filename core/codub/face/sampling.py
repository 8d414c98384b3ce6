"""Pictures through an affine map, in floats: no bias on the way, no pixel skipped where the picture shrinks."""

import math
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional

from codub.compiled import compiled
from codub.face.taps import LEAST, MOST, colour_at, straight_at

LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # of RGB, Rec. 601
BARELY_SMALLER = 0.25  # a result up to 1.25 times as coarse as the picture is sampled directly
TWICE_FROM = 1.6  # from here on pixels are averaged by so large a factor that what is left is sampled directly

FloatPicture = NDArray[np.float32]


def whole_reduction(scale: float) -> int:
    """The whole factor by which pixels are averaged first, where one of the result is `scale` of them across."""
    return max(1, int(scale)) if scale < TWICE_FROM else math.ceil(scale / (1 + BARELY_SMALLER))


def sample(
    picture: NDArray[np.generic],
    matrix: NDArray[np.float64],
    size: tuple[int, int],
    scale: float,
    *,
    outside: Literal["border", "zeros"] = "border",
    kind: Literal["bicubic", "bilinear"] = "bicubic",
) -> FloatPicture:
    """Float32 (h, w, C) of `size` (w, h) from a picture (H, W, C).

    `matrix` (2, 3) takes places of the result to places of the picture (pixel centres at + 0.5); `scale` is how many
    pixels of the picture one of the result covers across. Where that is clearly more than one, every pixel counts:
    bytes are averaged first, by a whole factor, and what is left is sampled more finely and averaged. Beyond the
    picture its edge repeats, or there is 0.
    """
    reduction = whole_reduction(scale)
    finer = max(1, math.ceil(scale / reduction - BARELY_SMALLER))
    if reduction > 1 and picture.dtype == np.uint8 and picture.shape[2] == 3:
        picture = np.asarray(Image.fromarray(picture).reduce(reduction))
    elif reduction > 1:
        reduction, finer = 1, math.ceil(scale)
    columns, rows = size[0] * finer, size[1] * finer
    with torch.inference_mode():
        tensor = torch.from_numpy(np.array(picture)).permute(2, 0, 1).unsqueeze(0).float()
        height, width = (length * reduction for length in tensor.shape[2:])
        # grid_sample counts -1..1 from edge to edge of the picture.
        unit = np.array([[2 / width], [2 / height]])
        steps = torch.from_numpy(matrix[:, :2] * unit / finer)
        start = torch.from_numpy(matrix[:, 2] * unit[:, 0] - 1)
        x = (torch.arange(columns, dtype=torch.float64) + 0.5)[None, :, None] * steps[:, 0]
        y = (torch.arange(rows, dtype=torch.float64) + 0.5)[:, None, None] * steps[:, 1] + start
        grid = (x.float() + y.float()).unsqueeze(0)  # to 0.0002 pixels of a picture 4,000 wide
        result = functional.grid_sample(tensor, grid, mode=kind, padding_mode=outside, align_corners=False)
        if finer > 1:
            result = functional.avg_pool2d(result, finer)
        found: FloatPicture = result[0].permute(1, 2, 0).contiguous().numpy()
        return found


def sample_bytes(
    picture: NDArray[np.uint8],
    matrix: NDArray[np.float64],
    size: tuple[int, int],
    scale: float,
    kind: Literal["bicubic", "bilinear"] = "bicubic",
) -> NDArray[np.uint8]:
    """`sample` of RGB bytes, rounded to bytes; beyond the picture its edge repeats."""
    reduction = whole_reduction(scale)
    if scale / reduction > 1 + BARELY_SMALLER:
        crop = sample(picture, matrix, size, scale, kind=kind)
        return np.clip(np.rint(crop, out=crop), 0, 255, out=crop).astype(np.uint8)
    if reduction > 1:
        picture = np.asarray(Image.fromarray(picture).reduce(reduction))
    result = np.empty((size[1], size[0], 3), np.uint8)
    _sample_directly(np.ascontiguousarray(picture), matrix / reduction, kind == "bicubic", result)
    return result


@compiled
def _sample_directly(
    picture: NDArray[np.uint8], matrix: NDArray[np.float64], bicubic: bool, result: NDArray[np.uint8]
) -> None:
    """Without means: in less than half of torch's time."""
    flat, (height, width, _) = picture.reshape(-1), picture.shape
    for j in range(result.shape[0]):
        x = matrix[0, 0] * 0.5 + matrix[0, 1] * (j + 0.5) + matrix[0, 2] - 0.5
        y = matrix[1, 0] * 0.5 + matrix[1, 1] * (j + 0.5) + matrix[1, 2] - 0.5
        for i in range(result.shape[1]):
            if bicubic:
                colour = colour_at(flat, height, width, x + matrix[0, 0] * i, y + matrix[1, 0] * i)
            else:
                colour = straight_at(flat, height, width, x + matrix[0, 0] * i, y + matrix[1, 0] * i)
            for c in range(3):
                result[j, i, c] = np.uint8(min(max(np.rint(colour[c]), LEAST), MOST))
