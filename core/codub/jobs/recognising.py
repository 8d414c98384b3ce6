"""What a file of weights is, whoever wrote it: a model of a voice, voices of Kokoro-82M, a face, or VGG-19."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from codub.errors import WeightsError
from codub.face import loading
from codub.imported import VOICES
from codub.latent import HIERSPEECHPP
from codub.speech.checkpoint_file import CheckpointFile, read_checkpoint
from codub.speech.checkpoint_layout import require_finite
from codub.speech.hierspeechpp import checkpoints
from codub.speech.kokoro import published, voice_files
from codub.training import vgg19

TRAINED = "codub train"
KOKORO = "kokoro-float32"
FACE = f"face-{HIERSPEECHPP.name}"


@dataclass(frozen=True)
class Recognised:
    """A whole and healthy checkpoint: `name` of its asset in `imported`, `title` for people, the tensors to keep.

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


def recognise(file: Path, chosen: str | None = None) -> tuple[Recognised, ...]:
    """What the file holds, one model or any number of voices; `chosen` decides where its content leaves it open.

    Raises:
        WeightsError: it is no such file, or not a whole and healthy one.
    """
    if chosen is None and voice_files.is_voice_file(file):
        return _voices(file)
    return (_model(file, chosen),)


def _model(file: Path, chosen: str | None) -> Recognised:
    read = read_checkpoint(file)
    if read.metadata.get("format") == loading.FORMAT:
        return _face(file, read.tensors, read.metadata, chosen)
    if published.is_kokoro(read.tensors):
        return _kokoro(file, read, chosen)
    if vgg19.is_vgg19(read.tensors):
        return _vgg19(file, read, chosen)
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


def _voices(file: Path) -> tuple[Recognised, ...]:
    return tuple(
        Recognised(
            f"{VOICES}/{name}",
            f"the voice {name} of {published.TITLE}",
            {voice_files.KEY: torch.from_numpy(values)},
            values.size,
            f"{len(values)} rows",
            kept=f"row {voice_files.ROW} is the one that is used",
        )
        for name, values in voice_files.read_voices(file).items()
    )


def _kokoro(file: Path, read: CheckpointFile, chosen: str | None) -> Recognised:
    layout = published.layout()
    if chosen not in (None, KOKORO):
        raise WeightsError(f"'{file.name}' is {layout.title}, not '{chosen}'.", fix="Leave --as out.")
    tensors = published.our_tensors(read.tensors)
    layout.check(tensors, file.name, {})
    own = read.layout == "safetensors" and read.names == tuple(tensors)
    return Recognised(
        KOKORO, f"{layout.title} in 32-bit numbers", tensors, layout.parameters, read.layout, as_it_is=own
    )


def _vgg19(file: Path, read: CheckpointFile, chosen: str | None) -> Recognised:
    if chosen not in (None, vgg19.NAME):
        raise WeightsError(f"'{file.name}' is {vgg19.TITLE}, not '{chosen}'.", fix="Leave --as out.")
    layout, tensors = vgg19.layout(), dict(read.tensors)
    layout.check(tensors, file.name, {})
    left_out = "its classifier is left out"
    return Recognised(vgg19.NAME, layout.title, vgg19.kept(tensors), layout.parameters, read.layout, kept=left_out)


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
