"""Activations of rows in place, with what belongs to each channel drawn out to either side."""

from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from codub.speech.kokoro.blocks import snake


class Activation(Protocol):
    """`f(x) = after * (core(before * x) + added)`; f never falls."""

    @property
    def before(self) -> Tensor | float:
        """One number, or one for each channel `(C,)`."""
        ...

    @property
    def after(self) -> Tensor | float:
        """As `before`."""
        ...

    @property
    def added(self) -> float:
        """One number."""
        ...

    def of(self, x: Tensor) -> Tensor:
        """f of `(N, C)`."""
        ...

    def core(self, x: Tensor, scratch: Tensor) -> None:
        """The part that all channels share, in place; `scratch` is as large."""
        ...


class Snake:
    """`x + sin(alpha x)^2 / alpha`, as `(v - cos v + 1) / (2 alpha)` of `v = 2 alpha x`: a sine, one pass less."""

    added = 1.0

    def __init__(self, alpha: Tensor) -> None:
        self._alpha = alpha.detach().flatten()
        self.before = 2 * self._alpha
        self.after = 1 / self.before

    def of(self, x: Tensor) -> Tensor:
        """f of `(N, C)`."""
        return snake(x, self._alpha)

    def core(self, x: Tensor, scratch: Tensor) -> None:
        """`v - cos v`."""
        x.sub_(torch.cos(x, out=scratch))


class Leaky:
    """Negative values times `slope`."""

    before = after = 1.0
    added = 0.0

    def __init__(self, slope: float) -> None:
        self._slope = slope

    def of(self, x: Tensor) -> Tensor:
        """f of `(N, C)`."""
        return functional.leaky_relu(x, self._slope)

    def core(self, x: Tensor, scratch: Tensor) -> None:
        """f itself."""
        functional.leaky_relu_(x, self._slope)
