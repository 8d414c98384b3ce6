"""Other takes of a line: the same seed gives the same variation; seed 0 gives none, nor does a share of 0."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

Floats = NDArray[np.float64]

STYLE_SHARE = 0.35  # of the spread of the stock voices' prosody, each dimension
DURATION_SPREAD = 0.07  # natural logarithm, a symbol; neighbours vary together
PACE_SPREAD = 0.04
RANGE_SPREAD = 0.18  # of the F0 contour's excursions
CONTOUR_SEMITONES = 0.6
CONTOUR_WIDTH = 16.0  # F0 values (80 Hz) over which the added contour is smooth


@dataclass(frozen=True)
class Variation:
    """Mild changes of prosody drawn from one seed; `share` says how mild: 1 is usual."""

    seed: int
    share: float = 1.0

    @property
    def still(self) -> bool:
        """Whether nothing is varied."""
        return not self.seed or not self.share

    def style(self, prosody: NDArray[np.float32], spread: NDArray[np.float32]) -> NDArray[np.float32]:
        """Prosody style `(128,)` moved a little within the `spread` of the stock voices."""
        if self.still:
            return prosody
        noise = self._random(0).standard_normal(len(prosody)).astype(np.float32)
        return prosody + np.float32(self.share * STYLE_SHARE) * noise * spread

    def durations(self, predicted: Floats) -> Floats:
        """Durations with another pace and rhythm."""
        if self.still:
            return predicted
        random = self._random(1)
        rhythm = gaussian_filter1d(random.standard_normal(len(predicted)), 1.5, mode="nearest")
        pace = PACE_SPREAD * random.standard_normal()
        change = pace + DURATION_SPREAD * rhythm / max(float(rhythm.std()), 1e-6)
        return np.asarray(predicted * np.exp(self.share * change))

    def f0(self, f0: NDArray[np.float32], voiced: NDArray[np.bool_]) -> NDArray[np.float32]:
        """F0 in Hz with wider or narrower excursions and a slow contour of its own; unvoiced values stay."""
        if self.still or not voiced.any():
            return f0
        random = self._random(2)
        centre = float(np.median(f0[voiced]))
        excursion = np.exp(self.share * RANGE_SPREAD * random.standard_normal())
        contour = gaussian_filter1d(random.standard_normal(len(f0)), CONTOUR_WIDTH, mode="nearest")
        contour *= self.share * CONTOUR_SEMITONES / 12 / max(float(contour.std()), 1e-6)
        moved = centre * np.maximum(f0 / centre, 1e-3) ** excursion * 2.0**contour
        return np.where(voiced, moved, f0).astype(np.float32)

    def _random(self, purpose: int) -> np.random.Generator:
        return np.random.default_rng((abs(self.seed), purpose, int(self.seed < 0)))
