"""What a style will sound like, told without speaking: a map learned from styles that were heard.

Kernel ridge regression, a linear kernel and a wide Gaussian one together, from the place of an acoustic style among the
stock voices, and from F0, to the speaker embedding. It is inverted by descent: the likeliest style for an embedding.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from codub.speech.voice_space import VoiceSpace

FloatArray = NDArray[np.float32]
Doubles = NDArray[np.float64]

WIDTH = 1.5  # of the Gaussian kernel, in standard deviations a dimension
NOISE = 1.0  # of a heard embedding, against the kernel: 1.6 s of one voice sound like themselves at 0.9
LEAST_SPREAD = 0.05  # of ln F0, where hardly any is heard
F0_WEIGHT = 3.0  # of the deviation of ln F0, beside one of 53 dimensions
# Weight of the mean squared distance from the mean voice, in standard deviations of the stock voices. Without it the
# speech falls apart (DistillMOS 1.3); 0.02 and 0.1 are as good.
RESTRAINT = 0.05


@dataclass(frozen=True)
class HeardStyles:
    """Acoustic styles `(N, 128)`, the F0 at which each was spoken `(N,)` in Hz, and unit embeddings `(N, 256)`."""

    acoustic: FloatArray
    f0_hz: FloatArray
    embeddings: FloatArray


@dataclass(frozen=True)
class StyleMap:
    """The learned map: `inputs` `(N, D + 1)` as `_inputs` makes them, `weights` `(N, 256)`, `mean` `(256,)`."""

    space: VoiceSpace
    inputs: Doubles
    weights: Doubles
    mean: Doubles
    log_f0: tuple[float, float]  # mean and deviation

    def forecast(self, acoustic: FloatArray, f0_hz: float | None) -> Doubles:
        """Embedding `(256,)` that is expected of the acoustic style `(128,)` at that F0, not normalised."""
        where = np.append(self.space.place(acoustic), self._tone(f0_hz))
        return np.asarray(_kernel(where[None], self.inputs)[0] @ self.weights + self.mean)

    def invert(self, embedding: FloatArray, f0_hz: float | None, error: Doubles | float = 0.0) -> FloatArray:
        """Acoustic style `(128,)` that should sound like `embedding` at that F0; `error` is what forecasts lack."""
        wanted, tone, size = embedding.astype(np.float64), self._tone(f0_hz), self.inputs.shape[1]

        def cost(z: Doubles) -> tuple[float, Doubles]:
            where = np.append(z, tone)
            near = np.exp(-np.square(where - self.inputs).sum(axis=1) / (2 * WIDTH**2 * size))
            raw = (self.inputs @ where / size + near) @ self.weights + self.mean + error
            norm = np.linalg.norm(raw)
            cosine = raw @ wanted / norm
            pull = self.weights @ (wanted / norm - cosine * raw / norm**2)
            rise = pull @ self.inputs / size - (pull * near) @ (where - self.inputs) / (WIDTH**2 * size)
            return 1 - cosine + RESTRAINT * np.mean(z**2), 2 * RESTRAINT * z / len(z) - rise[:-1]

        found: Doubles = minimize(cost, np.zeros(size - 1), jac=True, method="L-BFGS-B").x
        return self.space.acoustic(found)

    def _tone(self, f0_hz: float | None) -> float:
        mean, deviation = self.log_f0
        return 0.0 if f0_hz is None else F0_WEIGHT * (float(np.log(f0_hz)) - mean) / deviation


def learn_map(space: VoiceSpace, heard: Sequence[HeardStyles]) -> StyleMap:
    """The map that all of `heard` teach together."""
    log_f0 = np.log(np.concatenate([each.f0_hz for each in heard]).astype(np.float64))
    tones = float(log_f0.mean()), max(float(log_f0.std()), LEAST_SPREAD)
    places = np.concatenate([space.place(each.acoustic) for each in heard])
    inputs = np.column_stack([places, F0_WEIGHT * (log_f0 - tones[0]) / tones[1]])
    embeddings = np.concatenate([each.embeddings for each in heard]).astype(np.float64)
    mean = embeddings.mean(axis=0)
    weights = np.linalg.solve(_kernel(inputs, inputs) + NOISE * np.eye(len(inputs)), embeddings - mean)
    return StyleMap(space, inputs, weights, mean, tones)


def _kernel(one: Doubles, other: Doubles) -> Doubles:
    """`(M, N)` of inputs `(M, D)` and `(N, D)`."""
    size = one.shape[1]
    product = one @ other.T
    apart = np.square(one).sum(axis=1)[:, None] + np.square(other).sum(axis=1) - 2 * product
    return np.asarray(product / size + np.exp(-apart / (2 * WIDTH**2 * size)))
