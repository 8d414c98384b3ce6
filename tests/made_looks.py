"""Faces that differ from one another all over, for what tells people apart."""

import numpy as np

EYES = np.array([[100.0, 60.0], [140.0, 60.0]])


def face(seed: int) -> np.ndarray:
    """A smooth pattern with its own light and dark places, (200, 240, 3)."""
    y, x = np.mgrid[:200, :240] / 20
    generator = np.random.default_rng(seed)
    waves = sum(np.sin(a * x + b * y + c) for a, b, c in generator.uniform(0.5, 3, (6, 3)))
    return np.repeat((120 + 12 * waves)[..., None], 3, axis=2).clip(0, 255).astype(np.uint8)
