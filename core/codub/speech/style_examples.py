"""Styles that were drawn for strangers and heard: what the style encoder learned beyond the stock voices."""

from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from codub.errors import WeightsError
from codub.files import replacing
from codub.speech.style_map import HeardStyles

ASSET = "style-encoder.safetensors"
FORMAT = "codub-style-encoder-1"
_ARRAYS = ("acoustic", "f0_hz", "embeddings")


def save_heard(path: Path, heard: HeardStyles) -> None:
    """Write the examples to `path` in half precision, whole or not at all."""
    arrays = {name: np.ascontiguousarray(getattr(heard, name), dtype=np.float16) for name in _ARRAYS}
    with replacing(path) as temporary:
        save_file(arrays, str(temporary), {"format": FORMAT})


def read_heard(path: Path) -> HeardStyles:
    """The examples that `save_heard` wrote.

    Raises:
        WeightsError: the file is damaged or holds something else.
    """
    try:
        with safe_open(str(path), "numpy") as file:
            if (file.metadata() or {}).get("format") != FORMAT:
                raise WeightsError(f"'{path}' holds no style encoder of this version ({FORMAT}).")
            return HeardStyles(*(file.get_tensor(name).astype(np.float32) for name in _ARRAYS))
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"The style encoder '{path}' cannot be read.", cause=str(error)) from error
