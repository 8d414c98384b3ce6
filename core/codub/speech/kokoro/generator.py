"""The waveform: harmonics of F0 shaped by up-sampling stages into a short-time spectrum, and that inverted."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.speech.kokoro.blocks import SnakeBlock, masked, within

SAMPLE_RATE = 24_000
N_FFT = 20
HOP = 5
BINS = N_FFT // 2 + 1
SAMPLES_PER_F0 = 300  # 24 kHz over 80 Hz
HARMONICS = 9
HARMONICS_PER_VECTOR = 2 * SAMPLES_PER_F0 // HOP  # moments of the harmonics' spectrum, and one more at the end
VOICED_ABOVE = 10.0  # Hz
UP = (10, 6)  # how much denser each stage makes the moments


class HarmonicSource(nn.Module):
    """F0 and eight overtones as sines, mixed into one excitation `(B, samples)`; silence where unvoiced."""

    def __init__(self) -> None:
        super().__init__()
        self.l_linear = nn.Linear(HARMONICS, 1)

    def forward(self, f0: Tensor) -> Tensor:
        """Excitation at 24 kHz of F0 in Hz `(B, F)` at 80 Hz.

        The phase is summed at 80 Hz and interpolated between, in float64: after ten seconds it is 1e5 radians.
        """
        numbers = torch.arange(1, HARMONICS + 1, device=f0.device, dtype=torch.float64)
        cycles = torch.remainder(f0[:, None].double() * numbers[:, None] / SAMPLE_RATE, 1.0)
        phase = torch.cumsum(cycles, dim=2) * (2 * math.pi * SAMPLES_PER_F0)
        phase = functional.interpolate(phase, scale_factor=float(SAMPLES_PER_F0), mode="linear")
        voiced = (f0 > VOICED_ABOVE).repeat_interleave(SAMPLES_PER_F0, dim=1)
        sines = 0.1 * torch.sin(phase).to(f0.dtype) * voiced[:, None]
        mixed: Tensor = torch.tanh(self.l_linear(sines.transpose(1, 2)))
        return mixed[:, :, 0]


class Generator(nn.Module):
    """`(B, 512, F)` at 80 Hz, the style and the harmonics of F0 to a waveform `(B, 300 F)` at 24 kHz."""

    window: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.m_source = HarmonicSource()
        self.ups = nn.ModuleList(
            (
                nn.ConvTranspose1d(512, 256, 20, stride=10, padding=5),
                nn.ConvTranspose1d(256, 128, 12, stride=6, padding=3),
            )
        )
        self.noise_convs = nn.ModuleList(
            (nn.Conv1d(2 * BINS, 256, 12, stride=6, padding=3), nn.Conv1d(2 * BINS, 128, 1))
        )
        self.noise_res = nn.ModuleList((SnakeBlock(256, 7), SnakeBlock(128, 11)))
        self.resblocks = nn.ModuleList(SnakeBlock(width, kernel) for width in (256, 128) for kernel in (3, 7, 11))
        self.conv_post = nn.Conv1d(128, 2 * BINS, 7, padding=3)
        self.register_buffer("window", torch.hann_window(N_FFT), persistent=False)

    def forward(self, x: Tensor, style: Tensor, harmonics: Tensor, lengths: Sequence[int] | None = None) -> Tensor:
        """Waveform, about [-1, 1]; `lengths` in F0 values, where lines of several are a batch: silence behind each."""
        ends, mask = lengths, within(lengths, x)
        for stage in range(2):
            x = self.ups[stage](functional.leaky_relu(masked(x, mask), 0.1))
            if stage == 1:
                x = functional.pad(x, (1, 0), mode="reflect")
            ends = None if ends is None else [UP[stage] * end + stage for end in ends]
            mask = within(ends, x)
            x = x + self.noise_res[stage](self.noise_convs[stage](harmonics), style, mask)
            blocks = self.resblocks[3 * stage : 3 * stage + 3]
            x = sum(block(x, style, mask) for block in blocks) / 3
        x = self.conv_post(functional.leaky_relu(masked(x, mask), 0.01))
        if ends is None:
            return self.sound(x)
        sounds = [self.sound(line[None, :, :end])[0] for line, end in zip(x, ends, strict=True)]
        return nn.utils.rnn.pad_sequence(sounds, batch_first=True)

    def harmonics(self, f0: Tensor, lengths: Sequence[int] | None = None) -> Tensor:
        """What the stages shape: the excitation's spectrum `(B, 22, 60 F + 1)` of F0 `(B, F)`, zeros behind a line."""
        source = self.m_source(f0)
        if lengths is None:
            return self._spectrum(source)
        each = [self._spectrum(line[None, : SAMPLES_PER_F0 * n]) for line, n in zip(source, lengths, strict=True)]
        longest = max(spectrum.shape[2] for spectrum in each)
        return torch.cat([functional.pad(spectrum, (0, longest - spectrum.shape[2])) for spectrum in each])

    def sound(self, x: Tensor) -> Tensor:
        """Waveform of log magnitudes and phases, `(B, 22, 5-sample frames)`; the phase is the sine of what is given."""
        spectrum = torch.polar(torch.exp(x[:, :BINS]), torch.sin(x[:, BINS:]))
        return torch.istft(spectrum, N_FFT, HOP, window=self.window)

    def _spectrum(self, source: Tensor) -> Tensor:
        """Magnitude and phase `(B, 22, 5-sample frames)` of the excitation."""
        spectrum = torch.stft(source, N_FFT, HOP, window=self.window, pad_mode="reflect", return_complex=True)
        # The outer bins are real; without its noise of sign, a negative one has the phase +pi, as in training.
        imaginary = spectrum.imag.clone()
        imaginary[:, 0] = 0.0
        imaginary[:, -1] = 0.0
        return torch.cat((spectrum.abs(), torch.atan2(imaginary, spectrum.real)), dim=1)
