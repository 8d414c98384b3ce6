"""Convolutions with a normalised weight (Salimans, Kingma 2016), under the key names of the published checkpoints."""

from collections.abc import Iterator
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

Plain = TypeVar("Plain", nn.Conv1d, nn.ConvTranspose1d)


class NormedConv1d(nn.Module):
    """A 1-D convolution whose weight is `weight_g * weight_v / |weight_v|`, one norm for each output channel.

    Same length out as in where `stride` is 1 and `padding` is left alone. The published code's old-style weight norm
    makes the keys `bias`, `weight_g` `(out, 1, 1)` and `weight_v` `(out, in, kernel)`.
    """

    bias: nn.Parameter
    weight_g: nn.Parameter
    weight_v: nn.Parameter

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        *,
        stride: int = 1,
        dilation: int = 1,
        padding: int | None = None,
    ) -> None:
        super().__init__()
        plain = nn.Conv1d(inputs, outputs, kernel, stride)
        self.stride = stride
        self.dilation = dilation
        self.padding = dilation * (kernel - 1) // 2 if padding is None else padding
        _split(self, plain)

    @property
    def weight(self) -> Tensor:
        """The weight that convolves, `(out, in, kernel)`."""
        return torch._weight_norm(self.weight_v, self.weight_g, 0)

    def forward(self, x: Tensor) -> Tensor:
        """`(B, in, T)` to `(B, out, T')`."""
        return functional.conv1d(x, self.weight, self.bias, self.stride, self.padding, self.dilation)

    def folded(self) -> nn.Conv1d:
        """The same convolution with its weight worked out, for inference."""
        outputs, inputs, kernel = self.weight_v.shape
        plain = nn.Conv1d(inputs, outputs, kernel, self.stride, self.padding, self.dilation, device="meta")
        return _filled(plain, self)


class NormedTransposedConv1d(nn.Module):
    """A transposed 1-D convolution with a normalised weight `(in, out, kernel)`, one norm for each input channel."""

    bias: nn.Parameter
    weight_g: nn.Parameter
    weight_v: nn.Parameter

    def __init__(self, inputs: int, outputs: int, kernel: int, *, stride: int, padding: int) -> None:
        super().__init__()
        plain = nn.ConvTranspose1d(inputs, outputs, kernel, stride)
        self.stride = stride
        self.padding = padding
        _split(self, plain)

    @property
    def weight(self) -> Tensor:
        """The weight that convolves, `(in, out, kernel)`."""
        return torch._weight_norm(self.weight_v, self.weight_g, 0)

    def forward(self, x: Tensor) -> Tensor:
        """`(B, in, T)` to `(B, out, (T - 1) stride - 2 padding + kernel)`."""
        return functional.conv_transpose1d(x, self.weight, self.bias, self.stride, self.padding)

    def folded(self) -> nn.ConvTranspose1d:
        """The same convolution with its weight worked out, for inference."""
        inputs, outputs, kernel = self.weight_v.shape
        return _filled(nn.ConvTranspose1d(inputs, outputs, kernel, self.stride, self.padding, device="meta"), self)


Normed = NormedConv1d | NormedTransposedConv1d


def fold_weight_norm(module: nn.Module) -> None:
    """Replace every normalised convolution below `module` by a plain one that gives the same values."""
    for parent, name, child in list(_normed(module)):
        setattr(parent, name, child.folded())


def _normed(module: nn.Module) -> Iterator[tuple[nn.Module, str, Normed]]:
    for parent in module.modules():
        for name, child in parent.named_children():
            if isinstance(child, Normed):
                yield parent, name, child


def _split(module: Normed, plain: nn.Conv1d | nn.ConvTranspose1d) -> None:
    """Give `module` the parameters of a freshly initialised convolution, in the published order of keys."""
    assert plain.bias is not None
    module.bias = nn.Parameter(plain.bias.detach().clone())
    module.weight_g = nn.Parameter(plain.weight.detach().norm(dim=(1, 2), keepdim=True))
    module.weight_v = nn.Parameter(plain.weight.detach().clone())


def _filled(plain: Plain, normed: Normed) -> Plain:
    plain.weight = nn.Parameter(normed.weight.detach().contiguous(), requires_grad=False)
    plain.bias = nn.Parameter(normed.bias.detach(), requires_grad=False)
    return plain.train(normed.training)
