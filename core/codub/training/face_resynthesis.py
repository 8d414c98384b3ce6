"""Latents of films in the space of HierSpeech++: real features, and the same through the TTV's own encoder and decoder.

What the TTV predicts from a text has a timing of its own, which no film fits. Its posterior encoder and its decoder
make features of the predicted kind from the real ones and keep their timing (the paper's second stage).
"""

import zlib
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from codub.latent import FloatArray
from codub.speech.hierspeechpp.network import TextToVecNetwork
from codub.speech.model import SpeechEncoder
from codub.training.face_latents import film_sound
from codub.training.grid import GridClip


class Resynthesis:
    """Reads films with the speech encoder of the space and the networks of its TTV.

    `log_mel` gives `(1, 80, T)` of 16 kHz samples `(1, N)`: the style is that of the film itself.
    """

    def __init__(
        self,
        encoder: SpeechEncoder,
        network: TextToVecNetwork,
        log_mel: Callable[[Tensor], Tensor],
        silence: FloatArray,
    ) -> None:
        self._encoder = encoder
        self._network = network.eval().requires_grad_(False)
        self._log_mel = log_mel
        self._silence = silence
        self._last: tuple[str, FloatArray] = ("", silence)

    def heard(self, film: GridClip) -> FloatArray:
        """Features `(1024, T)` of the film's real sound."""
        if self._last[0] != film.name:
            self._last = (film.name, self._encoder.encode(film_sound(film)).features)
        return self._last[1]

    def predicted(self, film: GridClip, drawing: int) -> FloatArray:
        """Features `(1024, T)` as the TTV makes them from its latent of the film, drawn by the film's name."""
        return self.resynthesized(self.heard(film), film_sound(film), zlib.crc32(f"{film.name} {drawing}".encode()))

    @torch.inference_mode()
    def resynthesized(self, features: FloatArray, samples: NDArray[np.float32], seed: int) -> FloatArray:
        """Features `(C, T)` made again from a latent drawn round their own; `samples` are the sound they are of."""
        w2v = torch.from_numpy(np.ascontiguousarray(features))[None]
        g = self._network.style(self._log_mel(torch.from_numpy(samples)[None]))
        noise = torch.randn(1, self._network.size.channels, w2v.shape[2], generator=torch.Generator().manual_seed(seed))
        made = self._network.resynthesize(w2v, torch.tensor([w2v.shape[2]]), g, noise)
        return np.ascontiguousarray(made[0].numpy())

    def silence(self) -> FloatArray:
        """What the TTV gives where nothing is said, `(1024,)`."""
        return self._silence
