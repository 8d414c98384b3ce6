"""The source network `sn`: what pitch the latent means, as features for the generator and as a curve."""

import itertools

from torch import Tensor, nn

from codub.speech.hierspeechpp.amp import AmpBlock, mean_of, trio
from codub.speech.hierspeechpp.convolution import NormedConv1d, NormedTransposedConv1d
from codub.speech.hierspeechpp.snake import AntiAliasedSnake
from codub.speech.hierspeechpp.synthesizer_size import PUBLISHED, SynthesizerSize

BLOCK_KERNELS = (3, 5, 7)


class SourceNetwork(nn.Module):
    """Latent at 50 Hz to pitch features and ln-F0 at 200 Hz."""

    def __init__(self, size: SynthesizerSize = PUBLISHED) -> None:
        super().__init__()
        widths = (size.width // 2, size.width // 4, size.pitch)
        self.conv_pre = NormedConv1d(size.latent, widths[0], 7)
        self.ups = nn.ModuleList(
            NormedTransposedConv1d(wide, narrow, 4, stride=2, padding=1) for wide, narrow in itertools.pairwise(widths)
        )
        self.resblocks = nn.ModuleList(AmpBlock(width, kernel) for width in widths[1:] for kernel in BLOCK_KERNELS)
        self.activation_post = AntiAliasedSnake(widths[-1])
        self.conv_post = nn.Conv1d(widths[-1], 1, 7, padding=3, bias=False)
        self.cond = nn.Conv1d(size.style, widths[0], 1)

    def forward(self, latent: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """Features `(B, 64, 4 T)` and `ln(F0 in Hz + 1)` `(B, 1, 4 T)`; training alone needs the second.

        latent `(B, 192, T)`, style `(B, 256, 1)`.
        """
        features = self.features(latent, style)
        return features, self.conv_post(features)

    def features(self, latent: Tensor, style: Tensor) -> Tensor:
        """Pitch features `(B, 64, 4 T)` alone."""
        x = self.conv_pre(latent) + self.cond(style)
        for stage, up in enumerate(self.ups):
            x = mean_of(trio(self.resblocks, stage), up(x))
        activated: Tensor = self.activation_post(x)
        return activated
