"""What training leaves for the profile: a network's weights under the published keys, with where they come from."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import nn

from codub import __version__
from codub.files import replacing


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
