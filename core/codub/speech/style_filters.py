"""What is done to a fit's waves before they are heard, differentiable: the rate, and the gains as a dub has them."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from codub.latent import EMBEDDED
from codub.speech.equaliser import FRAME, amplitudes
from codub.speech.moving_equaliser import amplitudes_over_time
from codub.timing import SPEECH_RATE

_WINDOW, _FFT = 4 * FRAME, 6 * FRAME  # as `moving_equaliser`'s: a frame may ring for another hop on either side


def to_speech_rate(waves: Tensor) -> Tensor:
    """Waves `(B, N)` at 24 kHz as `(B, 2 N / 3)` at 16 kHz, band-limited in the frequency domain; N divides by 3."""
    spectrum = torch.fft.rfft(waves)
    samples = waves.shape[1] * 2 // 3
    slower: Tensor = torch.fft.irfft(spectrum[:, : samples // 2 + 1], samples)
    return slower * (2 / 3)


def filtered(waves: Tensor, gains: NDArray[np.float32]) -> Tensor:
    """Waves `(B, N)` at 16 kHz with the equaliser's gains; differentiable, else as `equaliser.equalised`."""
    hertz = np.arange(waves.shape[1] // 2 + 1, dtype=np.float64) * (SPEECH_RATE / waves.shape[1])
    factors = amplitudes(gains, hertz)
    spectrum = torch.fft.rfft(waves) * torch.from_numpy(factors).to(waves)
    louder: Tensor = torch.fft.irfft(spectrum, waves.shape[1])
    return louder


def filtered_over_time(waves: Tensor, gains: Tensor) -> Tensor:
    """Waves `(1, N)` at 16 kHz with gains in dB `(T, 40)` of as many moments as vectors, as `equalised_over_time`'s."""
    window = torch.zeros(_FFT, device=waves.device)
    window[FRAME:-FRAME] = torch.hann_window(_WINDOW, device=waves.device)
    spectrum = torch.stft(waves, _FFT, FRAME, _FFT, window, return_complex=True)
    at = np.arange(spectrum.shape[-1], dtype=np.float64) * (FRAME * float(EMBEDDED.rate) / SPEECH_RATE) - 0.5
    factors = amplitudes_over_time(gains.numpy(force=True).astype(np.float64), at, _FFT, SPEECH_RATE)
    spectrum = spectrum * torch.from_numpy(factors.T).to(waves)
    return torch.istft(spectrum, _FFT, FRAME, _FFT, window, length=waves.shape[1])
