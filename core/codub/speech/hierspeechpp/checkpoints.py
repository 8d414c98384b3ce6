"""Which model of this voice a checkpoint is, whole and healthy, and what of it is kept.

The modules of this folder are what says which keys and shapes there must be. Facts on the published files:
https://github.com/sh-lee-prml/HierSpeechpp at 318c633 (20 February 2024), MIT.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn

from codub import weights
from codub.errors import WeightsError
from codub.speech.checkpoint_file import CheckpointFile
from codub.speech.checkpoint_layout import Layout, nearest
from codub.speech.hierspeechpp import published_wav2vec2
from codub.speech.hierspeechpp.snake import low_pass

_HEARING = "mms-300m"
# SpeechSR 24k and 48k have the same keys and shapes. The published files' steps (in their names) and sha256:
_UP_SAMPLERS = ("speechsr24k", "speechsr48k")
_STEPS = {340_000: "speechsr24k", 100_000: "speechsr48k"}
_PUBLISHED = {
    "94bc84b6f8bdb375e2027bc7a3222730d29f9d4c042fd9edce0024806d5c4320": "speechsr24k",
    "62c70874ac4efeb4dc9c8aa9dc0a611a951e1c36292abeb4c406d7fb91e0eefc": "speechsr48k",
}
# What names say of the others, word by word.
_WORDS = re.compile(r"[^a-z0-9]+")
_SAID = {"ttv": {"ttv"}, "synthesizer": {"synthesizer", "synth"}, _HEARING: {"mms", "wav2vec2"}}
_PUBLISHED_SYNTHESIZER = re.compile(r"hierspeechpp(_v[\d.]+)?(_ckpt)?")


@dataclass(frozen=True)
class Identified:
    """A checkpoint of this voice: `kept` says what of the file is left out of `tensors` ("" if nothing is)."""

    name: str
    title: str
    tensors: Mapping[str, Tensor]
    parameters: int
    kept: str = ""


@cache
def layouts() -> dict[str, Layout]:
    """What each file of this voice must hold, by the name under which it is kept; wav2vec 2.0 apart."""
    from codub.speech.hierspeechpp.hierarchy import HierarchicalSynthesizer
    from codub.speech.hierspeechpp.network import TextToVecNetwork
    from codub.speech.hierspeechpp.speechsr import SpeechSR

    with torch.device("meta"):  # shapes only: nothing is allocated
        networks: dict[str, tuple[str, nn.Module]] = {
            "ttv": ("the TTV of HierSpeech++", TextToVecNetwork()),
            "synthesizer": ("the synthesizer of HierSpeech++", HierarchicalSynthesizer()),
            "speechsr24k": ("SpeechSR of HierSpeech++, to 24 kHz", SpeechSR(24_000)),
            "speechsr48k": ("SpeechSR of HierSpeech++, to 48 kHz", SpeechSR(48_000)),
        }
    return {name: _layout(title, network) for name, (title, network) in networks.items()}


@cache
def hearing_layout() -> Layout:
    """What is kept of wav2vec 2.0: the first layers."""
    return Layout("a wav2vec 2.0 of the shape of mms-300m", published_wav2vec2.kept_shapes(), {})


def identify(file: CheckpointFile, chosen: str | None = None) -> Identified:
    """Which model the file holds, after a check of every key, shape and number; `chosen` where that leaves it open.

    Raises:
        WeightsError: it is none of this voice's, not whole, not healthy, or its name contradicts what it holds.
    """
    name = file.path.name
    if published_wav2vec2.is_wav2vec2(file.tensors):
        found = _identify_hearing(file)
    else:
        kind = nearest(layouts(), file.tensors, name)
        meant = _named(file.path) & set(_UP_SAMPLERS)
        if kind in _UP_SAMPLERS and len(meant) == 1:  # the two are alike: an error speaks of the one that is named
            kind = meant.pop()
        layouts()[kind].check(file.tensors, name, layouts())
        if kind in _UP_SAMPLERS:
            kind = _which_up_sampler(file, chosen)
        found = Identified(kind, layouts()[kind].title, file.tensors, layouts()[kind].parameters)
    _require_meant(file.path, found, chosen)
    return found


def _layout(title: str, network: nn.Module) -> Layout:
    shapes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    filters = {key: low_pass() for key, _ in network.named_buffers() if key.endswith(".filter")}
    return Layout(title, shapes, filters)


def _identify_hearing(file: CheckpointFile) -> Identified:
    """Keeps the layers whose features are read; all others are checked all the same."""
    kept = hearing_layout()
    tensors = published_wav2vec2.one_naming(file.tensors)
    dropped = sum(published_wav2vec2.is_head(key) for key in file.tensors)
    if len(tensors) + dropped != len(file.tensors):
        raise WeightsError(
            f"'{file.path.name}' mixes the weights of different files.",
            cause="Some of its tensors are there twice, under two ways of naming them.",
            fix="Get the file from its authors again.",
        )
    needed, there = published_wav2vec2.layers_of(kept.shapes), published_wav2vec2.layers_of(tensors)
    beside = {k: s for k, s in published_wav2vec2.beside(_width(kept)).items() if k in tensors}
    shapes = published_wav2vec2.shapes_of_all_layers(kept.shapes, max(needed, there)) | beside
    replace(kept, shapes=shapes).check(tensors, file.path.name, layouts())
    left = f"the first {needed} of {there} layers are kept, no more are read" if there > needed else ""
    chosen = {key: tensors[key] for key in kept.shapes}
    note = "XLS-R 300M has the same shape and cannot be told from it"
    return Identified(_HEARING, f"{kept.title} ({note})", chosen, kept.parameters, left)


def _width(layout: Layout) -> int:
    return layout.shapes["feature_projection.projection.bias"][0]


def _which_up_sampler(file: CheckpointFile, chosen: str | None) -> str:
    """24 or 48 kHz: by the published file's own hash, or by its step, its name and what the person says, together."""
    name = file.path.name
    published = _PUBLISHED.get(weights.sha256_of(file.path))
    if chosen in _UP_SAMPLERS and published in (None, chosen):
        return str(chosen)
    named = _named(file.path)
    said = {published or _STEPS.get(file.step or 0), *(named if len(named) == 1 else ()), chosen} - {None}
    if len(said) == 1 and said <= set(_UP_SAMPLERS):
        return str(said.pop())
    if not said:
        raise WeightsError(
            f"'{name}' is SpeechSR, but of 24 or of 48 kHz?",
            cause="Both have the same tensors, and neither its name nor its step says which.",
            fix="Say it: codub weights import --as speechsr48k FILE (or --as speechsr24k).",
        )
    raise WeightsError(
        f"'{name}' is SpeechSR, but of 24 or of 48 kHz?",
        cause=f"It is said to be {' and '.join(sorted(map(str, said)))}"
        + (f"; by its sha256 it is the published {published}." if published else "."),
        fix="Give the file its own name back, or say it: codub weights import --as speechsr48k FILE.",
    )


