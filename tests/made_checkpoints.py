"""Checkpoints with made-up weights: tiny ones for tests, and every published file at full size for trying the plumbing.

    CODUB_HOME=HOME python tests/made_checkpoints.py FOLDER

writes 2.5 GB of seeded random weights to FOLDER as their authors publish them and imports them all into HOME: then
`codub dub --profile hierspeechpp` runs, and what it says is noise.
"""

import sys
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

Save = Callable[..., Path]


def made(name: str) -> dict[str, Tensor]:
    """A healthy state dict of one small model."""
    torch.manual_seed(len(name))
    return {key: FILTER.clone() if key.endswith("filter") else torch.randn(s) for key, s in SHAPES[name].items()}


def write_published(folder: Path) -> list[Path]:
    """Every published file at full size with the golden tensors' made-up weights, and a face of their space."""
    from golden_fill import fill

    from codub.face.generator import Generator, GeneratorConfig
    from codub.face.loading import save_face
    from codub.speech.hierspeechpp.hierarchy import HierarchicalSynthesizer
    from codub.speech.hierspeechpp.network import TextToVecNetwork
    from codub.speech.hierspeechpp.speechsr import SpeechSR

    folder.mkdir(parents=True, exist_ok=True)
    files = []

    def save(name: str, state: object) -> None:
        files.append(folder / name)
        torch.save(state, files[-1])

    save("ttv_lt960_ckpt.pth", fill(TextToVecNetwork()).state_dict())
    save("hierspeechpp_v1.1_ckpt.pth", fill(HierarchicalSynthesizer()).state_dict())
    save("speechsr48k.pth", {"model": fill(SpeechSR(48_000)).state_dict(), "iteration": 1, "optimizer": {}})
    save("pytorch_model.bin", {f"wav2vec2.{key}": value for key, value in _hearing().items()})
    torch.manual_seed(0)
    files.append(folder / "face.safetensors")
    save_face(files[-1], Generator(GeneratorConfig("hierspeechpp", channels=1024, window=14)), {"data": "none: random"})
    return files


def _hearing() -> dict[str, Tensor]:
    """All 24 layers of the shape of mms-300m."""
    from golden_fill import filled

    from codub.speech.hierspeechpp.checkpoints import hearing_layout
    from codub.speech.hierspeechpp.published_wav2vec2 import beside, shapes_of_all_layers

    shapes = shapes_of_all_layers(hearing_layout().shapes, 24) | beside(1024)
    return {key: filled(f"wav2vec2.{key}", torch.empty(shape)) for key, shape in shapes.items()}


if __name__ == "__main__":
    from codub.jobs.importing import import_checkpoints

    import_checkpoints(write_published(Path(sys.argv[1])), print)
