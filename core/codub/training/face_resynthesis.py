"""Latents of films in the space of HierSpeech++: real features, and the same through the TTV's own encoder and decoder.

What the TTV predicts from a text has a timing of its own, which no film fits. Its posterior encoder and its decoder
make features of the predicted kind from the real ones and keep their timing (the paper's second stage).
"""

import zlib
from typing import Protocol

import numpy as np
import torch

from codub.latent import FloatArray
from codub.speech.hierspeechpp.loading import load_front, load_ttv_network
from codub.speech.hierspeechpp.mel import log_mel
from codub.speech.hierspeechpp.network import TextToVecNetwork
from codub.speech.hierspeechpp.speech_encoder import HierSpeechEncoder
from codub.speech.hierspeechpp.text_to_vec import HierSpeechTextToVec
from codub.training.spoken_clip import SpokenClip


def load_resynthesis() -> "Resynthesis":
    """The reader with the imported models.

    Raises:
        WeightsError: they were not imported, or were damaged since.
    """
    network = load_ttv_network()
    silence = HierSpeechTextToVec(network).silence_vector()
    return Resynthesis(HierSpeechEncoder(load_front(), network), network, silence)


class Listener(Protocol):
    """What is needed of `speech_encoder.HierSpeechEncoder`."""

    def features(self, samples: FloatArray) -> FloatArray:
        """Features `(1024, T)` of 16 kHz sound."""
        ...


class Resynthesis:
    """Reads films with the speech encoder of the space and the networks of its TTV; the style is the film's own."""

    def __init__(self, encoder: Listener, network: TextToVecNetwork, silence: FloatArray) -> None:
        self._encoder = encoder
        self._network = network
        self._silence = silence

    def heard(self, film: SpokenClip) -> FloatArray:
        """Features `(1024, T)` of the film's real sound."""
        return self._encoder.features(film.sound())

    def predicted(self, film: SpokenClip, drawing: int) -> FloatArray:
        """Features `(1024, T)` as the TTV makes them from its latent of the film, drawn by the film's name."""
        return self.resynthesized(self.heard(film), film.sound(), zlib.crc32(f"{film.name} {drawing}".encode()))

    @torch.inference_mode()
    def resynthesized(self, features: FloatArray, samples: FloatArray, seed: int) -> FloatArray:
        """Features `(C, T)` made again from a latent drawn round their own; `samples` are the sound they are of."""
        w2v = torch.from_numpy(np.ascontiguousarray(features))[None]
        g = self._network.style(log_mel(torch.from_numpy(samples)[None]))
        noise = torch.randn(1, self._network.size.channels, w2v.shape[2], generator=torch.Generator().manual_seed(seed))
        made = self._network.resynthesize(w2v, torch.tensor([w2v.shape[2]]), g, noise)
        return np.ascontiguousarray(made[0].numpy())

    def silence(self) -> FloatArray:
        """What the TTV gives where nothing is said, `(1024,)`."""
        return self._silence
