"""A normal distribution over latent frames and a draw from it; the noise is always given, never hidden."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Gaussian:
    """`mean` and `log_scale` `(B, C, T)`, independent in every number, 0 where masked; `mask` `(B, 1, T)`."""

    mean: Tensor
    log_scale: Tensor
    mask: Tensor

    def sample(self, noise: Tensor, scale: float = 1.0) -> Tensor:
        """`mean + scale noise exp(log_scale)`, masked; `noise` `(B, C, T)` is standard normal or zero."""
        return (self.mean + scale * noise * torch.exp(self.log_scale)) * self.mask

    @classmethod
    def of(cls, statistics: Tensor, mask: Tensor) -> "Gaussian":
        """From mean and log scale stacked over the channels, `(B, 2 C, T)`."""
        mean, log_scale = (statistics * mask).chunk(2, dim=1)
        return cls(mean, log_scale, mask)
