"""What a run shows of itself: PSNR of its checks and pictures of made frames beside true ones."""

import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from codub.training.face_data import Batch


def mouth_of(pictures: Tensor) -> Tensor:
    """The mouth window `(..., 40, 48)` of 80 x 80 crops, in proportion at other sizes."""
    size = pictures.shape[-1]
    rows, columns = slice(round(0.175 * size), round(0.675 * size)), slice(round(0.2 * size), round(0.8 * size))
    return pictures[..., rows, columns]


def psnr(made: Tensor, true: Tensor) -> float:
    """Peak signal to noise ratio in dB of pictures 0..1."""
    return -10 * math.log10(max(float(((made - true) ** 2).mean()), 1e-10))


def sample_row(made: Tensor, true: Tensor, batch: Batch, count: int = 8) -> NDArray[np.uint8]:
    """References, then true frames above made ones."""
    chosen = torch.linspace(0, len(true) - 1, count).long()
    pictures = torch.cat([batch.references[0], true[chosen]]), torch.cat([batch.references[0], made[chosen]])
    rows = [torch.cat(list(row), 2).permute(1, 2, 0) for row in pictures]
    stacked = torch.cat(rows, 0).clamp(0, 1).mul(255).round()
    return np.asarray(stacked.cpu().numpy(), np.uint8)


def write_picture(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write RGB pixels as a PNG."""
    Image.fromarray(picture).save(path)
