"""The voice that a performance is converted into, and its tones brought into that voice's range."""

from dataclasses import dataclass, replace

import numpy as np

from codub.latent import SpeechLatent
from codub.speech.model import Style

LOWEST = 40.0  # Hz; below it nobody's voice is voiced
FURTHEST = 2.5  # times up or down: more is a wrong median, not a voice


@dataclass(frozen=True)
class Target:
    """A speaker's style, and the median F0 of the original voice in Hz (None: unknown, tones stay as performed)."""

    style: Style
    median_f0_hz: float | None = None


def moved_to(latent: SpeechLatent, median_f0_hz: float | None) -> SpeechLatent:
    """The latent with its F0 multiplied so that its median is `median_f0_hz`: the melody stays, the range is another.

    It stays as it is where either median is unknown.
    """
    f0 = np.expm1(latent.log_f0)
    voiced = f0 > LOWEST
    if median_f0_hz is None or not voiced.any():
        return latent
    factor = float(np.clip(median_f0_hz / np.median(f0[voiced]), 1 / FURTHEST, FURTHEST))
    moved = np.where(voiced, np.log1p(f0 * factor), latent.log_f0)
    return replace(latent, log_f0=moved.astype(np.float32))
