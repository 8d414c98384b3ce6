"""Activations as a convolution in bytes meets them: what belongs to each channel drawn out to either side."""

import math
from typing import Protocol

import numpy as np
from torch import Tensor
from torch.nn import functional

from codub.speech.kokoro.blocks import snake
from codub.speech.kokoro.passes import Bytes, Floats, leaky_to_bytes, snake_to_bytes


class Activation(Protocol):
    """`f(x) = after * core(before * x)`; f never falls, and is 0 at 0."""

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

    def to_bytes(self, values: Floats, levels: Floats, lane: Bytes) -> None:
        """Levels of the core, as `passes.snake_to_bytes`."""
        ...


class Snake:
    """`x + sin(alpha x)^2 / alpha`, as `v + sin(pi v)^2 / pi` of `v = alpha x / pi`, which is x in half turns."""

    def __init__(self, alpha: Tensor) -> None:
        self._alpha = alpha.detach().flatten()
        self.before = self._alpha / math.pi
        self.after = 1 / self.before

    def of(self, x: Tensor) -> Tensor:
        """f of `(N, C)`."""
        return snake(x, self._alpha)

    def to_bytes(self, values: Floats, levels: Floats, lane: Bytes) -> None:
        """Levels of `v + sin(pi v)^2 / pi`."""
        snake_to_bytes(values, levels, lane)


class Leaky:
    """Negative values times `slope`."""

    before = after = 1.0

    def __init__(self, slope: float) -> None:
        self._slope = slope

    def of(self, x: Tensor) -> Tensor:
        """f of `(N, C)`."""
        return functional.leaky_relu(x, self._slope)

    def to_bytes(self, values: Floats, levels: Floats, lane: Bytes) -> None:
        """Levels of f itself."""
        leaky_to_bytes(values, levels, np.float32(self._slope), lane)
