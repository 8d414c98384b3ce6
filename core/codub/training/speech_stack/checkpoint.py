"""A network's weights under the published keys: what training leaves for the profile, and what it may begin with."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import nn

from codub import __version__
from codub.errors import WeightsError
from codub.files import replacing
from codub.speech.checkpoint_file import read_checkpoint


def save_network(path: Path, network: nn.Module, settings: Any, steps: int) -> None:
    """Write a safetensors file with the published layout's keys; `codub weights import` takes it as it is.

    `settings` (a dataclass) and the number of steps stand in its metadata, so that a run can be made again.
    """
    held = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    metadata = {
        "origin": f"codub {__version__}, codub train",
        "steps": str(steps),
        "settings": json.dumps(dataclasses.asdict(settings)),
    }
    with replacing(path) as temporary:
        save_file(held, temporary, metadata)


def load_network_from(path: Path, network: nn.Module) -> None:
    """Fill a network from a published file, or one that `save_network` wrote; also the authors' discriminators.

    Raises:
        WeightsError: the file is damaged, or of another network or size.
    """
    held = dict(read_checkpoint(path).tensors)
    try:
        network.load_state_dict(held)
    except RuntimeError as error:
        raise WeightsError(
            f"Training cannot begin with '{path.name}': it is of another network or size.",
            cause=str(error).splitlines()[-1].strip(),
            fix="Give the sizes of its network in the settings, or leave it out.",
        ) from error
