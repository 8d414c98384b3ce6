"""SpeechSR: 16 kHz sound brought to 24 or 48 kHz by one interpolation and three AMP blocks."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.speech.hierspeechpp.amp import AmpBlock, mean_of
from codub.speech.hierspeechpp.convolution import NormedConv1d
from codub.speech.hierspeechpp.snake import AntiAliasedSnake

SOURCE_RATE = 16_000
RATES = (24_000, 48_000)
CHANNELS = 32
KERNELS = (3, 7, 11)


class _Upsampler(nn.Module):
    def __init__(self, rate: int) -> None:
        super().__init__()
        self.rate = rate
        self.conv_pre = NormedConv1d(1, CHANNELS, 7)
        self.resblocks = nn.ModuleList(AmpBlock(CHANNELS, kernel) for kernel in KERNELS)
        self.activation_post = AntiAliasedSnake(CHANNELS)
        self.conv_post = nn.Conv1d(CHANNELS, 1, 7, padding=3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        samples = x.shape[2] * self.rate // SOURCE_RATE
        x = functional.interpolate(self.conv_pre(x), samples, mode="linear", align_corners=False)
        x = mean_of(list(self.resblocks), x)
        return torch.tanh(self.conv_post(self.activation_post(x)))


class SpeechSR(nn.Module):
    """`(B, 1, n)` at 16 kHz to `(B, 1, n rate / 16000)`, rounded down, at `rate`: 24 or 48 kHz.

    Lee, Choi, Kim, Lee 2023 (HierSpeech++), section III-E; no speaker, no text. State dict: the published files'.
    """

    def __init__(self, rate: int) -> None:
        super().__init__()
        if rate not in RATES:
            raise ValueError(f"SpeechSR makes {RATES} Hz, not {rate}")
        self.rate = rate
        self.dec = _Upsampler(rate)

    def forward(self, sound: Tensor) -> Tensor:
        """`(B, 1, samples)` in [-1, 1]."""
        raised: Tensor = self.dec(sound)
        return raised
