"""Kokoro-82M's weights written as its author publishes them: the independent half of the import's round trip."""

from collections.abc import Mapping

import torch
from torch import Tensor

PARTS = ("bert", "bert_encoder", "predictor", "text_encoder", "decoder")
# What upstream wraps in weight norm: every convolution but these.
PLAIN = ("F0_proj", "N_proj", "noise_convs")


def published(tensors: Mapping[str, Tensor], *, new: bool = False, prefix: str = "") -> dict[str, dict[str, Tensor]]:
    """Five state dicts of our flat tensors; `new`: weight norm as torch's parametrizations, not as g and v."""
    parts: dict[str, dict[str, Tensor]] = {part: {} for part in PARTS}
    for name, value in tensors.items():
        part, _, rest = name.partition(".")
        for key, held in _as_published(part, rest, value, new=new).items():
            parts[part][prefix + key] = held
    width = tensors["bert_encoder.weight"].shape[1]
    parts["bert"][f"{prefix}pooler.weight"] = torch.zeros(width, width)
    parts["bert"][f"{prefix}pooler.bias"] = torch.zeros(width)
    return parts


def _as_published(part: str, rest: str, value: Tensor, *, new: bool) -> dict[str, Tensor]:
    owner, _, leaf = rest.rpartition(".")
    if part == "text_encoder" and rest.startswith("cnn.") and rest.split(".")[2] == "1":
        return {f"{owner}.{'gamma' if leaf == 'weight' else 'beta'}": value}
    if leaf == "weight" and value.ndim == 3 and not any(plain in owner for plain in PLAIN):
        length = value.double().flatten(1).norm(dim=1).float().reshape(-1, 1, 1)
        direction = 3 * value  # of any length
        if new:
            spot = f"{owner}.parametrizations.weight"
            return {f"{spot}.original0": length, f"{spot}.original1": direction}
        return {f"{owner}.weight_g": length, f"{owner}.weight_v": direction}
    return {rest: value}
