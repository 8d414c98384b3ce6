"""Tensors out of a file that somebody else wrote: PyTorch's `.pth` or safetensors. Nothing in it is ever executed."""

import pickle
import re
import struct
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from codub.errors import WeightsError

# VITS' descendants write {'model', 'iteration', 'optimizer', 'learning_rate'} to G_<step>.pth, `iteration` the epoch.
_WRAPPED = "model"
_STEP = re.compile(r"[GD]_(\d+)")
_PARALLEL = "module."  # the prefix that data-parallel training leaves behind
_SHOWN = 3  # names that an error quotes
# What unpickling damaged or hostile bytes raises under `weights_only`; found by cutting files and flipping bytes.
_UNREADABLE = (
    pickle.UnpicklingError,
    RuntimeError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
    ImportError,
    AssertionError,
    OverflowError,
    struct.error,
)
_FOREIGN = {
    b"version https://git-lfs": ("a pointer of Git LFS, not the file itself", "Get the file: git lfs pull"),
    b"<!doctype html": ("a web page, not the file itself", "Open the page in a browser and download the file."),
    b"<html": ("a web page, not the file itself", "Open the page in a browser and download the file."),
}


@dataclass(frozen=True)
class CheckpointFile:
    """What a file holds: tensors by name, the training step and epoch it states, how it was laid out, in words.

    The tensors of large files stay on the disk until they are read. Of safetensors: `metadata` is the header's own,
    `names` are the tensors' before a prefix was taken off.
    """

    path: Path
    tensors: Mapping[str, Tensor]
    layout: str
    step: int | None = None
    epoch: int | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()


def read_checkpoint(path: Path) -> CheckpointFile:
    """The tensors of a `.pth`, `.bin`, `.pt` or `.safetensors` file.

    Raises:
        WeightsError: it is a folder, missing, cut off, damaged, hostile, or holds something else.
    """
    start = _start_of(path)
    if start[8:9] == b"{":
        return _safetensors(path)
    if start.startswith(b"PK"):
        _check_archive(path)
        held = unpickled(path, mapped=True)
    elif start.startswith(b"\x80"):
        held = unpickled(path)
    else:
        raise WeightsError(
            f"'{path.name}' is neither a PyTorch nor a safetensors file.",
            cause=f"It begins with {start[:8]!r}.",
            fix="Give the published .pth, .bin or .safetensors file.",
        )
    return _unwrapped(path, held)


def _start_of(path: Path) -> bytes:
    if path.is_dir():
        inside = sorted(p.name for p in path.iterdir() if p.suffix in (".pth", ".pt", ".bin", ".safetensors"))
        raise WeightsError(
            f"'{path}' is a folder.",
            cause="One file is imported at a time, so that it is clear which.",
            fix=f"Name a file in it: {', '.join(inside)}." if inside else "Name the .pth or .safetensors file.",
        )
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError as error:
        raise WeightsError(f"'{path}' cannot be read.", cause=str(error), fix="Check the path.") from error
    if len(start) < 16:
        raise WeightsError(f"'{path.name}' holds {len(start)} bytes.", cause="It is cut off.", fix="Download it again.")
    for beginning, (what, fix) in _FOREIGN.items():
        if start.lower().lstrip().startswith(beginning):
            raise WeightsError(f"'{path.name}' holds no weights.", cause=f"It is {what}.", fix=fix)
    return start


