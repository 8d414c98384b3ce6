"""Log-mel spectrogram from which both style encoders read a voice (as torchaudio's MelSpectrogram makes it)."""

from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from codub.timing import SPEECH_RATE

MELS = 80
SAMPLES_PER_FRAME = 320  # 50 frames a second
WINDOW = 1280
FLOOR = 1e-3  # added to the power before the logarithm


def log_mel(samples: Tensor) -> Tensor:
    """`ln(power + 0.001)` in 80 HTK mel bands up to 8 kHz: `(B, 80, n // 320)` of 16 kHz sound `(B, n)`.

    A periodic Hann window of 1280 samples, frames centred on multiples of 320, mirrored at both ends; a sound of less
    than a window is filled up with silence. The last frame is left out, as published.
    """
    frames = max(samples.shape[-1] // SAMPLES_PER_FRAME, 1)
    samples = functional.pad(samples, (0, max(0, WINDOW - samples.shape[-1])))
    window = torch.hann_window(WINDOW, device=samples.device)
    spectrum = torch.stft(
        samples, WINDOW, SAMPLES_PER_FRAME, window=window, center=True, pad_mode="reflect", return_complex=True
    )
    power = spectrum.real.square() + spectrum.imag.square()
    bands = filterbank().to(samples.device).T @ power
    return (bands + FLOOR).log()[..., :frames]


@cache
def filterbank() -> Tensor:
    """Triangles on the HTK mel scale, `(641, 80)`, 0 to 8 kHz, not normalised."""
    top = 2595 * np.log10(1 + SPEECH_RATE / 2 / 700)
    corners = 700 * (10 ** (np.linspace(0, top, MELS + 2) / 2595) - 1)
    slopes = corners[None] - np.linspace(0, SPEECH_RATE / 2, WINDOW // 2 + 1)[:, None]
    widths = np.diff(corners)
    rising, falling = -slopes[:, :-2] / widths[:-1], slopes[:, 2:] / widths[1:]
    return torch.from_numpy(np.maximum(0, np.minimum(rising, falling)).astype(np.float32))
