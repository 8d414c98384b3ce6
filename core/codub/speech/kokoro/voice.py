"""The voice of the `embedded` profile: Kokoro-82M taken apart into a text side and a sound side."""

from dataclasses import dataclass

import torch
from safetensors.torch import load_file

from codub.speech.kokoro import importing
from codub.speech.kokoro.text import TextEncoder
from codub.speech.kokoro.ttv import KokoroTextToVec


@dataclass(frozen=True)
class KokoroVoice:
    """The two halves of the voice model; they share nothing but the latent space."""

    ttv: KokoroTextToVec


def load_voice(threads: int | None = None, device: str = "cpu") -> KokoroVoice:
    """The voice model, ready to speak; `threads` limits torch's, None leaves them.

    Raises:
        WeightsError: the weights were not fetched.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    tensors = load_file(str(importing.imported_weights()))
    encoder = TextEncoder()
    encoder.load_state_dict(_under("text_encoder", tensors))
    return KokoroVoice(ttv=KokoroTextToVec(encoder.eval().to(device), device))


def _under(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name.removeprefix(f"{prefix}."): value for name, value in tensors.items() if name.startswith(f"{prefix}.")}