def _require_meant(path: Path, found: Identified, chosen: str | None) -> None:
    """A file of another name than its content is most likely not the one that was meant."""
    if chosen is not None and chosen != found.name:
        raise WeightsError(
            f"'{path.name}' is {found.title}, not '{chosen}'.", fix="Leave --as out, or give the other file."
        )
    named = _named(path)
    if chosen is None and named and found.name not in named:
        raise WeightsError(
            f"'{path.name}' is named like '{min(named)}', but holds {found.title}.",
            cause="It was renamed, or is another file than you meant.",
            fix=f"Give the other file, or say that you mean it: codub weights import --as {found.name} FILE.",
        )


def _named(path: Path) -> set[str]:
    """Which models the name speaks of; a folder's name counts for the published SpeechSR files only."""
    stem = path.stem.lower()
    words = set(_WORDS.split(stem))
    found = {name for name, said in _SAID.items() if words & said}
    found |= {name for name in _UP_SAMPLERS if name in stem}
    if not found & set(_UP_SAMPLERS) and "speechsr" in stem:
        found |= set(_UP_SAMPLERS)
    if not found and (folder := path.absolute().parent.name.lower()) in _UP_SAMPLERS and stem.startswith("g_"):
        found = {folder}
    return found or ({"synthesizer"} if _PUBLISHED_SYNTHESIZER.fullmatch(stem) else set())
