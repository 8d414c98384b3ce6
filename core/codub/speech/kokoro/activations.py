"""Activations of rows in place, with what belongs to each channel drawn out to either side."""

import math
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from codub.speech.kokoro.blocks import snake


class Activation(Protocol):
    """`f(x) = after * core(before * x)`; f never falls."""

    period: float
    """`core(v + period) = core(v) + period`, and it takes values of at least 0 only; 0: it takes any."""

    @property
    def before(self) -> Tensor | float:
        """One number, or one for each channel `(C,)`."""
        ...

    @property
    def after(self) -> Tensor | float:
        """As `before`."""
        ...

    def of(self, x: Tensor) -> Tensor:
        """f of `(N, C)`."""
        ...

    def core(self, x: Tensor, scratch: Tensor) -> None:
        """The part that all channels share, in place; `scratch` is `(2, N, C)`."""
        ...


class Snake:
    """`x + sin(alpha x)^2 / alpha`, as `v + sin(pi v)^2 / pi` of `v = alpha x / pi`, which is x in half turns.

    A library's sine takes as long as thirteen passes over a tile (1.3 ns a value against 0.1), this one five.
    """

    period = 1.0
    # sin(pi f) is near u (A + B u) with u = f - f^2, for f from 0 to 1; its square is right to 0.0009.
    A, B = 3.09, 3.64

    def __init__(self, alpha: Tensor) -> None:
        self._alpha = alpha.detach().flatten()
        self.before = self._alpha / math.pi
        self.after = 1 / self.before
        self._a = torch.tensor(self.A)

    def of(self, x: Tensor) -> Tensor:
        """f of `(N, C)`."""
        return snake(x, self._alpha)

    def core(self, x: Tensor, scratch: Tensor) -> None:
        """`v + sin(pi v)^2 / pi`."""
        u, sine = scratch
        torch.frac(x, out=u)
        torch.addcmul(u, u, u, value=-1, out=u)
        torch.add(self._a, u, alpha=self.B, out=sine).mul_(u)
        x.addcmul_(sine, sine, value=1 / math.pi)


class Leaky:
    """Negative values times `slope`."""

    period = 0.0
    before = after = 1.0

    def __init__(self, slope: float) -> None:
        self._slope = slope

    def of(self, x: Tensor) -> Tensor:
        """f of `(N, C)`."""
        return functional.leaky_relu(x, self._slope)

    def core(self, x: Tensor, scratch: Tensor) -> None:
        """f itself."""
        functional.leaky_relu_(x, self._slope)
