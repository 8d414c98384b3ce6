"""The wav2vec 2.0 front end as a CPU works it out fastest: frames as rows, convolutions as products, one by Fourier."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.speech.hierspeechpp.w2v import W2vFront, padded

ROWS = 1024  # frames worked out at a time: they stay in the cache until they are normed
SPAN = 256  # samples of the Fourier transforms


class FusedW2v(nn.Module):
    """The values of a `W2vFront`, whose layers it shares."""

    def __init__(self, front: W2vFront) -> None:
        super().__init__()
        model: Any = front.wav2vec2
        self.convolutions = nn.ModuleList(
            _Strided(layer.conv, layer.layer_norm) for layer in model.feature_extractor.conv_layers
        )
        self.projection = model.feature_projection
        self.positions = _FourierConv(model.encoder.pos_conv_embed.conv)
        self.layers = model.encoder.layers

    def forward(self, samples: Tensor) -> Tensor:
        """Features `(B, width, T)` of sound `(B, n)`, T = 4 (n // 1280 + 1)."""
        heard = []
        for sound in padded(samples):
            rows = sound[:, None]
            for convolve in self.convolutions:
                rows = convolve(rows)
            heard.append(rows)
        x = self.projection(torch.stack(heard))[0]
        x = x + functional.gelu(torch.stack([self.positions(rows) for rows in x]))
        for layer in self.layers:
            x = layer(x)
        features: Tensor = x
        return features.transpose(1, 2)


class _Strided(nn.Module):
    """A strided convolution over `(T, in)`, then layer norm and GELU.

    Frames that lie side by side in memory meet the taps in one product; taps beyond the stride in another.
    """

    def __init__(self, plain: nn.Conv1d, norm: nn.LayerNorm) -> None:
        super().__init__()
        self.taps, self.stride = plain.kernel_size[0], plain.stride[0]
        # A first layer of one channel takes all its taps from overlapping views: they are small.
        self.first = self.taps if plain.in_channels == 1 else min(self.taps, self.stride)
        weight = plain.weight.detach().permute(2, 1, 0).flatten(0, 1)  # (taps x in, out)
        self.head = nn.Parameter(weight[: self.first * plain.in_channels].contiguous(), requires_grad=False)
        self.tail = nn.Parameter(weight[self.first * plain.in_channels :].contiguous(), requires_grad=False)
        assert plain.bias is not None
        self.bias = nn.Parameter(plain.bias.detach(), requires_grad=False)
        self.norm = norm

    def forward(self, x: Tensor) -> Tensor:
        """`(T, in)` to `((T - taps) // stride + 1, out)`."""
        count, channels = (len(x) - self.taps) // self.stride + 1, x.shape[1]
        heads = x.as_strided((count, self.first * channels), (self.stride * channels, 1))
        made = x.new_empty(count, self.head.shape[1])
        for start in range(0, count, ROWS):
            end = min(start + ROWS, count)
            rows = torch.addmm(self.bias, heads[start:end], self.head)
            if len(self.tail):
                rows.addmm_(x[self.first :: self.stride][start:end], self.tail)
            made[start:end] = functional.gelu(self.norm(rows))
        return made


class _FourierConv(nn.Module):
    """A grouped convolution of many taps over `(T, C)`, the product of short spectra (overlap and save)."""

    def __init__(self, plain: nn.Conv1d) -> None:
        super().__init__()
        self.taps, self.groups = plain.kernel_size[0], plain.groups
        weight = plain.weight.detach()  # (C, C / groups, taps), its norm worked out
        spectra = torch.fft.rfft(weight, SPAN).conj().reshape(self.groups, -1, *weight.shape[1:2], SPAN // 2 + 1)
        self.register_buffer("spectra", spectra.permute(3, 0, 1, 2).resolve_conj().contiguous(), persistent=False)
        assert plain.bias is not None
        self.bias = nn.Parameter(plain.bias.detach(), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """`(T, C)` to the same shape; frame t sees half the taps before it."""
        step = SPAN - self.taps + 1
        blocks = -(-len(x) // step)
        before = self.taps // 2
        sound = functional.pad(x, (0, 0, before, blocks * step + self.taps - 1 - before - len(x)))
        spectra = torch.fft.rfft(sound.unfold(0, SPAN, step))  # (blocks, C, bins)
        grouped = spectra.reshape(blocks, self.groups, -1, spectra.shape[2]).permute(3, 1, 2, 0)
        products = (self.spectra @ grouped).permute(3, 1, 2, 0).flatten(1, 2)
        made = torch.fft.irfft(products, SPAN)[:, :, :step].transpose(1, 2).flatten(0, 1)
        answer: Tensor = made[: len(x)] + self.bias
        return answer
