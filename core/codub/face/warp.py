"""A mouth motion applied to pictures of any resolution: flow, blend and mask are smooth, so HD stays HD."""

from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from codub.face.model import FloatArray


def warp(references: Tensor, flow: Tensor, *, bicubic: bool = False) -> Tensor:
    """References `(B, K, 3, H, W)` moved by flow `(B, K, 2, h, w)`; the flow is enlarged to the pictures' size.

    Flow is in units of the picture's side; beyond the edge the edge's colour repeats.
    """
    batch, count, _, height, width = references.shape
    flat = flow.reshape(batch * count, 2, *flow.shape[-2:])
    offset = enlarge(flat, height, width).permute(0, 2, 3, 1)
    # grid_sample counts -1..1 over the whole picture, so one side is 2 of its units.
    grid = _places(height, width, references) + 2 * offset
    moved = _sampled(references.reshape(batch * count, 3, height, width), grid, bicubic=bicubic)
    return moved.reshape(batch, count, 3, height, width)


def compose(references: Tensor, flow: Tensor, blend: Tensor, colour: Tensor, *, bicubic: bool = False) -> Tensor:
    """The generated crop `(B, 3, H, W)`: moved references and colour, mixed by `blend` `(B, K + 1, h, w)`."""
    height, width = references.shape[-2:]
    moved = warp(references, flow, bicubic=bicubic)
    shares = enlarge(blend, height, width).unsqueeze(2)
    return (moved * shares[:, :-1]).sum(1) + enlarge(colour, height, width, bicubic=bicubic) * shares[:, -1]


def enlarge(values: Tensor, height: int, width: int, *, bicubic: bool = False) -> Tensor:
    """Smooth maps `(B, C, h, w)` at another resolution, bilinearly; painted colours are pictures: bicubically."""
    if values.shape[-2:] == (height, width):
        return values
    return functional.interpolate(
        values, size=(height, width), mode="bicubic" if bicubic else "bilinear", align_corners=False
    )


def enlarge_mask(mask: FloatArray, size: int) -> FloatArray:
    """A motion's mask `(h, w)` for crops of `size` pixels."""
    return np.asarray(enlarge(torch.from_numpy(mask)[None, None], size, size)[0, 0].numpy(), np.float32)


@cache
def enlarging(side: int, size: int) -> FloatArray:
    """What takes `side` values to `size`, bicubically: (size, side)."""
    unit = torch.eye(side)[None, None]
    return np.asarray(enlarge(unit, size, side, bicubic=True)[0, 0].numpy(), np.float32)


def _sampled(pictures: Tensor, grid: Tensor, *, bicubic: bool) -> Tensor:
    mode = "bicubic" if bicubic else "bilinear"
    return functional.grid_sample(pictures, grid, mode=mode, padding_mode="border", align_corners=False)


def _places(height: int, width: int, like: Tensor) -> Tensor:
    """Centres of the pixels, `(1, H, W, 2)` as (x, y) in -1..1."""
    y = (torch.arange(height, device=like.device, dtype=like.dtype) + 0.5) * (2 / height) - 1
    x = (torch.arange(width, device=like.device, dtype=like.dtype) + 0.5) * (2 / width) - 1
    return torch.stack([x.expand(height, width), y[:, None].expand(height, width)], -1).unsqueeze(0)