def _check_archive(path: Path) -> None:
    """PyTorch's archives carry a checksum of every member: a byte that was flipped on the way is found here."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            broken = archive.testzip()
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, EOFError, NotImplementedError) as error:
        raise WeightsError(
            f"'{path.name}' is cut off or damaged.", cause=f"{error}.", fix="Download it again."
        ) from error
    if not any(name.endswith("data.pkl") for name in names):
        raise WeightsError(
            f"'{path.name}' is an archive, but not one that PyTorch wrote.",
            cause=f"It holds {_some(names)}.",
            fix="Unpack it and import the .pth file in it.",
        )
    if broken is not None:
        raise WeightsError(
            f"'{path.name}' is damaged.", cause=f"Its part '{broken}' has another checksum.", fix="Download it again."
        )


def unpickled(path: Path, *, mapped: bool = False) -> Any:
    """What PyTorch wrote to a file, nothing of it run; `mapped`: its tensors stay on the disk until they are read.

    Raises:
        WeightsError: it is damaged, hostile, or not of PyTorch.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # on odd pickles; what matters of it fails below
            return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except _UNREADABLE as error:
        asked = re.search(r"GLOBAL ([\w.]+)", str(error))
        if asked:
            raise WeightsError(
                f"'{path.name}' is refused: it asks to run '{asked[1]}' when it is opened.",
                cause="Weights are numbers and need no such thing; nothing of it was run.",
                fix="Do not use it. Get the file from its authors again.",
            ) from error
        raise WeightsError(
            f"'{path.name}' is damaged, or no file that PyTorch wrote.",
            cause=_reason(error),
            fix="Download it again.",
        ) from error


def _reason(error: Exception) -> str:
    """What torch says went wrong, without its advice to load such a file in a way that would run what is in it."""
    lines = str(error).rpartition("WeightsUnpickler error:")[2].strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _safetensors(path: Path) -> CheckpointFile:
    try:
        with safe_open(str(path), framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
            about = file.metadata() or {}
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsError(
            f"'{path.name}' is cut off or damaged.", cause=f"{error}.", fix="Download it again."
        ) from error
    stated = about.get("steps", "")  # as `codub train` writes it, and `codub weights import`
    step = int(stated) if stated.isdigit() else _named_step(path)
    return CheckpointFile(path, _without_prefix(path, tensors), "safetensors", step, None, about, tuple(tensors))


def _unwrapped(path: Path, held: Any) -> CheckpointFile:
    epoch, layout = None, "flat"
    if isinstance(held, Mapping) and isinstance(held.get(_WRAPPED), Mapping):
        stated = held.get("iteration")
        epoch = stated if isinstance(stated, int) and not isinstance(stated, bool) else None
        held, layout = held[_WRAPPED], "wrapped"
    if isinstance(held, Mapping) and held and all(isinstance(part, Mapping) for part in held.values()):
        held, layout = _joined(path, held), f"{len(held)} state dict{'s' if len(held) > 1 else ''}"
    if not isinstance(held, Mapping) or not held:
        raise WeightsError(
            f"'{path.name}' holds no tensors by name.",
            cause=f"It holds a {type(held).__name__}.",
            fix="Give the file of the model's weights.",
        )
    odd = [str(name) for name, value in held.items() if not (isinstance(name, str) and _is_plain(value))]
    if odd:
        raise WeightsError(
            f"'{path.name}' holds something else than a model's tensors.",
            cause=f"These are none: {_some(odd)}.",
            fix="Give the file of the model's weights, not a training state or a whole object.",
        )
    return CheckpointFile(path, _without_prefix(path, held), layout, _named_step(path), epoch)


def _joined(path: Path, parts: Mapping[Any, Mapping[str, Any]]) -> dict[str, Any]:
    """Several state dicts as one, each tensor's name behind its part's; each part may have a prefix of its own."""
    joined: dict[str, Any] = {}
    for part, held in parts.items():
        named = {str(name): value for name, value in held.items()}
        joined |= {f"{part}.{name}": value for name, value in _without_prefix(path, named).items()}
    return joined


def _named_step(path: Path) -> int | None:
    found = _STEP.fullmatch(path.stem)
    return int(found[1]) if found else None


def _is_plain(value: Any) -> bool:
    return isinstance(value, Tensor) and value.layout == torch.strided and not (value.is_quantized or value.is_meta)


def _without_prefix(path: Path, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    prefixed = [name for name in tensors if name.startswith(_PARALLEL)]
    if prefixed and len(prefixed) != len(tensors):
        raise WeightsError(
            f"'{path.name}' mixes the weights of different files.",
            cause=f"{len(prefixed)} of its {len(tensors)} tensors begin with '{_PARALLEL}', the others do not.",
            fix="Get the file from its authors again.",
        )
    return {name.removeprefix(_PARALLEL): value for name, value in tensors.items()}


def _some(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
