"""The tensors of a published wav2vec 2.0 under one set of names, of which the first layers are kept.

`facebook/mms-300m` goes round as Wav2Vec2ForPreTraining (prefix `wav2vec2.`, heads for its training) or as
Wav2Vec2Model; its weight-normalised convolution is `weight_g`, `weight_v` in files before torch 2.0 and
`parametrizations.weight.original0`, `original1` in later ones.
"""

import re
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from codub.speech.hierspeechpp.w2v import W2vFront

_PREFIX = "wav2vec2."
_HEADS = ("quantizer.", "project_hid.", "project_q.")  # of the pre-training, on no way to the features
_NORMED = {"parametrizations.weight.original0": "weight_g", "parametrizations.weight.original1": "weight_v"}
_LAYER = re.compile(r"encoder\.layers\.(\d+)\.")
# Trained with the rest, but behind or beside the features: masking, and the norm after the last layer.
_BESIDE = ("masked_spec_embed", "encoder.layer_norm.weight", "encoder.layer_norm.bias")


def is_wav2vec2(names: Iterable[str]) -> bool:
    """Whether the names are those of a wav2vec 2.0."""
    return any(name.removeprefix(_PREFIX).startswith("feature_extractor.conv_layers.") for name in names)


def one_naming(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The backbone's tensors, named as in Wav2Vec2Model with `weight_g` and `weight_v`; the heads are left out."""
    named = {}
    for name, value in tensors.items():
        if is_head(name):
            continue
        plain = name.removeprefix(_PREFIX)
        for theirs, ours in _NORMED.items():
            plain = plain.replace(theirs, ours)
        named[plain] = value
    return named


def is_head(name: str) -> bool:
    """Whether a tensor belongs to the pre-training alone."""
    return name.startswith(_HEADS)


def layers_of(names: Iterable[str]) -> int:
    """How many transformer layers there are."""
    return 1 + max((int(found[1]) for name in names if (found := _LAYER.match(name))), default=-1)


def kept_shapes() -> dict[str, tuple[int, ...]]:
    """Keys and shapes of what is kept: what the front end is made of."""
    with torch.device("meta"):
        tensors = one_naming(W2vFront().wav2vec2.state_dict())
    return {key: tuple(value.shape) for key, value in tensors.items() if key not in _BESIDE}


def shapes_of_all_layers(first: Mapping[str, tuple[int, ...]], layers: int) -> dict[str, tuple[int, ...]]:
    """Keys and shapes of a file of `layers` layers, from those of the first few: every layer has the same shapes."""
    shapes = dict(first)
    for key, shape in first.items():
        if key.startswith("encoder.layers.0."):
            rest = key.removeprefix("encoder.layers.0.")
            shapes |= {f"encoder.layers.{number}.{rest}": shape for number in range(layers)}
    return shapes


def beside(width: int) -> dict[str, tuple[int, ...]]:
    """Keys and shapes that a file may hold and that no feature needs; `width` is the model's."""
    return {key: (width,) for key in _BESIDE}
