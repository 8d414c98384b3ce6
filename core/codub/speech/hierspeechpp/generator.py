"""The waveform generator `dec`: latent, pitch features and style to 16 kHz sound, 320 samples a frame."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.speech.hierspeechpp.amp import AmpBlock, mean_of, trio
from codub.speech.hierspeechpp.convolution import NormedConv1d, NormedTransposedConv1d
from codub.speech.hierspeechpp.snake import AntiAliasedSnake
from codub.speech.hierspeechpp.synthesizer_size import PITCH_PER_FRAME, PUBLISHED, SynthesizerSize

RATES = (4, 5, 4, 2, 2)
KERNELS = (8, 11, 8, 4, 4)
BLOCK_KERNELS = (3, 7, 11)


class PitchDown(nn.Module):
    """Pitch features `(B, 64, 4 T)` brought to the frame rate, `(B, 512, T)`."""

    def __init__(self, pitch: int, width: int) -> None:
        super().__init__()
        self.residual_dense = NormedConv1d(pitch, width, 1)
        self.conv = nn.ModuleList(NormedConv1d(pitch if i == 0 else width, width, 3, dilation=2**i) for i in range(3))

    def forward(self, pitch: Tensor) -> Tensor:
        """`(B, 512, T)`.

        The published code narrows by nearest neighbour after the residual convolution; every fourth value is that,
        and a convolution of width 1 may as well come after it.
        """
        x = pitch[:, :, ::PITCH_PER_FRAME]
        residual: Tensor = self.residual_dense(x)
        for conv in self.conv:
            x = conv(functional.leaky_relu(x, 0.1))
        return x + residual


class WaveformGenerator(nn.Module):
    """BigVGAN-like: five up-sampling stages, each the mean of three AMP blocks.

    Lee, Choi, Kim, Lee 2023 (HierSpeech++), section III-C.
    """

    def __init__(self, size: SynthesizerSize = PUBLISHED) -> None:
        super().__init__()
        widths = [size.width // 2**i for i in range(len(RATES) + 1)]
        self.conv_pre = NormedConv1d(size.latent, size.width, 7)
        self.ups = nn.ModuleList(
            NormedTransposedConv1d(wide, narrow, kernel, stride=rate, padding=(kernel - rate) // 2)
            for wide, narrow, kernel, rate in zip(widths, widths[1:], KERNELS, RATES, strict=False)
        )
        self.resblocks = nn.ModuleList(AmpBlock(width, kernel) for width in widths[1:] for kernel in BLOCK_KERNELS)
        self.activation_post = AntiAliasedSnake(widths[-1])
        self.conv_post = nn.Conv1d(widths[-1], 1, 7, padding=3, bias=False)
        self.cond = nn.Conv1d(size.style, size.width, 1)
        self.downs = PitchDown(size.pitch, size.width)
        self.proj = nn.Conv1d(size.pitch, widths[1], 7, padding=3)

    def forward(self, latent: Tensor, pitch: Tensor, style: Tensor) -> Tensor:
        """Waveform `(B, 1, 320 T)` in [-1, 1] at 16 kHz.

        latent `(B, 192, T)` at 50 Hz; pitch `(B, 64, 4 T)` at 200 Hz, of the source network; style `(B, 256, 1)`.
        """
        x = self.conv_pre(latent) + self.downs(pitch) + self.cond(style)
        for stage, up in enumerate(self.ups):
            x = up(x)
            if stage == 0:
                x = x + self.proj(pitch)
            x = mean_of(trio(self.resblocks, stage), x)
        return torch.tanh(self.conv_post(self.activation_post(x)))
