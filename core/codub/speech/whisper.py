"""Whisper-base out of its CTranslate2 file: read, renamed for transformers, loaded; and the log-mel it hears.

The fetched `model.bin` is CTranslate2's container (its public `model_spec.py` tells the layout): a version, the spec's
name and revision, then every variable with name, shape, type and bytes, then aliases. Names are those of
CTranslate2's Whisper spec, which joins query, key and value into one matrix.
"""

import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from codub import weights
from codub.errors import WeightsError

if TYPE_CHECKING:
    from transformers import WhisperConfig, WhisperForConditionalGeneration

ASSET = "whisper-base"

N_FFT = 400  # samples at 16 kHz: 25 ms
HOP = 160  # 100 mel frames/s
MEL_BINS = 80
FRAME_SAMPLES = 320  # one encoder position: 50 a second
MAX_POSITIONS = 1500  # 30 s

_DTYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)  # CTranslate2's numbers for them


def model_weights() -> Path:
    """Path of the float16 safetensors under transformers' names; written on first use.

    Raises:
        WeightsError: Whisper was not fetched, or the file is of another kind.
    """
    return weights.derived(ASSET, "whisper-base-float16.safetensors", "model.bin", _convert)


def base_config() -> "WhisperConfig":
    """Shape of Whisper-base, multilingual."""
    from transformers import WhisperConfig

    return WhisperConfig(
        vocab_size=51865,
        d_model=512,
        encoder_layers=6,
        decoder_layers=6,
        encoder_attention_heads=8,
        decoder_attention_heads=8,
        encoder_ffn_dim=2048,
        decoder_ffn_dim=2048,
        num_mel_bins=MEL_BINS,
        max_source_positions=MAX_POSITIONS,
        max_target_positions=448,
        decoder_start_token_id=50258,
        bos_token_id=50257,
        eos_token_id=50257,
        pad_token_id=50257,
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )


def load_whisper() -> "WhisperForConditionalGeneration":
    """Whisper-base in float32, in evaluation mode.

    Raises:
        WeightsError: Whisper was not fetched, or the file is of another kind.
    """
    from safetensors.torch import load_file
    from transformers import WhisperForConditionalGeneration

    with torch.device("meta"):
        model = WhisperForConditionalGeneration(base_config())
    state = {name: tensor.float() for name, tensor in load_file(str(model_weights())).items()}
    model.load_state_dict(state, strict=False, assign=True)
    model.tie_weights()  # the projection to words is the word embedding
    left = [name for name, parameter in model.named_parameters() if parameter.is_meta]
    if left:
        raise WeightsError(
            f"'{model_weights()}' lacks {left[0]!r}.",
            cause="It was converted from another model, or by another version.",
            fix="Delete it; it is made again from the fetched file.",
        )
    model.requires_grad_(False)
    model.train(False)
    return model


def log_mel(samples: Tensor, bins: int = MEL_BINS) -> Tensor:
    """Whisper's log-mel `(bins, T)` of 16 kHz sound `(samples,)`, T = samples // 160; the largest Whisper has 128 bins.

    Hann window of 25 ms each 10 ms, Slaney mel bands to 8 kHz, log10, at most 8 below the loudest, (x + 4) / 4
    (openai/whisper, `audio.py`).
    """
    window = torch.hann_window(N_FFT, device=samples.device)
    spectrum = torch.stft(samples, N_FFT, HOP, window=window, return_complex=True)
    power = spectrum[:, :-1].abs() ** 2
    mel = (_mel_filters(bins).to(samples.device) @ power).clamp(min=1e-10).log10()
    return (torch.maximum(mel, mel.max() - 8.0) + 4.0) / 4.0


