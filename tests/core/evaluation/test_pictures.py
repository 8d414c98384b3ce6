"""PSNR, structural similarity, sharpness and flicker against values worked out by hand."""

import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from codub.evaluation.pictures import flicker, psnr, sharpness, ssim


def flat(value: int, side: int = 30) -> np.ndarray:
    return np.full((side, side, 3), value, np.uint8)


def test_psnr_of_a_constant_error() -> None:
    assert psnr([flat(100)], [flat(110)]) == pytest.approx(20 * math.log10(25.5))


def test_ssim_of_the_same_and_of_noise() -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (40, 48, 3), dtype=np.uint8)
    assert ssim(picture, picture) == pytest.approx(1)
    assert ssim(rng.integers(0, 256, (40, 48, 3), dtype=np.uint8), picture) < 0.1


def test_ssim_of_flat_pictures_is_the_formula() -> None:
    """Without structure only the luminance term is left: (2ab + c1) / (a^2 + b^2 + c1)."""
    c1 = (0.01 * 255) ** 2
    wanted = (2 * 100 * 150 + c1) / (100**2 + 150**2 + c1)
    assert ssim(flat(100), flat(150)) == pytest.approx(wanted, rel=1e-3)


def test_blur_costs_sharpness() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (30, 30, 3)).astype(np.uint8)
    blurred = gaussian_filter(picture, (1, 1, 0))
    assert sharpness([picture], [picture]) == pytest.approx(1)
    assert sharpness([blurred], [picture]) < 0.3


def test_flicker_counts_the_still_places_only() -> None:
    true = [flat(v) for v in (100, 102, 104, 200)]
    made = [flat(v) for v in (100, 106, 112, 0)]
    assert flicker(made, true, [0, 1]) == pytest.approx(3)
    assert math.isnan(flicker(made, true, []))
