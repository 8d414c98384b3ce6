"""The space of acoustic styles that the stock voices span: outside it no voice was ever heard."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class VoiceSpace:
    """Coordinates in which the stock voices have mean 0 and variance 1 in each of 53 dimensions.

    An acoustic style `(128,)` is `centre + z @ axes`.
    """

    centre: Doubles
    axes: Doubles

    @property
    def dimensions(self) -> int:
        """How many numbers place a style."""
        return len(self.axes)

    def acoustic(self, z: Doubles) -> FloatArray:
        """The acoustic styles `(..., 128)` at the coordinates `(..., D)`."""
        return np.asarray(self.centre + z @ self.axes, dtype=np.float32)

    def place(self, acoustic: FloatArray) -> Doubles:
        """Coordinates `(..., D)` of the acoustic styles `(..., 128)`, or of what is nearest to them in the space."""
        # The axes are perpendicular to one another, each as long as the voices' spread along it.
        lengths = np.square(self.axes).sum(axis=1)
        return np.asarray((acoustic.astype(np.float64) - self.centre) @ self.axes.T / lengths)


def voice_space(acoustic: FloatArray) -> VoiceSpace:
    """The space that acoustic styles `(N, 128)` span, by principal components."""
    styles = acoustic.astype(np.float64)
    centre = styles.mean(axis=0)
    _, extents, axes = np.linalg.svd(styles - centre, full_matrices=False)
    kept = extents > 1e-6 * extents[0]
    return VoiceSpace(centre, axes[kept] * extents[kept, None] / np.sqrt(len(styles)))
