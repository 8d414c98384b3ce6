"""Real sound into the `hierspeechpp` space: wav2vec 2.0 features, YAAPT's F0, and what the TTV's classifier hears.

One vector stands for 320 samples at 16 kHz (20 ms): a sound of n samples makes ceil(n / 320) vectors.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from codub.latent import HIERSPEECHPP, SILENCE, FloatArray, SpeechLatent
from codub.speech.hierspeechpp.alphabet import BLANK, SYMBOLS
from codub.speech.hierspeechpp.f0 import measured_f0
from codub.speech.hierspeechpp.loudness import measured_level
from codub.speech.hierspeechpp.mel import log_mel
from codub.speech.hierspeechpp.network import TextToVecNetwork
from codub.speech.hierspeechpp.spacing import RATE
from codub.speech.hierspeechpp.w2v import SAMPLES_PER_VECTOR
from codub.speech.spans import phoneme_spans
from codub.timing import SPEECH_RATE

CHUNK = 1500  # vectors that are kept of each piece heard at once, 30 s; the model was trained on less than 20
CONTEXT = 100  # vectors more that are heard on either side
HEARD_ABOVE = -40.0  # dB against the vowels; below is silence
VALUES_PER_VECTOR = 4
LONGEST_PROMPT = 12 * SPEECH_RATE  # samples from which the speaker's style is read, for naming the sounds


class Front(Protocol):
    """`w2v.W2vFront` or its faster form."""

    def __call__(self, samples: Tensor) -> Tensor:
        """Features `(B, 1024, T)` of sound `(B, n)`, T = 4 (n // 1280 + 1)."""
        ...


class HierSpeechEncoder:
    """Hears 16 kHz sound of any length, in pieces, so that only the result grows with it."""

    space = HIERSPEECHPP

    def __init__(self, front: Front, ttv: TextToVecNetwork, device: str = "cpu") -> None:
        """`front` and `ttv` live on `device`; the `ttv`'s classifier names the sounds."""
        self._front = front
        self._ttv = ttv
        self._device = device

    @torch.inference_mode()
    def encode(self, samples: NDArray[np.float32]) -> SpeechLatent:
        """Latent of ceil(samples / 320) vectors, `origin` "sound"; F0 is 0 where no voice sounds."""
        features = self.features(samples)
        vectors = features.shape[1]
        pieces = [measured_f0(piece.sound)[piece.values] for piece in _pieces(samples)]
        log_f0 = np.log1p(np.concatenate(pieces))
        energy = measured_level(samples, log_f0)
        heard = energy.reshape(vectors, VALUES_PER_VECTOR).max(axis=1) > HEARD_ABOVE
        owners, symbols = self._sounds(samples, features)
        spans = phoneme_spans(symbols, owners, heard, 1 / RATE)
        return SpeechLatent(self.space, features, log_f0, energy, spans, "sound")

    @torch.inference_mode()
    def features(self, samples: NDArray[np.float32]) -> FloatArray:
        """Features `(1024, ceil(samples / 320))`; up to 30 s are heard at once, as published."""
        heard = [
            self._front(self._tensor(piece.sound))[0, :, piece.vectors].float().cpu() for piece in _pieces(samples)
        ]
        return np.ascontiguousarray(torch.cat(heard, dim=1).numpy(), dtype=np.float32)

    def _tensor(self, samples: NDArray[np.float32]) -> Tensor:
        """A batch of one sound."""
        return torch.from_numpy(np.ascontiguousarray(samples, dtype=np.float32))[None].to(self._device)

    def _sounds(self, samples: NDArray[np.float32], features: FloatArray) -> tuple[NDArray[np.int64], list[str]]:
        """Which sound each vector belongs to, and the sounds in order."""
        sound = torch.from_numpy(np.ascontiguousarray(samples, dtype=np.float32)).to(self._device)
        logits = self._ttv.phonemes(
            torch.from_numpy(features)[None].to(self._device), self._ttv.style(log_mel(sound[None]))
        )
        return spikes(logits[0].argmax(dim=0).cpu().numpy())


@dataclass(frozen=True)
class _Piece:
    """A stretch of sound with what is heard on either side of it, and which of its vectors are kept."""

    sound: NDArray[np.float32]
    vectors: slice

    @property
    def values(self) -> slice:
        """Which of its F0 values are kept."""
        return slice(VALUES_PER_VECTOR * self.vectors.start, VALUES_PER_VECTOR * self.vectors.stop)


def _pieces(samples: NDArray[np.float32]) -> Iterator[_Piece]:
    vectors = max(1, -(-len(samples) // SAMPLES_PER_VECTOR))
    for start in range(0, vectors, CHUNK):
        first = max(0, start - CONTEXT)
        sound = samples[first * SAMPLES_PER_VECTOR : (start + CHUNK + CONTEXT) * SAMPLES_PER_VECTOR]
        yield _Piece(sound, slice(start - first, min(start + CHUNK, vectors) - first))


def spikes(best: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[str]]:
    """Which sound each vector belongs to, and the sounds in order, from the likeliest symbol of every vector.

    A classifier trained without times (CTC) names a sound in a vector or two and says blank in between: every vector
    goes to the nearest sound that is named.
    """
    edges = np.flatnonzero(np.diff(best, prepend=-1, append=-1))
    stretches = [(start, end) for start, end in pairwise(edges) if best[start] != BLANK]
    if not stretches:
        return np.zeros(len(best), dtype=np.int64), [SILENCE]
    borders = [(before[1] + after[0] + 1) // 2 for before, after in pairwise(stretches)]
    owners = np.searchsorted(borders, np.arange(len(best)), side="right")
    return owners.astype(np.int64), [SYMBOLS[best[start]] for start, _ in stretches]
