"""Speech encoders' weights on disk: Whisper's adapter alone, or the light ear with the adapter behind it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from codub.errors import WeightsError
from codub.files import replacing
from codub.latent import EMBEDDED
from codub.speech.adapter import SpeechAdapter
from codub.speech.inventory import INVENTORY

if TYPE_CHECKING:
    from codub.speech.light_ear import LightEar

ADAPTER_FILE = "speech-encoder.safetensors"
LIGHT_FILE = "light-speech-encoder.safetensors"
ADAPTER_PART, EAR_PART = "adapter.", "ear."  # of the light one's names

Made = TypeVar("Made")


def save_adapter(adapter: SpeechAdapter, path: Path) -> None:
    """Write the adapter in half precision, with its inventory of phonemes."""
    _save(adapter.state_dict(), path, {})


def load_adapter(path: Path) -> SpeechAdapter:
    """The adapter from a file that `save_adapter` wrote, in evaluation mode.

    Raises:
        WeightsError: the file is broken, or was trained for another inventory or shape.
    """
    return _load(path, lambda state, _shape: _adapter(state)).eval().requires_grad_(False)


def save_light(ear: "LightEar", adapter: SpeechAdapter, path: Path) -> None:
    """Write the light ear and its adapter in half precision."""
    state = {ADAPTER_PART + name: tensor for name, tensor in adapter.state_dict().items()}
    state |= {EAR_PART + name: tensor for name, tensor in ear.state_dict().items()}
    _save(state, path, {"shape": json.dumps(ear.shape)})


def load_light(path: Path) -> tuple["LightEar", SpeechAdapter]:
    """The light ear and its adapter from a file that `save_light` wrote, in evaluation mode.

    Raises:
        WeightsError: the file is broken, or was trained for another inventory or shape.
    """
    ear, adapter = _load(path, _light)
    return ear.eval().requires_grad_(False), adapter.eval().requires_grad_(False)


def _light(state: Mapping[str, Tensor], shape: str) -> tuple["LightEar", SpeechAdapter]:
    from codub.speech.light_ear import LightEar

    ear = LightEar(**{name: int(size) for name, size in json.loads(shape).items()})
    ear.load_state_dict(_part(state, EAR_PART))
    return ear, _adapter(_part(state, ADAPTER_PART))


def _adapter(state: Mapping[str, Tensor]) -> SpeechAdapter:
    width, heard, _ = state["enter.weight"].shape
    adapter = SpeechAdapter(phonemes=len(INVENTORY), heard=heard, width=width)
    adapter.load_state_dict(state)
    return adapter


def _part(state: Mapping[str, Tensor], named: str) -> dict[str, Tensor]:
    return {name.removeprefix(named): tensor for name, tensor in state.items() if name.startswith(named)}


def _save(state: Mapping[str, Tensor], path: Path, more: Mapping[str, str]) -> None:
    halved = {name: tensor.detach().half().contiguous() for name, tensor in state.items()}
    told = {"space": EMBEDDED.name, "phonemes": "\n".join(INVENTORY), **more}
    with replacing(path) as temporary:
        save_file(halved, str(temporary), metadata=told)


def _load(path: Path, make: Callable[[Mapping[str, Tensor], str], Made]) -> Made:
    try:
        with safe_open(str(path), framework="pt") as file:
            told = file.metadata() or {}
            state = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118 - not a dict
        if tuple(told.get("phonemes", "").split("\n")) != INVENTORY:
            raise ValueError("it knows other phonemes")
        return make(state, told.get("shape", "{}"))
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, SafetensorError) as error:
        raise WeightsError(
            f"'{path}' is not a speech encoder of this version.",
            cause=str(error).splitlines()[0],
            fix="Train it again (codub train speech-encoder), or install codub again.",
        ) from error
