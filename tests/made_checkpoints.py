"""Checkpoints with made-up weights, of models so small that they are written in no time."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

FILTER = torch.tensor([[[0.25, 0.5, 0.25]]])
SHAPES: dict[str, dict[str, tuple[int, ...]]] = {
    "ttv": {"enc_p.emb.weight": (4, 3), "flow.flows.0.pre.weight": (2, 2, 1), "pp.conv_post.weight": (1, 2, 7)},
    "synthesizer": {"enc_p.proj.weight": (3, 2), "sn.act.filter": (1, 1, 3), "dec.conv_post.weight": (1, 2, 7)},
    "speechsr24k": {"dec.conv_pre.weight_v": (2, 1, 7), "dec.conv_pre.bias": (2,)},
    "speechsr48k": {"dec.conv_pre.weight_v": (2, 1, 7), "dec.conv_pre.bias": (2,)},
    "mms-300m": {
        "feature_extractor.conv_layers.0.conv.weight": (4, 1, 10),
        "feature_projection.projection.weight": (6, 4),
        "feature_projection.projection.bias": (6,),
        "encoder.pos_conv_embed.conv.weight_g": (1, 1, 8),
        "encoder.pos_conv_embed.conv.weight_v": (6, 2, 8),
        **{f"encoder.layers.{n}.attention.k_proj.weight": (6, 6) for n in range(7)},
    },
}


def made(name: str) -> dict[str, Tensor]:
    """A healthy state dict of one small model."""
    torch.manual_seed(len(name))
    return {key: FILTER.clone() if key.endswith("filter") else torch.randn(s) for key, s in SHAPES[name].items()}


Save = Callable[..., Path]
