"""The voice of the `hierspeechpp` profile, loaded: Text-to-Vec, synthesizer, and the style both read in a prompt."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codub.errors import UsageError
from codub.speech.hierspeechpp.style import ReadsStyle, style_of
from codub.speech.model import SpeechEncoder, Style, Synthesizer, TextToVec
from codub.timing import SPEECH_RATE

LONGEST_PROMPT = 12 * SPEECH_RATE  # samples: the lines that the model was trained on are no longer


@dataclass(frozen=True)
class HierspeechppVoice:
    """The two halves of the voice model and their style encoders; the halves share nothing but the latent space."""

    ttv: TextToVec
    synthesizer: Synthesizer
    style_encoders: tuple[ReadsStyle, ReadsStyle]
    device: str = "cpu"

    def style_of(self, samples: NDArray[np.float32]) -> Style:
        """How a speaker sounds, heard in 16 kHz mono sound; nothing is fitted. At most its first 12 s are heard."""
        prompt = samples[:LONGEST_PROMPT]
        origin = f"heard in {len(prompt) / SPEECH_RATE:.1f} s of the original voice"
        return style_of(prompt, *self.style_encoders, origin=origin, device=self.device)


def load_voice(threads: int | None = None, device: str = "cpu") -> HierspeechppVoice:
    """The voice model, ready to speak; `threads` limits torch's, None leaves them.

    Raises:
        WeightsError: a checkpoint was not imported.
    """
    raise UsageError("The voice 'hierspeechpp' cannot run in this version.")


def load_speech_encoder(threads: int | None = None, device: str = "cpu") -> SpeechEncoder:
    """The speech encoder of the space; `threads` limits torch's, None leaves them.

    Raises:
        WeightsError: mms-300m was not imported.
    """
    raise UsageError("The speech encoder 'hierspeechpp' cannot run in this version.")
