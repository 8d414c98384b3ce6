"""The published HierSpeech++ checkpoints that this voice needs, and where a user gets them.

Facts: https://github.com/sh-lee-prml/HierSpeechpp at 318c633 (20 February 2024), MIT. The files lie on the authors'
own drive and cannot be fetched by a program; sizes are those of the released files.
"""

from dataclasses import dataclass
from pathlib import Path

from codub import weights
from codub.errors import WeightsError


@dataclass(frozen=True)
class Checkpoint:
    """One published file: its place below the weights' home, its size in bytes and number of parameters."""

    name: str
    purpose: str
    parameters: int


CHECKPOINTS = (
    Checkpoint("ttv.safetensors", "Text-to-Vec: phonemes to wav2vec 2.0 features and F0", 108_542_704),
    Checkpoint("synthesizer.safetensors", "hierarchical synthesizer: features and F0 to 16 kHz sound", 97_022_304),
    Checkpoint("speechsr48k.safetensors", "SpeechSR: 16 kHz to 48 kHz", 131_904),
)


def folder() -> Path:
    """Where imported checkpoints lie."""
    return weights.home() / "weights" / "hierspeechpp"


def require_checkpoints() -> None:
    """Stop if a checkpoint is not there.

    Raises:
        WeightsError: names the first missing one.
    """
    for checkpoint in CHECKPOINTS:
        if not (folder() / checkpoint.name).is_file():
            raise WeightsError(
                f"The profile 'hierspeechpp' needs '{checkpoint.name}' ({checkpoint.purpose}).",
                cause=f"It is not in '{folder()}', and its authors publish it by hand only.",
                fix="Use the default profile 'embedded', which needs no such file.",
            )
