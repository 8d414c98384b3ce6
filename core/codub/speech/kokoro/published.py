"""Kokoro-82M as its author publishes it, brought to the names of our modules.

Facts on the published file: https://github.com/hexgrad/kokoro at 129155b, `kokoro/model.py` and `istftnet.py`,
Apache-2.0. It is a dict of five state dicts. Convolutions are kept as weight norm's direction and length; the
published file has them as `weight_v` and `weight_g`, a newer torch writes `parametrizations.weight.original1` and `0`.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

import torch
from torch import Tensor

from codub.speech.checkpoint_layout import Layout

PARTS = ("bert", "bert_encoder", "predictor", "text_encoder", "decoder")
TITLE = "Kokoro-82M"

_ENOUGH = 2  # parts whose names make a file one of Kokoro, if a broken one
_NORMED = re.compile(r"(?:weight_([gv])|parametrizations\.weight\.original([01]))$")
_LENGTH = ("g", "0")
# Layer norms of the text encoder call their gain and offset by other names.
_CHANNEL_NORM = re.compile(r"(text_encoder\.cnn\.\d+\.1)\.(gamma|beta)$")
_OF_NORM = {"gamma": "weight", "beta": "bias"}
# What nothing here reads: ALBERT's pooler and counted positions, the filters of the short-time spectrum.
_UNREAD = re.compile(r"bert\.pooler\.|bert\.embeddings\.position_ids$|decoder\.generator\.stft\.")
# Instance norms had no gain and offset in training; newer code gives them ones and zeros for an exporter's sake.
_INSTANCE_NORM = re.compile(r"\.(?:norm[12]|adain[12]\.\d+)\.norm\.(weight|bias)$")


@cache
def layout() -> Layout:
    """What there must be, under the names of our modules."""
    from codub.speech.kokoro.decoder import Decoder
    from codub.speech.kokoro.prosody import Prosody
    from codub.speech.kokoro.text import TextEncoder

    with torch.device("meta"):  # shapes only: nothing is allocated
        networks = {"": Prosody(), "text_encoder.": TextEncoder(), "decoder.": Decoder()}
    shapes = {
        f"{part}{key}": tuple(value.shape)
        for part, network in networks.items()
        for key, value in network.state_dict().items()
    }
    return Layout(TITLE, shapes, {})


def is_kokoro(names: Iterable[str]) -> bool:
    """Whether a file with tensors of these names is one of Kokoro-82M, whole or broken."""
    return len({name.partition(".")[0] for name in names} & set(PARTS)) >= _ENOUGH


def our_tensors(published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The published tensors under our names, weight norm worked out; what is none of the model's keeps its name."""
    named = {_our_name(name): value for name, value in published.items()}
    kept = {name: value for name, value in named.items() if not _is_unread(name, value)}
    lengths = {_owner(name): value for name, value in kept.items() if (found := _norm_part(name)) and found in _LENGTH}
    directions = {
        _owner(name): value for name, value in kept.items() if (found := _norm_part(name)) and found not in _LENGTH
    }
    whole = lengths.keys() & directions.keys()
    tensors = {name: value for name, value in kept.items() if not (_norm_part(name) and _owner(name) in whole)}
    for owner in sorted(whole):
        tensors[f"{owner}weight"] = _normed(lengths[owner], directions[owner])
    return tensors


def _our_name(name: str) -> str:
    part, _, rest = name.partition(".")
    plain = f"{part}.{rest.removeprefix('module.')}"
    return _CHANNEL_NORM.sub(lambda found: f"{found[1]}.{_OF_NORM[found[2]]}", plain)


def _is_unread(name: str, value: Tensor) -> bool:
    if _UNREAD.match(name):
        return True
    found = _INSTANCE_NORM.search(name)
    return bool(found) and bool((value == (1.0 if found and found[1] == "weight" else 0.0)).all())


def _norm_part(name: str) -> str | None:
    found = _NORMED.search(name)
    return found and (found[1] or found[2])


def _owner(name: str) -> str:
    return _NORMED.sub("", name)


def _normed(length: Tensor, direction: Tensor) -> Tensor:
    """`g v / |v|`, the norm over all but the first dimension (Salimans and Kingma 2016); nothing of no length."""
    if length.shape != (len(direction), *(1 for _ in direction.shape[1:])):
        return torch.empty(0, dtype=direction.dtype)  # no weight at all: the check of shapes refuses it
    exact = direction.double()
    norm = exact.square().sum(dim=tuple(range(1, direction.ndim)), keepdim=True).sqrt()
    weight = torch.where(length == 0, 0.0, exact * (length.double() / norm))
    return weight.to(direction.dtype)
