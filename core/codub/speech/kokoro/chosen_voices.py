"""Voices that a person may name: the 54 that ship, those that were imported, and blends of two of either."""

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from codub import imported
from codub.errors import UsageError, WeightsError
from codub.imported import ImportedAsset
from codub.latent import EMBEDDED
from codub.speech.kokoro.voice_files import KEY, ROW
from codub.speech.kokoro.voices import blended, shares_of, stock_voices
from codub.speech.model import Style


def voice_names() -> tuple[str, ...]:
    """Every voice that can be named, in the order of the alphabet."""
    return tuple(sorted({*stock_voices(), *(asset.file.stem for asset in imported.voice_assets())}))


def chosen_style(name: str) -> Style:
    """Style of a voice, or of a blend `a+b@0.35` (0.35 a + 0.65 b); an imported one comes before a shipped one.

    Raises:
        UsageError: there is no voice of that name.
        WeightsError: its imported file is damaged.
    """
    return Style(EMBEDDED, blended(shares_of(name), _vector), origin=f"the voice {name}")


def _vector(name: str) -> NDArray[np.float32]:
    own = imported.voice_asset(name)
    if imported.present(own):
        return _row(own)
    shipped = stock_voices()
    if name not in shipped:
        raise UsageError(
            f"There is no voice '{name}'.",
            cause=f"There are: {', '.join(voice_names())}.",
            fix=f"Name one of them, or import its file: codub weights import {own.published[0]}",
        )
    return shipped[name]


def _row(own: ImportedAsset) -> NDArray[np.float32]:
    try:
        return np.asarray(load_file(str(own.file))[KEY][ROW], dtype=np.float32)
    except (OSError, SafetensorError, KeyError, IndexError) as error:
        raise WeightsError(
            f"The imported voice '{own.file}' cannot be read.",
            cause=str(error),
            fix=f"Import it again: codub weights import {own.published[0]}",
        ) from error
