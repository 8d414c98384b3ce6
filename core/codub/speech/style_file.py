"""A style kept on disk: its vector in safetensors, the rest in the file's metadata."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from codub.errors import CodubError
from codub.files import replacing
from codub.latent import SPACES
from codub.speech.model import Style

FORMAT = "codub-style-1"
_GAINS = ("gains", "sound_gains")  # of those that a style has


def save_style(path: Path, style: Style) -> None:
    """Write the style to `path`, whole or not at all."""
    about = {
        "format": FORMAT,
        "space": style.space.name,
        "f0_factor": repr(float(style.f0_factor)),
        "f0_range": repr(float(style.f0_range)),
        "origin": style.origin,
    }
    if style.similarity is not None:
        about["similarity"] = repr(float(style.similarity))
    with replacing(path) as temporary:
        save_file(_arrays(style), str(temporary), about)


def load_style(path: Path) -> Style:
    """The style that `save_style` wrote.

    Raises:
        CodubError: the file is missing, damaged or holds something else.
    """
    try:
        with safe_open(str(path), "numpy") as file:
            about = file.metadata() or {}
            if about.get("format") != FORMAT or about.get("space") not in SPACES:
                raise _unreadable(path, f"It is not a voice style of this version ({FORMAT}).")
            vector = file.get_tensor("vector")
            kept = {name: file.get_tensor(name) for name in file.keys() if name in _GAINS}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise _unreadable(path, str(error)) from error
    similarity = about.get("similarity")
    return Style(
        space=SPACES[about["space"]],
        vector=vector,
        f0_factor=float(about["f0_factor"]),
        origin=about["origin"],
        similarity=None if similarity is None else float(similarity),
        gains=kept.get("gains"),
        f0_range=float(about.get("f0_range", 1.0)),
        sound_gains=kept.get("sound_gains"),
    )


def _arrays(style: Style) -> dict[str, NDArray[np.float32]]:
    gains = {name: getattr(style, name) for name in _GAINS}
    kept = {"vector": style.vector} | {name: values for name, values in gains.items() if values is not None}
    return {name: np.ascontiguousarray(values, dtype=np.float32) for name, values in kept.items()}


def _unreadable(path: Path, cause: str) -> CodubError:
    return CodubError(
        f"The voice style '{path}' cannot be read.", cause=cause, fix="Delete the file; the style is worked out again."
    )
