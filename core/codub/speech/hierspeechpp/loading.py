"""Networks of this voice with the imported weights in them, ready to work."""

from collections.abc import Callable
from typing import TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from codub import imported
from codub.errors import WeightsError
from codub.speech.hierspeechpp.network import TextToVecNetwork

Network = TypeVar("Network", bound=nn.Module)


def load_network(name: str, build: Callable[[], Network]) -> Network:
    """What `build` makes, with the weights imported as `name`, on the CPU, in evaluation mode, without gradients.

    Nothing is drawn only to be overwritten, and the file is mapped into memory.

    Raises:
        WeightsError: they were not imported, or the file was damaged since.
    """
    path = imported.find(name)
    with torch.device("meta"):
        network = build()
    try:
        network.load_state_dict(load_file(str(path)), assign=True)
    except (SafetensorError, OSError, RuntimeError) as error:
        raise WeightsError(
            f"The imported weights '{name}' cannot be read.",
            cause=f"{path}: {str(error).splitlines()[0]}",
            fix="Look at them with codub weights verify; import the file again: codub weights import FILE",
        ) from error
    return network.eval().requires_grad_(False)


def load_ttv_network() -> TextToVecNetwork:
    """The whole TTV, its posterior encoder included.

    Raises:
        WeightsError: it was not imported, or the file was damaged since.
    """
    return load_network("ttv", TextToVecNetwork)
