"""Pictures through an affine map, in floats: no rounding on the way, no pixel skipped where the picture shrinks."""

import math
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

FloatPicture = NDArray[np.float32]


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
    pixels of the picture one of the result covers across. Where that is more than one, it is sampled as finely as
    the picture and averaged. Beyond the picture its edge repeats, or there is 0.
    """
    height, width = picture.shape[:2]
    finer = max(1, math.ceil(scale - 1e-3))
    columns, rows = size[0] * finer, size[1] * finer
    with torch.inference_mode():
        tensor = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1).unsqueeze(0).float()
        # grid_sample counts -1..1 from edge to edge of the picture.
        unit = np.array([[2 / width], [2 / height]])
        steps = torch.from_numpy(matrix[:, :2] * unit / finer)
        start = torch.from_numpy(matrix[:, 2] * unit[:, 0] - 1)
        x = (torch.arange(columns, dtype=torch.float64) + 0.5)[None, :, None]
        y = (torch.arange(rows, dtype=torch.float64) + 0.5)[:, None, None]
        grid = (x * steps[:, 0] + y * steps[:, 1] + start).float().unsqueeze(0)
        result = functional.grid_sample(tensor, grid, mode=kind, padding_mode=outside, align_corners=False)
        if finer > 1:
            result = functional.avg_pool2d(result, finer)
        return np.array(result[0].permute(1, 2, 0).contiguous().numpy())
