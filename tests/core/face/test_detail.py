"""Sharpness and grain of the generated crop against pictures blurred and made noisy by known amounts."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from codub.face.composite import grain
from codub.face.detail import DetailMatch, without_grain

SIZE = 120
EVERYWHERE = np.ones((SIZE, SIZE), np.float32)


@pytest.fixture
def skin() -> np.ndarray:
    """Pores and hair of some pixels' size, (120, 120, 3)."""
    base = np.random.default_rng(0).normal(130, 60, (SIZE, SIZE)).clip(0, 255).astype(np.uint8)
    return np.asarray(Image.fromarray(base).filter(ImageFilter.GaussianBlur(1.0)).convert("RGB"))


def blurred(picture: np.ndarray, radius: float) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))


def energy(picture: np.ndarray) -> float:
    """Of the gradient, as the figures of lips count it."""
    values = picture.astype(float)
    return float((np.diff(values, axis=0) ** 2).mean() + (np.diff(values, axis=1) ** 2).mean())


@pytest.mark.parametrize("radius", [0.4, 0.6])
def test_a_soft_mouth_becomes_as_sharp_as_the_plate(skin: np.ndarray, radius: float) -> None:
    made = blurred(skin, radius)
    result = DetailMatch().matched(made, skin, EVERYWHERE)
    assert energy(made) < 0.87 * energy(skin)
    assert energy(result) == pytest.approx(energy(skin), rel=0.12)
    assert np.abs(result.astype(float) - skin).mean() < 1.3


def test_a_plate_out_of_focus_softens_the_mouth(skin: np.ndarray) -> None:
    soft = blurred(skin, 1.0)
    result = DetailMatch().matched(skin, soft, EVERYWHERE)
    assert energy(result) < 0.5 * energy(skin)
    assert energy(result) > 0.7 * energy(soft)


def test_equal_sharpness_changes_nothing(skin: np.ndarray) -> None:
    assert (DetailMatch().matched(skin, skin, EVERYWHERE) == skin).all()
    untouched = np.zeros((SIZE, SIZE), np.float32)
    assert DetailMatch().matched(skin, blurred(skin, 2), untouched) is skin


def test_a_plate_that_loses_focus_takes_the_mouth_along(skin: np.ndarray) -> None:
    match, made, soft = DetailMatch(), blurred(skin, 0.6), blurred(skin, 1.0)
    steady = [energy(match.matched(made, skin, EVERYWHERE)) for _ in range(12)]
    assert np.std(steady) < 0.01 * steady[0]
    leaving = [energy(match.matched(made, soft, EVERYWHERE)) for _ in range(12)]
    assert max(np.diff(leaving)) <= 1  # ever softer, at once by less than half of the way
    assert steady[-1] - leaving[0] < 0.6 * (steady[-1] - leaving[-1])
    assert leaving[-1] < 0.55 * steady[-1]


def test_grain_is_no_detail(skin: np.ndarray) -> None:
    plate = blurred(skin, 2)
    noise = np.random.default_rng(1).normal(0, 4, (SIZE, SIZE, 1))
    grainy = np.clip(np.rint(plate + noise), 0, 255).astype(np.uint8)
    result = DetailMatch().matched(plate, grainy, EVERYWHERE)
    assert energy(result) < 1.4 * energy(plate) < 0.2 * energy(grainy)


def test_references_lose_their_grain_and_keep_their_edges() -> None:
    picture = np.full((SIZE, SIZE, 3), 140.0)
    picture[:, 60:] = 60
    noise = np.random.default_rng(2).normal(0, 4, (SIZE, SIZE, 1))
    grainy = np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)
    (clean,) = without_grain(grainy[None])
    whole = np.ones((SIZE, 50), np.float32)
    assert grain(clean[:, :50].astype(np.float32), whole) < 0.35 * grain(grainy[:, :50].astype(np.float32), whole)
    edge = np.abs(np.diff(clean.astype(float).mean((0, 2))))[59]
    assert edge > 0.8 * 80
    smooth = blurred(picture.astype(np.uint8), 2)
    assert (without_grain(smooth[None])[0] == smooth).all()
