"""Layer norm over the channels of `(B, C, T)`, under the key names of the published checkpoints."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class ChannelNorm(nn.Module):
    """Zero mean and unit variance over the channels, times `gamma`, plus `beta`; epsilon 1e-5."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """`(B, C, T)` to the same shape."""
        moved = x.transpose(1, 2)
        return functional.layer_norm(moved, self.gamma.shape, self.gamma, self.beta, 1e-5).transpose(1, 2)
