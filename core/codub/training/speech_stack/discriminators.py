"""Which 16 kHz sound is recorded and which is made: HierSpeech++'s five period and five spectrogram discriminators.

Key names are those of the authors' discriminator checkpoint, so that training can go on from it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

SLOPE = 0.1  # of the leaky rectifiers


@dataclass(frozen=True)
class DiscriminatorConfig:
    """Sizes. A spectrogram of `n_fft` samples hops a quarter of them."""

    periods: tuple[int, ...] = (2, 3, 5, 7, 11)
    period_channels: tuple[int, ...] = (32, 128, 512, 1024, 1024)
    n_ffts: tuple[int, ...] = (2048, 1024, 512, 256, 128)
    spectrum_channels: int = 32


@dataclass(frozen=True)
class Verdict:
    """`scores` `(B, n)` and `features` of every layer, for each discriminator in turn."""

    scores: list[Tensor]
    features: list[list[Tensor]]


class Discriminators(nn.Module):
    """All of them, spectrograms first."""

    def __init__(self, config: DiscriminatorConfig) -> None:
        super().__init__()
        spectra = [SpectrumDiscriminator(n_fft, config.spectrum_channels) for n_fft in config.n_ffts]
        periods = [PeriodDiscriminator(period, config.period_channels) for period in config.periods]
        self.discriminators = nn.ModuleList([*spectra, *periods])

    def forward(self, sound: Tensor) -> Verdict:
        """What each says of sound `(B, 1, n)` at 16 kHz, -1..1; n at least the largest `n_fft`."""
        said = [discriminator(sound) for discriminator in self.discriminators]
        return Verdict([scores for scores, _ in said], [features for _, features in said])


class NormedConv2d(nn.Module):
    """A 2-D convolution with weight norm; keys `bias`, `weight_g` `(out, 1, 1, 1)`, `weight_v` `(out, in, h, w)`."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: tuple[int, int],
        *,
        stride: tuple[int, int] = (1, 1),
        dilation: tuple[int, int] = (1, 1),
    ) -> None:
        super().__init__()
        self.stride, self.dilation = stride, dilation
        self.padding = tuple(d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True))
        plain = nn.Conv2d(inputs, outputs, kernel)
        assert plain.bias is not None
        self.bias = nn.Parameter(plain.bias.detach().clone())
        self.weight_g = nn.Parameter(plain.weight.detach().square().sum((1, 2, 3), keepdim=True).sqrt())
        self.weight_v = nn.Parameter(plain.weight.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        """`(B, in, H, W)` to `(B, out, H', W')`."""
        weight = torch._weight_norm(self.weight_v, self.weight_g, 0)
        return functional.conv2d(x, weight, self.bias, self.stride, self.padding, self.dilation)


class PeriodDiscriminator(nn.Module):
    """Every `period`-th sample seen as one column (Kong, Kim, Bae 2020)."""

    def __init__(self, period: int, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.period = period
        steps = [(3, 1)] * (len(channels) - 1) + [(1, 1)]
        self.convs = nn.ModuleList(
            NormedConv2d(a, b, (5, 1), stride=step) for a, b, step in zip((1, *channels), channels, steps, strict=False)
        )
        self.conv_post = NormedConv2d(channels[-1], 1, (3, 1))

    def forward(self, sound: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Scores `(B, n)` and the features of each layer, of sound `(B, 1, n)`."""
        missing = -sound.shape[-1] % self.period
        padded = functional.pad(sound, (0, missing), "reflect") if missing else sound
        return _judged(padded.reshape(*padded.shape[:-1], -1, self.period), self.convs, self.conv_post)


class SpectrumDiscriminator(nn.Module):
    """Real and imaginary part of a spectrogram, convolved over time and frequency (Défossez et al. 2022)."""

    def __init__(self, n_fft: int, channels: int) -> None:
        super().__init__()
        self.spec_transform = ComplexSpectrogram(n_fft)
        halved = {"stride": (1, 2)}
        self.convs = nn.ModuleList(
            [
                NormedConv2d(2, channels, (3, 9)),
                NormedConv2d(channels, channels, (3, 9), **halved),
                NormedConv2d(channels, channels, (3, 9), dilation=(2, 1), **halved),
                NormedConv2d(channels, channels, (3, 9), dilation=(4, 1), **halved),
                NormedConv2d(channels, channels, (3, 3)),
            ]
        )
        self.conv_post = NormedConv2d(channels, 1, (3, 3))

    def forward(self, sound: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Scores `(B, n)` and the features of each layer, of sound `(B, 1, n)`."""
        return _judged(self.spec_transform(sound), self.convs, self.conv_post)


class ComplexSpectrogram(nn.Module):
    """Real and imaginary part `(B, 2, frames, n_fft / 2 + 1)` over a Hann window of unit energy, a quarter apart."""

    window: Tensor

    def __init__(self, n_fft: int) -> None:
        super().__init__()
        self.n_fft = n_fft
        self.register_buffer("window", torch.hann_window(n_fft))

    def forward(self, sound: Tensor) -> Tensor:
        """Of sound `(B, 1, n)`, without padding at its ends."""
        with torch.autocast(sound.device.type, enabled=False):
            found = torch.stft(
                sound[:, 0].float(),
                self.n_fft,
                self.n_fft // 4,
                window=self.window,
                center=False,
                return_complex=True,
            )
            return torch.view_as_real(found / self.window.norm()).permute(0, 3, 2, 1)


def _judged(x: Tensor, layers: nn.ModuleList, last: nn.Module) -> tuple[Tensor, list[Tensor]]:
    features = []
    for layer in layers:
        x = functional.leaky_relu(layer(x), SLOPE)
        features.append(x)
    x = last(x)
    features.append(x)
    return x.flatten(1), features
