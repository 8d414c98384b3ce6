"""Text to latent: Kokoro's text side behind the `TextToVec` protocol."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from codub.latent import EMBEDDED
from codub.speech.kokoro import text, vocabulary
from codub.speech.kokoro.prosody import Prosody


class KokoroTextToVec:
    """Predicts durations, features, F0 and energy of a line in the `embedded` space."""

    space = EMBEDDED

    def __init__(self, text_encoder: text.TextEncoder, prosody: Prosody, device: str = "cpu") -> None:
        self._text_encoder = text_encoder
        self._prosody = prosody
        self._device = device

    @torch.inference_mode()
    def features(self, symbols: Sequence[str], durations: Sequence[int]) -> NDArray[np.float32]:
        """Aligned text features `(512, sum(durations))` for known durations in 25 ms frames.

        `durations` belong to `[pad, *symbols, pad]`.
        """
        if len(durations) != len(symbols) + 2:
            raise ValueError(
                f"{len(symbols)} symbols and two pads take {len(symbols) + 2} durations, got {len(durations)}"
            )
        encoded = self._text_encoder(self._ids(symbols))
        aligned = text.repeat(encoded, torch.tensor(list(durations), device=self._device))
        return np.asarray(aligned[0].cpu().numpy(), dtype=np.float32)

    def _ids(self, symbols: Sequence[str]) -> torch.Tensor:
        numbers = [vocabulary.PAD, *vocabulary.ids(symbols), vocabulary.PAD]
        return torch.tensor([numbers], device=self._device)
