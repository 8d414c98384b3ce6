"""Voices of Kokoro-82M from their files: 510 rows of 256 numbers, one row for each length of a line in symbols."""

import re
import zipfile
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from codub.errors import WeightsError
from codub.speech.checkpoint_file import unpickled

Array = NDArray[np.float32]

ROWS, WIDTH = 510, 256
ROW = 60  # the one that is used, as of the shipped voices
KEY = "voice"
LARGEST = 10.0  # no number of the 54 shipped voices is above 0.9
_NAME = re.compile(r"[a-z]{2}_[a-z0-9_-]{1,40}")
_RAW = ROWS * WIDTH * 4  # bytes of a file that is nothing but the numbers


def is_voice_file(path: Path) -> bool:
    """Whether this may be a file of one or many voices: a lone tensor, an archive of arrays, or the bare numbers."""
    if not path.is_file():
        return False
    if path.suffix == ".bin" and path.stat().st_size == _RAW:
        return True
    if path.suffix == ".safetensors":
        return _voice_of(path) is not None
    if not zipfile.is_zipfile(path):
        return path.parent.name == "voices" and path.suffix in (".pt", ".bin", ".npz")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    if all(name.endswith(".npy") for name in names):
        return True
    return path.suffix == ".pt" and _NAME.fullmatch(path.stem) is not None


def read_voices(path: Path) -> dict[str, Array]:
    """Voices `(510, 256)` by name: of a `.pt` `(510, 1, 256)`, a `.bin` of bare float32, or all of an `.npz` pack.

    Raises:
        WeightsError: the file is cut off, damaged, or holds no voice.
    """
    try:
        found = _read(path)
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, SafetensorError) as error:
        raise _refused(path, f"{error}.") from error
    if not found:
        raise _refused(path, "It holds no array.")
    return {name: _checked(path, name, values) for name, values in found.items()}


def _read(path: Path) -> dict[str, NDArray[np.generic]]:
    if path.suffix == ".safetensors":
        own = _voice_of(path)
        return {} if own is None else {path.stem: own}
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
            if broken is not None:
                raise ValueError(f"its part '{broken}' has another checksum")
            packed = all(name.endswith(".npy") for name in archive.namelist())
        if packed:
            with np.load(path, allow_pickle=False) as pack:
                return {name: pack[name] for name in pack.files}
        held = unpickled(path)
        if not isinstance(held, torch.Tensor) or held.layout != torch.strided:
            raise ValueError(f"it holds a {type(held).__name__}, not one tensor")
        return {path.stem: held.detach().cpu().numpy()}
    size = path.stat().st_size
    if path.suffix != ".bin" or size != _RAW:
        raise ValueError(f"it has {size:,} bytes; the numbers of a voice are {_RAW:,}")
    return {path.stem: np.fromfile(path, dtype="<f4").reshape(ROWS, WIDTH)}


def _voice_of(path: Path) -> NDArray[np.generic] | None:
    """What an imported voice's own file holds; None of any other file."""
    try:
        with safe_open(str(path), "numpy") as file:
            return file.get_tensor(KEY) if list(file.keys()) == [KEY] else None
    except (OSError, SafetensorError):
        return None


def _checked(path: Path, name: str, values: NDArray[np.generic]) -> Array:
    if not _NAME.fullmatch(name):
        raise _refused(
            path, f"'{name}' is no voice's name: two letters for language and sex, then its own, such as af_heart."
        )
    if values.shape not in ((ROWS, 1, WIDTH), (ROWS, WIDTH)):
        raise _refused(path, f"'{name}' has shape {values.shape}; voices of this model have ({ROWS}, 1, {WIDTH}).")
    if values.dtype != np.float32:
        raise _refused(path, f"'{name}' is {values.dtype}, not float32.")
    plain = np.ascontiguousarray(values.reshape(ROWS, WIDTH), dtype=np.float32)
    wrong = int((~np.isfinite(plain)).sum())
    if wrong:
        raise _refused(path, f"{wrong} of the {plain.size:,} numbers of '{name}' are not finite.")
    largest = float(np.abs(plain).max())
    if not 0 < largest < LARGEST:
        raise _refused(path, f"The largest number of '{name}' is {largest:g}; voices stay below {LARGEST:g}.")
    return plain


def _refused(path: Path, cause: str) -> WeightsError:
    return WeightsError(
        f"'{path.name}' is not a whole file of voices of Kokoro-82M.",
        cause=cause[0].upper() + cause[1:],
        fix="Give a published voices/NAME.pt (or NAME.bin, or the .npz pack of an ONNX package).",
    )
