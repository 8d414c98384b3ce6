"""Which places of a padded batch count."""

import torch
from torch import Tensor


def length_mask(lengths: Tensor, longest: int | None = None) -> Tensor:
    """`(B, 1, T)` float32, 1 at the first `lengths` `(B,)` places and 0 behind; `T` is `longest` or the longest."""
    places = torch.arange(int(lengths.max()) if longest is None else longest, device=lengths.device)
    return (places[None] < lengths[:, None])[:, None].float()
