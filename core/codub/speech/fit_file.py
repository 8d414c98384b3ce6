"""An unfinished fit, kept on disk after every step, so that whoever is stopped goes on from there."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from codub.files import replacing

FORMAT = "codub-fit-1"
_ARRAYS = ("drawn", "offset", "mean_offset", "momentum", "momentum_square")
_NUMBERS = ("mean", "best", "seconds")
_COUNTS = ("step", "best_at")


@dataclass(frozen=True)
class FitState:
    """A descent after `step` steps that took `seconds` in all.

    `drawn` `(128,)` is where it began; `offset` and its running mean are in coordinates of the stock voices, as are
    Adam's two moments; `mean` is the running likeness, `best` the highest of it, at the step `best_at`.
    """

    drawn: NDArray[np.float32]
    offset: NDArray[np.float32]
    mean_offset: NDArray[np.float32]
    momentum: NDArray[np.float32]
    momentum_square: NDArray[np.float32]
    step: int = 0
    mean: float = 0.0
    best: float = 0.0
    best_at: int = 0
    seconds: float = 0.0


def save_fit(path: Path, state: FitState) -> None:
    """Keep the state at `path`, whole or not at all."""
    about = {name: repr(getattr(state, name)) for name in (*_NUMBERS, *_COUNTS)}
    arrays = {name: np.array(getattr(state, name), dtype=np.float32, order="C") for name in _ARRAYS}
    with replacing(path) as temporary:
        save_file(arrays, str(temporary), {"format": FORMAT} | about)


def load_fit(path: Path) -> FitState | None:
    """The state that `save_fit` kept; None where there is none, or none that this version can go on from."""
    try:
        with safe_open(str(path), "numpy") as file:
            about = file.metadata() or {}
            if about.get("format") != FORMAT:
                return None
            arrays = {name: file.get_tensor(name) for name in _ARRAYS}
        numbers = {name: float(about[name]) for name in _NUMBERS}
        counts = {name: int(about[name]) for name in _COUNTS}
    except (OSError, SafetensorError, KeyError, ValueError):
        return None  # a fit that begins anew loses a minute, no more
    return FitState(**arrays, **numbers, **counts)  # type: ignore[arg-type]
