"""The voice of the `hierspeechpp` profile, loaded: Text-to-Vec, synthesizer, and the style both read in a prompt."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from codub.errors import UsageError
from codub.speech.hierspeechpp.inference_form import inference_form
from codub.speech.hierspeechpp.loading import load_front, load_ttv_network
from codub.speech.hierspeechpp.speech_encoder import HierSpeechEncoder
from codub.speech.hierspeechpp.style import ReadsStyle, style_of
from codub.speech.hierspeechpp.synthesizer import HierspeechppSynthesizer, load_synthesizer
from codub.speech.hierspeechpp.text_to_vec import HierSpeechTextToVec
from codub.speech.model import Style
from codub.timing import SPEECH_RATE

FULL_PRECISION = "float32"
PRECISIONS = {FULL_PRECISION: torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
LONGEST_PROMPT = 12 * SPEECH_RATE  # samples: the lines that the model was trained on are no longer


@dataclass(frozen=True)
class HierspeechppVoice:
    """The two halves of the voice model and their style encoders; the halves share nothing but the latent space."""

    ttv: HierSpeechTextToVec
    synthesizer: HierspeechppSynthesizer
    style_encoders: tuple[ReadsStyle, ReadsStyle]
    device: str = "cpu"

    def style_of(self, samples: NDArray[np.float32]) -> Style:
        """How a speaker sounds, heard in 16 kHz mono sound; nothing is fitted. At most its first 12 s are heard."""
        prompt = samples[:LONGEST_PROMPT]
        origin = f"heard in {len(prompt) / SPEECH_RATE:.1f} s of the original voice"
        return style_of(prompt, *self.style_encoders, origin=origin, device=self.device)


def load_voice(threads: int | None = None, device: str = "cpu", precision: str = FULL_PRECISION) -> HierspeechppVoice:
    """The voice model, ready to speak; `threads` limits torch's, None leaves them.

    `precision` names that of the large products on a GPU (see `HierSpeechTextToVec` and `lower_precision` for what it
    costs); a CPU works in float32.

    Raises:
        UsageError: there is no such precision.
        WeightsError: a checkpoint was not imported, or was damaged since.
    """
    if precision not in PRECISIONS:
        raise UsageError(f"There is no precision '{precision}'.", fix=f"There are: {', '.join(PRECISIONS)}.")
    dtype = PRECISIONS[precision] if torch.device(device).type == "cuda" else torch.float32
    if threads is not None:
        torch.set_num_threads(threads)
    ttv = inference_form(load_ttv_network(), device)
    synthesizer = load_synthesizer(device, dtype)
    spoken = HierSpeechTextToVec(ttv, device, dtype)
    return HierspeechppVoice(spoken, synthesizer, (ttv.emb_g, synthesizer.network.emb_g), device)


def load_speech_encoder(threads: int | None = None, device: str = "cpu") -> HierSpeechEncoder:
    """The speech encoder of the space; `threads` limits torch's, None leaves them.

    Raises:
        WeightsError: mms-300m or the TTV, which names the sounds, was not imported, or was damaged since.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    ttv = load_ttv_network()
    inference_form(ttv.enc_q, device)  # the one part that is worked with much
    return HierSpeechEncoder(load_front(device), ttv.to(device), device)
