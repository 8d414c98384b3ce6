"""What is done to a fit's waves before they are heard, differentiable: the rate, and the gains as a dub has them."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from codub.speech.equaliser import BANDS, FRAME, amplitudes, centres
from codub.timing import SPEECH_RATE

_WINDOW, _FFT = 4 * FRAME, 6 * FRAME  # as `moving_equaliser`'s: a frame may ring for another hop on either side
_VECTORS = 40  # a second


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
    """Waves `(1, N)` at 16 kHz with gains in dB `(T, 40)` of 40 moments a second, as `equalised_over_time`'s."""
    window = torch.zeros(_FFT, device=waves.device)
    window[FRAME:-FRAME] = torch.hann_window(_WINDOW, device=waves.device)
    spectrum = torch.stft(waves, _FFT, FRAME, _FFT, window, return_complex=True)
    at = torch.arange(spectrum.shape[-1], device=waves.device) * (FRAME * _VECTORS / SPEECH_RATE) - 0.5
    below = at.floor().clamp(0, len(gains) - 1).long()
    share = (at - below).clamp(0, 1)[:, None]
    moving = (1 - share) * gains[below] + share * gains[(below + 1).clamp(max=len(gains) - 1)]
    factors = torch.exp(moving @ _to_bins().to(waves)).T[None]
    return torch.istft(spectrum * factors, _FFT, FRAME, _FFT, window, length=waves.shape[1])


def _to_bins() -> Tensor:
    """What a dB of each band adds to the logarithm of each bin's amplitude, `(40, F)`."""
    hertz = np.fft.rfftfreq(_FFT, 1 / SPEECH_RATE)
    shares = np.stack([np.interp(hertz, centres(), one) for one in np.eye(BANDS)])
    return torch.from_numpy(shares * (np.log(10) / 20))
