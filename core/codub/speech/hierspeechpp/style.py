"""The style of a voice for this stack: what both style encoders read in one prompt."""

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from codub.errors import LatentSpaceError
from codub.latent import HIERSPEECHPP, FloatArray
from codub.speech.hierspeechpp.mel import log_mel
from codub.speech.hierspeechpp.style_encoder import STYLE
from codub.speech.model import Style

TTV_PART = slice(0, STYLE)  # of `Style.vector`: how the voice speaks
SOUND_PART = slice(STYLE, 2 * STYLE)  # how it sounds


class ReadsStyle(Protocol):
    """A style encoder: `(B, 80, T)` log-mel frames and a mask `(B, 1, T)` to `(B, 256)`."""

    def __call__(self, mel: Tensor, mask: Tensor) -> Tensor:
        """The styles."""
        ...


@torch.inference_mode()
def style_of(
    samples: NDArray[np.float32], ttv: ReadsStyle, synthesizer: ReadsStyle, origin: str = "", device: str = "cpu"
) -> Style:
    """Style of a prompt, 16 kHz mono; `ttv` and `synthesizer` are the style encoders (`emb_g`) on `device`.

    The prompt is read as it is, in one piece and not normalised, as published without its denoiser: 3 to 12 s of clean
    speech are best.
    """
    mel = log_mel(torch.from_numpy(np.ascontiguousarray(samples, dtype=np.float32))[None].to(device))
    mask = mel.new_ones(1, 1, mel.shape[2])
    vector: FloatArray = torch.cat((ttv(mel, mask), synthesizer(mel, mask)), dim=1)[0].cpu().numpy()
    return Style(HIERSPEECHPP, vector, origin=origin)


def part(style: Style, wanted: slice) -> Tensor:
    """One network's part of the style, `(1, 256, 1)`.

    Raises:
        LatentSpaceError: it is the style of another voice model.
    """
    if style.space != HIERSPEECHPP:
        raise LatentSpaceError(
            f"A style of the space '{style.space.name}' was given to the voice of '{HIERSPEECHPP.name}'.",
            cause="Every voice model has styles of its own.",
            fix="Let the speaker's style be worked out with this profile.",
        )
    return torch.from_numpy(style.vector[wanted])[None, :, None]
