"""What a file of weights is, whoever wrote it: a model of the HierSpeech++ stack, or a face of its space."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from codub.errors import WeightsError
from codub.face import loading
from codub.latent import HIERSPEECHPP
from codub.speech.hierspeechpp import checkpoints
from codub.speech.hierspeechpp.checkpoint_file import read_checkpoint
from codub.speech.hierspeechpp.layout import require_finite

TRAINED = "codub train"
FACE = f"face-{HIERSPEECHPP.name}"


@dataclass(frozen=True)
class Recognised:
    """A whole and healthy checkpoint: `name` in `imported.IMPORTED`, `title` for people, the tensors to keep.

    `kept` says what of the file is left out ("" if nothing is); `origin` is what `codub train` wrote into it ("" for
    others' files); `as_it_is`: the file itself is what is kept.
    """

    name: str
    title: str
    tensors: Mapping[str, Tensor]
    parameters: int
    layout: str
    step: int | None = None
    epoch: int | None = None
    kept: str = ""
    origin: str = ""
    as_it_is: bool = False


def recognise(file: Path, chosen: str | None = None) -> Recognised:
    """What the file holds; `chosen` decides where its content leaves it open.

    Raises:
        WeightsError: it is no such file, or not a whole and healthy one.
    """
    read = read_checkpoint(file)
    if read.metadata.get("format") == loading.FORMAT:
        return _face(file, read.tensors, read.metadata, chosen)
    held = checkpoints.identify(read, chosen)
    own = read.metadata.get("origin", "") if TRAINED in read.metadata.get("origin", "") else ""
    return Recognised(
        name=held.name,
        title=held.title,
        tensors=held.tensors,
        parameters=held.parameters,
        layout=read.layout,
        step=read.step,
        epoch=read.epoch,
        kept=held.kept,
        origin=own,
        as_it_is=read.layout == "safetensors" and read.names == tuple(held.tensors),
    )


def _face(file: Path, tensors: Mapping[str, Tensor], about: Mapping[str, str], chosen: str | None) -> Recognised:
    network, space = loading.network_of(dict(tensors), dict(about), file)
    if network.config.channels != space.channels:
        raise WeightsError(
            f"'{file.name}' says that it is a face of the space '{space.name}', but is not.",
            cause=f"It takes {network.config.channels} channels; that space has {space.channels}.",
            fix="Train it again: codub train face",
        )
    if space != HIERSPEECHPP:
        raise WeightsError(
            f"'{file.name}' is a talking face of the space '{space.name}'.",
            cause=f"The profile '{HIERSPEECHPP.name}' wants one of the space '{HIERSPEECHPP.name}'.",
            fix=f"Train one: codub train face --profile {HIERSPEECHPP.name}",
        )
    if chosen not in (None, FACE):
        raise WeightsError(f"'{file.name}' is a talking face, not '{chosen}'.", fix="Leave --as out.")
    require_finite(tensors, file.name)
    parameters = sum(value.numel() for value in network.parameters())
    return Recognised(FACE, "a talking face", tensors, parameters, "safetensors", origin=TRAINED, as_it_is=True)
