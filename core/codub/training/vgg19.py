"""VGG-19 (Simonyan and Zisserman 2014) as far as a perceptual loss looks with it, and its weights in the layout in
which torchvision publishes them."""

from collections.abc import Mapping
from functools import cache

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from codub import imported
from codub.errors import WeightsError
from codub.speech.checkpoint_layout import Layout
from codub.training.perceptual import FeatureNetwork

NAME = "vgg-19"  # of the imported weights
TITLE = "VGG-19"

_BLOCKS = ((64, 64), (128, 128), (256, 256, 256, 256), (512, 512, 512, 512), (512, 512, 512, 512))
_CLASSIFIER = {0: (4096, 512 * 7 * 7), 3: (4096, 4096), 6: (1000, 4096)}
# What pictures of ImageNet were brought to: R, G, B.
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Vgg19(FeatureNetwork):
    """The activations after the first convolution of each of its five blocks, compared by squares."""

    title = f"{TITLE}, trained on ImageNet"
    power = 2
    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(_MEAN)[:, None, None], persistent=False)
        self.register_buffer("deviation", torch.tensor(_DEVIATION)[:, None, None], persistent=False)
        layers: list[nn.Module] = []
        self._looked_at = []
        inputs = 3
        for block in _BLOCKS:
            self._looked_at.append(len(layers) + 1)
            for width in block:
                layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
                inputs = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Five maps, of the crop's own side to a sixteenth of it."""
        x = (pictures - self.mean) / self.deviation
        maps = []
        for number, layer in enumerate(list(self.features)[: self._looked_at[-1] + 1]):
            x = layer(x)
            if number in self._looked_at:
                maps.append(x)
        return maps


@cache
def layout() -> Layout:
    """Keys and shapes of the published file."""
    with torch.device("meta"):
        shapes = {name: tuple(value.shape) for name, value in Vgg19().state_dict().items()}
    for number, shape in _CLASSIFIER.items():
        shapes |= {f"classifier.{number}.weight": shape, f"classifier.{number}.bias": shape[:1]}
    return Layout(TITLE, shapes, {})


def is_vgg19(tensors: Mapping[str, Tensor]) -> bool:
    """Whether a file is one of it, broken or whole: no other of its family has a convolution there."""
    return "features.34.weight" in tensors and "features.0.weight" in tensors


def kept(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What the loss needs: everything but the classifier."""
    return {name: value for name, value in tensors.items() if name.startswith("features.")}


def is_here() -> bool:
    """Whether the weights were imported."""
    return imported.present(imported.IMPORTED[NAME])


def load_vgg19() -> Vgg19:
    """The network with the imported weights, frozen.

    Raises:
        WeightsError: they were not imported, or were damaged since.
    """
    path = imported.find(NAME)
    network = Vgg19()
    try:
        network.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError, OSError) as error:
        raise WeightsError(
            f"The imported weights '{NAME}' cannot be used.",
            cause=f"{path}: {str(error).splitlines()[0]}",
            fix="Import the file again: codub weights import FILE",
        ) from error
    return network.eval().requires_grad_(False)
