"""A speaker's reference as the two encoders hear it: whose voice it is, and what is said in it when."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codub.latent import SpeechLatent
from codub.speech.model import SpeechEncoder
from codub.timing import SPEECH_RATE

FloatArray = NDArray[np.float32]

SAID = 20.0  # seconds of a reference, from its beginning, that are said again; each takes 0.25 CPU-seconds


@dataclass(frozen=True)
class HeardReference:
    """What a style is made of: 16 kHz mono `samples`, and their speaker embedding `(256,)`.

    `latent` is what the first `SAID` seconds say: said again in a style, it is to sound as they do.
    """

    samples: FloatArray
    embedding: FloatArray
    latent: SpeechLatent

    @property
    def said(self) -> FloatArray:
        """The samples that the latent is of."""
        return self.samples[: round(SAID * SPEECH_RATE)]


def hear(samples: FloatArray, embedding: FloatArray, encoder: SpeechEncoder) -> HeardReference:
    """The reference (16 kHz mono) with its embedding, and what the speech encoder hears in it."""
    return HeardReference(samples, embedding, encoder.encode(samples[: round(SAID * SPEECH_RATE)]))
