"""The decoder for inference on a CPU that multiplies bytes: nearly the same sound, in less than half the time."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.speech.kokoro.decoder import Decoder
from codub.speech.kokoro.fused_blocks import FusedResidualBlock, FusedSnakeBlock, FusedUp
from codub.speech.kokoro.generator import HARMONICS_PER_VECTOR, Generator
from codub.speech.kokoro.narrowing import narrowed
from codub.speech.kokoro.rows import surveyed

BLOCKS = 3  # Snake blocks side by side in a stage, of which the mean is taken
# Inner channels of the harmonics' blocks, of 256 and 128: 7 % fewer multiplications in the decoder. Two lines of a low
# voice, which hears it most, go from 0.08 and 0.13 nepers off to 0.13 and 0.16; with 48 in the second block alone it is
# 0.19 and 0.22. The other blocks cannot spare a quarter of theirs: each would be 0.16 to 0.34 nepers off by itself.
HARMONICS_INNER = (192, 96)


class FusedDecoder(nn.Module):
    """A `Decoder` for one line at a time: the same arguments, nearly the same values.

    It is made from a plain one, whose small layers it shares, and can neither learn nor be saved. `styles` `(N, 128)`
    are usual acoustic styles: signals are levelled for them.
    """

    def __init__(self, plain: Decoder, styles: Tensor) -> None:
        super().__init__()
        self.F0_conv, self.N_conv, self.asr_res = plain.F0_conv, plain.N_conv, plain.asr_res
        self.encode = FusedResidualBlock(plain.encode, styles)
        self.decode = nn.ModuleList(FusedResidualBlock(block, styles) for block in plain.decode)
        self.generator = FusedGenerator(plain.generator, styles)

    def forward(
        self, features: Tensor, f0: Tensor, energy: Tensor, style: Tensor, *, articulation: Tensor | None = None
    ) -> Tensor:
        """Waveform `(1, 600 T)` at 24 kHz.

        features `(1, 512, T)` at 40 Hz; f0 in Hz and energy `(1, 2 T)` at 80 Hz; style `(1, 128)`, `articulation` too:
        the one for all before the generator, None for the same.
        """
        shape = self.shape(features, f0, energy, style if articulation is None else articulation)
        return self.stretch(shape, self.harmonics(f0), style, 0, features.shape[2])

    def harmonics(self, f0: Tensor) -> Tensor:
        """As `Generator.harmonics`, of one line."""
        return self.generator.plain.harmonics(f0)

    def stretch(self, shape: Tensor, harmonics: Tensor, style: Tensor, start: int, end: int) -> Tensor:
        """Waveform `(1, 600 (end - start))` of some vectors of a line, of what `shape` and `harmonics` made of all."""
        part = slice(HARMONICS_PER_VECTOR * start, HARMONICS_PER_VECTOR * end + 1)
        waveform: Tensor = self.generator(shape[2 * start : 2 * end], style, harmonics[:, :, part])
        return waveform

    def shape(self, features: Tensor, f0: Tensor, energy: Tensor, style: Tensor) -> Tensor:
        """What the generator fills with sound: `(2 T, 512)` at 80 Hz."""
        curves = torch.cat((self.F0_conv(f0[:, None]), self.N_conv(energy[:, None])), dim=1)[0].T
        x: Tensor = self.encode(torch.cat((features[0].T, curves), dim=1), style)
        narrow = self.asr_res(features)[0].T
        for block in self.decode:
            x = block(torch.cat((x, narrow, curves), dim=1), style)
        return x


class FusedGenerator(nn.Module):
    """A `Generator` on rows."""

    def __init__(self, plain: Generator, styles: Tensor) -> None:
        super().__init__()
        self.plain = plain
        self.ups = nn.ModuleList(FusedUp(up, 0.1, 1 / BLOCKS if i else 1.0) for i, up in enumerate(plain.ups))
        narrow = (narrowed(block, styles, kept) for block, kept in zip(plain.noise_res, HARMONICS_INNER, strict=True))
        self.noise_res = nn.ModuleList(FusedSnakeBlock(block, styles) for block in narrow)
        self.resblocks = nn.ModuleList(FusedSnakeBlock(block, styles) for block in plain.resblocks)
        self.last = (plain.conv_post.weight.detach() / BLOCKS)[:, :, None]

    def forward(self, x: Tensor, style: Tensor, harmonics: Tensor) -> Tensor:
        """Waveform `(1, 300 F)`; x `(F, 512)` at 80 Hz, style `(1, 128)`, harmonics `(1, 22, 60 F + 1)`."""
        for stage in range(2):
            x = self.ups[stage](x)
            if stage == 1:
                x = torch.cat((x[1:2], x))  # reflected
            source = surveyed(self.plain.noise_convs[stage](harmonics)[0].T.contiguous())
            noise = self.noise_res[stage](source, style)
            rows = surveyed(noise.values.add_(x))
            made = [block(rows, style) for block in self.resblocks[BLOCKS * stage : BLOCKS * (stage + 1)]]
            x = made[0].values.add_(made[1].values).add_(made[2].values)
        x = functional.leaky_relu_(x, 0.01).T[None, :, None]
        # In bfloat16 what is nearly silent would differ by 4 dB.
        spectrum = functional.conv2d(x, self.last, self.plain.conv_post.bias, padding=(0, 3))
        return self.plain.sound(spectrum[:, :, 0])
