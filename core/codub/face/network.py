"""A LiteRT network as a function from one picture to its outputs."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def load(model: Path, threads: int = 1) -> Callable[[NDArray[np.floating]], list[Array]]:
    """A function from an input (H, W, 3) to the network's outputs, copied, without the batch axis."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(model), num_threads=threads)
    interpreter.allocate_tensors()
    entry = interpreter.get_input_details()[0]["index"]
    exits = [detail["index"] for detail in interpreter.get_output_details()]

    def run(picture: NDArray[np.floating]) -> list[Array]:
        interpreter.set_tensor(entry, np.asarray(picture, np.float32)[None])
        interpreter.invoke()
        return [interpreter.get_tensor(index)[0].copy() for index in exits]

    return run