@cache
def _mel_filters(bins: int) -> Tensor:
    from transformers.audio_utils import mel_filter_bank

    bank = mel_filter_bank(N_FFT // 2 + 1, bins, 0.0, 8000.0, 16_000, norm="slaney", mel_scale="slaney")
    return torch.from_numpy(np.ascontiguousarray(bank.T)).float()


def read_variables(path: Path) -> dict[str, NDArray[Any]]:
    """Every variable of a CTranslate2 file by its name; aliases are left out.

    Raises:
        WeightsError: the file is cut off, or not such a file.
    """
    try:
        return dict(_variables(path.read_bytes()))
    except (struct.error, ValueError, IndexError) as error:
        raise WeightsError(
            f"'{path}' is not a CTranslate2 model.",
            cause=f"It cannot be read as one: {error}.",
            fix="Fetch it again: codub weights fetch",
        ) from error


def _variables(data: bytes) -> Iterator[tuple[str, NDArray[Any]]]:
    at = 0

    def number(kind: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from(f"<{kind}", data, at)
        at += struct.calcsize(kind)
        return int(value)

    def text() -> str:
        nonlocal at
        length = number("H")  # with the closing zero
        at += length
        return data[at - length : at - 1].decode("utf-8")

    number("I"), text(), number("I")  # container version, spec name, spec revision
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        dtype = _DTYPES[number("B")]
        size = number("I")
        yield name, np.frombuffer(data, dtype, size // np.dtype(dtype).itemsize, at).reshape(shape)
        at += size


def renamed(variables: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The same tensors under transformers' names; joined query, key and value are parted, keys have no bias."""
    state: dict[str, NDArray[Any]] = {}
    for name, value in variables.items():
        if value.ndim:
            for new, part in _parts(name.split("/"), value):
                state[f"model.{new}"] = np.ascontiguousarray(part)
    return state


_LEAVES = {"gamma": "weight", "beta": "bias", "weight": "weight", "bias": "bias"}
_PLAIN: dict[tuple[str, ...], str] = {
    ("decoder", "embeddings", "weight"): "decoder.embed_tokens.weight",
    ("decoder", "position_encodings", "encodings"): "decoder.embed_positions.weight",
    ("encoder", "position_encodings", "encodings"): "encoder.embed_positions.weight",
}
_IN_LAYER = {
    ("self_attention", "layer_norm"): ("self_attn_layer_norm",),
    ("self_attention", "linear_0"): ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    ("self_attention", "linear_1"): ("self_attn.out_proj",),
    ("attention", "layer_norm"): ("encoder_attn_layer_norm",),
    ("attention", "linear_0"): ("encoder_attn.q_proj",),
    ("attention", "linear_1"): ("encoder_attn.k_proj", "encoder_attn.v_proj"),
    ("attention", "linear_2"): ("encoder_attn.out_proj",),
    ("ffn", "layer_norm"): ("final_layer_norm",),
    ("ffn", "linear_0"): ("fc1",),
    ("ffn", "linear_1"): ("fc2",),
}


def _parts(path: list[str], value: NDArray[Any]) -> Iterator[tuple[str, NDArray[Any]]]:
    if tuple(path) in _PLAIN:
        yield _PLAIN[tuple(path)], value
        return
    leaf = _LEAVES.get(path[-1])
    if leaf is None:
        return  # alignment heads and other settings
    if not path[1].startswith("layer_") or path[1] == "layer_norm":
        yield f"{path[0]}.{path[1]}.{leaf}", value
        return
    owner = f"{path[0]}.layers.{path[1].removeprefix('layer_')}"
    targets = _IN_LAYER[(path[2], path[3])]
    for target, part in zip(targets, np.split(value, len(targets)), strict=True):
        if not (target.endswith("k_proj") and leaf == "bias"):
            yield f"{owner}.{target}.{leaf}", part


def _convert(source: Path, target: Path) -> None:
    from safetensors.numpy import save_file

    try:
        state = renamed(read_variables(source))
    except KeyError as error:
        raise WeightsError(f"'{source}' is not a Whisper model.", cause=f"It holds {error}.") from error
    save_file(state, str(target), metadata={"origin": "openai/whisper-base", "licence": "MIT"})
