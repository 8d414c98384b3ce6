"""The dual audio encoder `enc_q`, for training: the very sound and its spectrogram to a distribution over frames."""

import torch
from torch import Tensor, nn

from codub.speech.hierspeechpp.amp import AmpBlock, mean_of, trio
from codub.speech.hierspeechpp.convolution import NormedConv1d
from codub.speech.hierspeechpp.gaussian import Gaussian
from codub.speech.hierspeechpp.snake import AntiAliasedSnake
from codub.speech.hierspeechpp.synthesizer_size import PUBLISHED, SynthesizerSize
from codub.speech.hierspeechpp.wavenet import WaveNet

STRIDES = (8, 5, 4, 2)  # 320 samples of 16 kHz to one frame
KERNELS = (17, 10, 8, 4)
BLOCK_KERNELS = (3, 7, 11)


class AudioPosterior(nn.Module):
    """A waveform branch, which keeps the phase, beside a spectrogram branch.

    Lee, Choi, Kim, Lee 2023 (HierSpeech++), section III-A.
    """

    def __init__(self, size: SynthesizerSize = PUBLISHED) -> None:
        super().__init__()
        latent = size.latent
        widths = (*(size.narrow * 2**i for i in range(len(STRIDES))), latent)
        self.pre = nn.Conv1d(size.bins, latent, 1)
        self.down_pre = nn.Conv1d(1, widths[0], 7, padding=3)
        self.resblocks = nn.ModuleList(AmpBlock(width, kernel) for width in widths[1:] for kernel in BLOCK_KERNELS)
        self.downs = nn.ModuleList(
            NormedConv1d(narrow, wide, kernel, stride=stride, padding=(kernel - 1) // 2)
            for narrow, wide, kernel, stride in zip(widths, widths[1:], KERNELS, STRIDES, strict=False)
        )
        self.activation_post = AntiAliasedSnake(latent)
        self.conv_post = nn.Conv1d(latent, latent, 7, padding=3)
        self.enc = WaveNet(latent, 5, size.posterior_layers, size.style)
        self.proj = nn.Conv1d(2 * latent, 2 * latent, 1)

    def forward(self, spectrogram: Tensor, sound: Tensor, mask: Tensor, style: Tensor) -> Gaussian:
        """Distribution of `(B, 192, T)`.

        spectrogram `(B, 641, T)`, linear magnitudes, hop 320; sound `(B, 1, 320 T)` at 16 kHz; mask `(B, 1, T)`;
        style `(B, 256, 1)`.
        """
        seen = self.enc(self.pre(spectrogram) * mask, mask, style)
        return Gaussian.of(self.proj(torch.cat((seen, self._waveform(sound) * mask), dim=1)), mask)

    def _waveform(self, sound: Tensor) -> Tensor:
        x = self.down_pre(sound)
        for stage, down in enumerate(self.downs):
            x = mean_of(trio(self.resblocks, stage), down(x))
        folded: Tensor = self.conv_post(self.activation_post(x))
        return folded
