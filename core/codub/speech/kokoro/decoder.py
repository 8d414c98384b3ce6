"""Sound side: aligned text features, F0, energy and the acoustic half of the style to a waveform."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from codub.speech.kokoro.blocks import ResidualBlock, within
from codub.speech.kokoro.generator import HARMONICS_PER_VECTOR, Generator

FEATURES = 512
WIDTH = 1024


class Decoder(nn.Module):
    """StyleTTS 2's iSTFTNet decoder; differentiable in everything it is given."""

    def __init__(self) -> None:
        super().__init__()
        joined = WIDTH + 64 + 2  # with the features again, narrowed to 64, and both curves
        self.F0_conv = nn.Conv1d(1, 1, 3, stride=2, padding=1)
        self.N_conv = nn.Conv1d(1, 1, 3, stride=2, padding=1)
        self.encode = ResidualBlock(FEATURES + 2, WIDTH)
        self.decode = nn.ModuleList(
            (*(ResidualBlock(joined, WIDTH) for _ in range(3)), ResidualBlock(joined, FEATURES, double=True))
        )
        self.asr_res = nn.Sequential(nn.Conv1d(FEATURES, 64, 1))
        self.generator = Generator()

    def forward(
        self,
        features: Tensor,
        f0: Tensor,
        energy: Tensor,
        style: Tensor,
        lengths: Sequence[int] | None = None,
        articulation: Tensor | None = None,
    ) -> Tensor:
        """Waveform `(B, 600 T)` at 24 kHz.

        features `(B, 512, T)` at 40 Hz; f0 in Hz and energy `(B, 2 T)` at 80 Hz; style `(B, 128)`, `articulation` too:
        the one for all before the generator, None for the same. Lines of several `lengths` in vectors are one batch,
        zeros behind each: every line sounds as it does alone, and silence follows.
        """
        forming = style if articulation is None else articulation
        shape = self.shape(features, f0, energy, forming, within(lengths, features))
        ends = None if lengths is None else [2 * n for n in lengths]
        waveform: Tensor = self.generator(shape, style, self.generator.harmonics(f0, ends), ends)
        return waveform

    def harmonics(self, f0: Tensor) -> Tensor:
        """As `Generator.harmonics`, of one line."""
        return self.generator.harmonics(f0)

    def stretch(self, shape: Tensor, harmonics: Tensor, style: Tensor, start: int, end: int) -> Tensor:
        """Waveform `(1, 600 (end - start))` of some vectors of a line, of what `shape` and `harmonics` made of all."""
        part = slice(HARMONICS_PER_VECTOR * start, HARMONICS_PER_VECTOR * end + 1)
        waveform: Tensor = self.generator(shape[:, :, 2 * start : 2 * end], style, harmonics[:, :, part])
        return waveform

    def shape(self, features: Tensor, f0: Tensor, energy: Tensor, style: Tensor, mask: Tensor | None = None) -> Tensor:
        """What the generator fills with sound: `(B, 512, 2 T)` at 80 Hz; `mask` `(B, 1, T)` as a norm takes it."""
        curves = torch.cat((self.F0_conv(f0[:, None]), self.N_conv(energy[:, None])), dim=1)
        x: Tensor = self.encode(torch.cat((features, curves), dim=1), style, mask)
        narrow = self.asr_res(features)
        for block in self.decode:
            x = block(torch.cat((x, narrow, curves), dim=1), style, mask)
        return x
