"""What a run noted down and made, as TensorBoard shows it; needs the package `tensorboard` (the extra `train`)."""

import importlib.util
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import soundfile
import torch
from PIL import Image

FOLDER = "board"


def board_is_installed() -> bool:
    """Whether events can be written here."""
    return importlib.util.find_spec("tensorboard") is not None


class Board:
    """Event files in `folder/board`; without the package it takes everything and writes nothing."""

    def __init__(self, folder: Path, start: int = 0) -> None:
        self._writer: Any = None
        if board_is_installed():
            from torch.utils.tensorboard import SummaryWriter

            # Steps that a killed run noted after its last checkpoint are done, and shown, again.
            self._writer = SummaryWriter(str(folder / FOLDER), purge_step=start)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def scalars(self, step: int, values: dict[str, float]) -> None:
        """Add one point to each curve."""
        if self._writer is not None:
            for name, value in values.items():
                self._writer.add_scalar(name, value, step)

    def samples(self, step: int, folder: Path) -> None:
        """Add the pictures and sounds `sample-<step>*` that a report left in the folder."""
        if self._writer is None:
            return
        for path in sorted(folder.glob(f"{sample_name(step)}*")):
            tag = path.stem.removeprefix(sample_name(step)).strip("-") or "sample"
            if path.suffix == ".png":
                with Image.open(path) as picture:
                    self._writer.add_image(tag, np.array(picture.convert("RGB")), step, dataformats="HWC")
            elif path.suffix == ".wav":
                sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
                self._writer.add_audio(tag, torch.from_numpy(sound[:, 0]), step, sample_rate=rate)
        self._writer.flush()


def sample_name(step: int) -> str:
    """How the names of a report's pictures and sounds begin."""
    return f"sample-{step:06d}"
