"""The made-up weights of the golden tensors, rule `hpfill-1`: a value for every key, from its name and shape alone."""

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

GOLDEN = Path(__file__).resolve().parents[2] / "shared" / "golden"
needs_golden = pytest.mark.skipif(not (GOLDEN / "README.md").is_file(), reason="golden tensors are not here")


def fill(module: nn.Module) -> nn.Module:
    """The module with every tensor of its state dict filled by the rule, in evaluation mode."""
    with torch.no_grad():
        for key, tensor in module.state_dict().items():
            tensor.copy_(filled(key, tensor))
    return module.eval()


def filled(key: str, tensor: Tensor) -> Tensor:
    """The values of one key; `tensor` gives the shape, and the value of a `filter` that is kept."""
    last = key.rsplit(".", 1)[-1]
    if last == "filter":
        return tensor
    return torch.from_numpy(_values(key, last, tuple(tensor.shape)).astype(np.float32))


def _values(key: str, last: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    noise = np.random.Generator(np.random.PCG64(seed)).standard_normal(shape)
    if last == "weight_g":
        return 0.75 * (1 + 0.02 * noise)
    if last == "weight_v":
        return noise
    if last == "gamma":
        return 1 + 0.02 * noise
    if last in {"alpha", "beta"} and "act" in key.split(".")[:-1]:
        return 0.1 * noise
    if last in {"m", "logs"}:
        return 0.1 * noise
    if last in {"emb_rel_k", "emb_rel_v"} or key.endswith("emb.weight"):
        return noise / math.sqrt(shape[-1])
    if last == "weight":
        return 1 + 0.02 * noise if len(shape) == 1 else 0.8 * noise / math.sqrt(math.prod(shape[1:]))
    return 0.02 * noise


def published_keys(name: str) -> dict[str, tuple[int, ...]]:
    """Every key of a published state dict with its shape; `name` is `ttv`, `synth`, `speechsr48k` ..."""
    entries = json.loads((GOLDEN / f"keys_{name}.json").read_text())["entries"]
    return {entry["key"]: tuple(entry["shape"]) for entry in entries}


def arrays(name: str) -> dict[str, Tensor]:
    """The tensors of one golden file."""
    with np.load(GOLDEN / f"{name}.npz", allow_pickle=False) as file:
        return {key: torch.from_numpy(np.asarray(file[key])) for key in file.files}


def off_by(made: Tensor, golden: Tensor) -> float:
    """The largest difference, in standard deviations of the golden values (absolute where those are constant)."""
    assert made.shape == golden.shape, f"{tuple(made.shape)} is not {tuple(golden.shape)}"
    scale = float(golden.double().std()) if golden.numel() > 1 else 0.0
    return float((made.detach().double() - golden.double()).abs().max()) / (scale or 1.0)
