"""Latent to sound: Kokoro's decoder behind the `Synthesizer` protocol."""

import numpy as np
import torch
from numpy.typing import NDArray

from codub.latent import EMBEDDED, SpeechLatent
from codub.speech.kokoro.blocks import STYLE
from codub.speech.kokoro.decoder import Decoder
from codub.speech.kokoro.generator import SAMPLE_RATE
from codub.speech.model import Speech, Style

SAMPLES_PER_VECTOR = 600  # 24 kHz over 40 Hz


class KokoroSynthesizer:
    """Gives a latent of the `embedded` space the voice of a style; only the acoustic half of it is used here."""

    space = EMBEDDED
    sample_rate = SAMPLE_RATE

    def __init__(self, decoder: Decoder, device: str = "cpu") -> None:
        self.decoder = decoder  # differentiable; the fit of a style needs it
        self._device = device

    @torch.inference_mode()
    def synthesize(self, latent: SpeechLatent, style: Style) -> Speech:
        """Waveform at 24 kHz of exactly the latent's duration.

        Raises:
            LatentSpaceError: the latent is of another space.
        """
        latent.require(self.space)
        waveform = self.decoder(
            self._batch(latent.features),
            self._batch(np.expm1(latent.log_f0)),
            self._batch(latent.energy),
            self._batch(style.vector[:STYLE]),
        )
        samples = np.asarray(waveform[0].cpu().numpy(), dtype=np.float32)
        return Speech(np.clip(samples, -1.0, 1.0), self.sample_rate)

    def _batch(self, values: NDArray[np.float32]) -> torch.Tensor:
        return torch.from_numpy(np.array(values, dtype=np.float32, order="C")).to(self._device)[None]
