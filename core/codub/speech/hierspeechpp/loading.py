"""Networks of this voice with the imported weights in them, ready to work."""

from collections.abc import Callable
from typing import TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from codub import imported
from codub.errors import WeightsError
from codub.speech.hierspeechpp.fused_w2v import FusedW2v
from codub.speech.hierspeechpp.network import TextToVecNetwork
from codub.speech.hierspeechpp.w2v import W2vFront, load_w2v

Network = TypeVar("Network", bound=nn.Module)


def load_network(name: str, build: Callable[[], Network]) -> Network:
    """What `build` makes, with the weights imported as `name`, on the CPU, in evaluation mode, without gradients.

    Nothing is drawn only to be overwritten, and the file is mapped into memory.

    Raises:
        WeightsError: they were not imported, or the file was damaged since.
    """
    tensors = _read(name)
    with torch.device("meta"):
        network = build()
    try:
        network.load_state_dict(tensors, assign=True)
    except RuntimeError as error:
        raise _unreadable(name, error) from error
    return network.eval().requires_grad_(False)


def load_ttv_network() -> TextToVecNetwork:
    """The whole TTV, its posterior encoder included.

    Raises:
        WeightsError: it was not imported, or the file was damaged since.
    """
    return load_network("ttv", TextToVecNetwork)


def load_front(device: str = "cpu") -> W2vFront | FusedW2v:
    """wav2vec 2.0 up to the layer whose features are read, in the form that is fastest on `device`.

    Raises:
        WeightsError: it was not imported, or the file was damaged since.
    """
    front = load_w2v(_read("mms-300m"))
    return FusedW2v(front) if torch.device(device).type == "cpu" else front.to(device)


def _read(name: str) -> dict[str, Tensor]:
    path = imported.find(name)
    try:
        tensors: dict[str, Tensor] = load_file(str(path))
    except (SafetensorError, OSError) as error:
        raise _unreadable(name, error) from error
    return tensors


def _unreadable(name: str, error: Exception) -> WeightsError:
    return WeightsError(
        f"The imported weights '{name}' cannot be read.",
        cause=f"{imported.IMPORTED[name].file}: {str(error).splitlines()[0]}",
        fix="Look at them with codub weights verify; import the file again: codub weights import FILE",
    )
