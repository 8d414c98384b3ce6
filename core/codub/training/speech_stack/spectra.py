"""Spectra that training compares and hears: linear magnitudes and log-mels at several scales, of 16 kHz sound."""

from functools import cache

import torch
from torch import Tensor

RATE = 16_000
FLOOR = 1e-3  # added to mel power before the logarithm, as in the published style mel
LINEAR, HOP = 1280, 320  # samples
SCALES = ((2560, 80), (1280, 80), (640, 40), (320, 20))  # samples of a window, mel bins; the second is the style mel


def linear_magnitudes(sound: Tensor) -> Tensor:
    """`(B, 641, T)` of sound `(B, 320 T)`: Hann windows of 80 ms, 20 ms apart.

    What the published posterior encoder was given is not public but for the number of bins: magnitudes, as in VITS.
    """
    return _power(sound, LINEAR).clamp(min=1e-10).sqrt()


def log_mels(sound: Tensor, scales: tuple[tuple[int, int], ...] = SCALES) -> list[Tensor]:
    """`(B, bins, frames)` for each scale, hops of a quarter window: `ln(mel power + 1e-3)`, HTK mel to 8 kHz."""
    made = []
    for window, bins in scales:
        bank = mel_bank(window, bins).to(sound.device)
        made.append(torch.log(bank @ _power(sound, window) + FLOOR))
    return made


@cache
def mel_bank(window: int, bins: int) -> Tensor:
    """Triangles `(bins, window / 2 + 1)` of height 1, evenly apart on HTK's mel scale from 0 to 8 kHz."""
    top = 2595 * torch.log10(torch.tensor(1 + RATE / 2 / 700, dtype=torch.float64))
    corners = 700 * (10 ** (torch.linspace(0, 1, bins + 2, dtype=torch.float64) * top / 2595) - 1)
    places = torch.linspace(0, RATE / 2, window // 2 + 1, dtype=torch.float64)
    left, middle, right = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    rising, falling = (places - left) / (middle - left), (right - places) / (right - middle)
    return torch.minimum(rising, falling).clamp(min=0).float()


def _power(sound: Tensor, window: int) -> Tensor:
    """Frames are centred on multiples of the hop; the last one, centred on the end, is left out."""
    with torch.autocast(sound.device.type, enabled=False):
        shape = torch.hann_window(window, device=sound.device)
        found = torch.stft(sound.float(), window, window // 4, window=shape, pad_mode="reflect", return_complex=True)
        return found[..., :-1].abs().square()
