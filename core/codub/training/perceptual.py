"""Perceptual loss: how far pictures are apart to a frozen network that has learnt to see, at several depths.

The paper looks with VGG-19 (`vgg19.py`). The alternative where its weights were not imported: the image branch of the
sync expert, which has learnt to see lips and nothing else. The weights' header says which one it was.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.training.sync import SyncExpert
from codub.training.sync_figures import FRAMES, mouths_of


class FeatureNetwork(nn.Module):
    """Gives lower-face crops feature maps; `title` names it, `power` is that of the distance between its maps."""

    title: str
    power: int

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Maps `(B, C, h, w)`, shallow to deep, of pictures `(B, 3, S, S)` RGB 0..1."""
        raise NotImplementedError


class ExpertFeatures(FeatureNetwork):
    """The activations after each convolution of the sync expert's image branch, over its mouth window.

    Each picture is looked at as a mouth that stands still, so that single frames can be compared.
    """

    title = "sync expert's image branch"
    power = 1

    def __init__(self, expert: SyncExpert) -> None:
        super().__init__()
        self._layers = expert.sight

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Four maps, a half to a sixteenth of the mouth window's side."""
        first, *rest = self._layers
        assert isinstance(first, nn.Conv2d)
        # The same picture FRAMES times over costs no more than once.
        weight = first.weight.reshape(len(first.weight), FRAMES, 3, *first.kernel_size).sum(1)
        x = functional.conv2d(mouths_of(pictures) * 2 - 1, weight, first.bias, first.stride, first.padding)
        maps = []
        for layer in rest:
            if isinstance(layer, nn.AdaptiveAvgPool2d):
                break
            x = layer(x)
            if isinstance(layer, nn.SiLU):
                maps.append(x)
        return maps


def perceptual(made: Tensor, true: Tensor, network: FeatureNetwork) -> Tensor:
    """Distance of pictures `(B, 3, S, S)` RGB 0..1 to the frozen network; only `made` carries a gradient."""
    with torch.no_grad():
        wanted = network(true.detach())
    return feature_distance(network(made), wanted, network.power)


def feature_distance(made: Sequence[Tensor], true: Sequence[Tensor], power: int) -> Tensor:
    """Mean over the depths of `|made - true| ** power`, over that of the true maps, which makes depths count alike."""
    shares = [
        (a - b).abs().pow(power).mean() / b.abs().pow(power).mean().clamp(min=1e-6)
        for a, b in zip(made, true, strict=True)
    ]
    return torch.stack(shares).mean()
