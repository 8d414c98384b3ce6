"""The talking-face generator in the form in which a CPU runs it: the same numbers, sooner.

* Maps lie with channels last, which is how the processor's convolutions want them.
* Enlarging and the convolution after it are one transposed convolution: 4 products a place instead of 9.
* A normalisation's result is scaled and shifted by the latent in one pass, and activations are taken in place.
* The latent's code is worked out by products of matrices: its convolutions are too short for anything else.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.face.generator import Generator, LatentEncoder, Motion, Residual, UpStep

# Which of the kernel's 3 taps meet in each of the 4 of the transposed one, as every place stands there twice.
_TAPS = torch.tensor([[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0, 0.0], [1.0, 0.0, 0.0]])


class FusedGenerator:
    """Wraps a generator in evaluation mode, for inference only; its weights are read once, here.

    The network's own convolutions get their weights laid out with channels last; values stay as they are.
    """

    def __init__(self, network: Generator) -> None:
        self._network = network
        with torch.no_grad():
            for module in network.modules():
                if isinstance(module, nn.Conv2d):
                    module.weight.data = _last(module.weight.data)
            self._latent = _FusedLatent(network.latent)
            self._steps = [_FusedUpStep(step) for step in network.steps if isinstance(step, UpStep)]
            hidden = (network.mask > 0).float()
            self._hidden, self._seen = hidden, 1 - hidden

    def identify(self, references: Tensor) -> list[Tensor]:
        """What the references `(K, 3, S, S)` show at every scale, `(1, C, h, w)` each: once for a whole clip."""
        return [_last(maps) for maps in self._network.identify(references[None])]

    def __call__(self, windows: Tensor, pose: Tensor, identity: list[Tensor]) -> Motion:
        """Motion of T frames: windows `(T, C, window)`, pose `(T, 3, S, S)`, identity from `identify`."""
        network = self._network
        code = self._latent((windows - network.mean[:, None]) / network.deviation[:, None])
        around = self._look(pose)
        spread = code[:, :, None, None].expand(-1, -1, *around[-1].shape[-2:])
        known = identity[-1].expand(len(code), -1, -1, -1)
        x = _residual(network.bottom, _block(network.join, torch.cat([around[-1], known, spread], 1)), code)
        for step, skip, own in zip(self._steps, around[-2::-1], identity[-2::-1], strict=True):
            x = step(x, skip.add_(own), code)
        return network.motion(network.head(x).contiguous())

    def _look(self, pose: Tensor) -> list[Tensor]:
        """The pose encoder's maps of pictures whose mouths it may not see."""
        hidden = self._hidden.expand(len(pose), -1, -1, -1)
        x = _last(torch.cat([(pose - 0.5) * self._seen, hidden], 1))
        maps = []
        for scale, deep in zip(self._network.pose.scales, self._network.pose.deep, strict=True):
            x = _block(scale, x)
            x = _residual(deep, x) if isinstance(deep, Residual) else x
            maps.append(x)
        return maps


class _FusedUpStep:
    """`UpStep` with its enlarging in the convolution's kernel."""

    def __init__(self, step: UpStep) -> None:
        convolution, self._norm = step.join
        assert isinstance(convolution, nn.Conv2d)
        enlarged, skipped = convolution.weight.chunk(2, 1)
        taps = _TAPS.to(enlarged.device)
        self._enlarge = _last(torch.einsum("ay,bx,oiyx->ioab", taps, taps, enlarged))
        self._skip = _last(skipped)
        self._bias = convolution.bias
        self._step = step

    def __call__(self, x: Tensor, skip: Tensor, code: Tensor) -> Tensor:
        small = self._step.reduce(x)
        y = functional.conv_transpose2d(small, self._enlarge, self._bias, stride=2, padding=1)
        y = y.add_(functional.conv2d(skip, self._skip, padding=1))
        y = functional.silu(_modulated(self._norm, y, self._step.film(code)), inplace=True)
        return y if self._step.deep is None else _residual(self._step.deep, y, code)


class _FusedLatent:
    """`LatentEncoder` as products of matrices: its first kernel has one tap, its second three."""

    def __init__(self, encoder: LatentEncoder) -> None:
        first, _, second, *self._rest = encoder.layers
        assert isinstance(first, nn.Conv1d)
        assert isinstance(second, nn.Conv1d)
        self._first = first.weight[..., 0].contiguous(), first.bias
        self._second = second.weight.permute(0, 2, 1).flatten(1), second.bias

    def __call__(self, windows: Tensor) -> Tensor:
        x = functional.silu(functional.linear(windows.transpose(1, 2), *self._first))
        padded = functional.pad(x, (0, 0, 1, 1))
        taps = torch.cat([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]], 2)
        x = functional.linear(taps, *self._second).transpose(1, 2)
        for layer in self._rest:
            x = layer(x)
        return x


def _last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


def _block(layers: nn.Module, x: Tensor) -> Tensor:
    """Convolution, norm and activation."""
    convolution, norm, _ = layers.children()
    return functional.silu(norm(convolution(x)), inplace=True)


def _residual(block: Residual, x: Tensor, code: Tensor | None = None) -> Tensor:
    film = block.film(code) if block.film is not None and code is not None else None
    y = functional.silu(_modulated(block.norms[0], block.first(x), film), inplace=True)
    y = block.norms[1](block.second(y))
    return functional.silu(y.add_(x), inplace=True)


def _modulated(norm: nn.Module, x: Tensor, film: Tensor | None) -> Tensor:
    """Normalised, then scaled and shifted by `film` `(B, 2 C)`."""
    y = torch.as_tensor(norm(x))
    if film is None:
        return y
    scale, shift = film[:, :, None, None].chunk(2, 1)
    return torch.addcmul(shift, y, 1 + scale, out=y)
