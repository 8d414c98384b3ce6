"""The compiled passes against NumPy."""

import numpy as np
import pytest

from codub.speech.kokoro.passes import leaky_to_bytes, level, snake_to_bytes, tally


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((37, 19)).astype(np.float32)  # no multiples of a register's width


def levels_of(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """A table that writes values between these bounds, of the activation too, as they are."""
    gain = np.full(values.shape[1], 254 / (high - low), np.float32)
    one = np.ones_like(gain)
    return np.stack((one, 0 * one, gain, np.ceil(-low * gain) + 0.5)).astype(np.float32)


def test_a_snake_in_bytes_is_right_to_one_level(values: np.ndarray) -> None:
    table, lane = levels_of(values, -5, 5), np.zeros(values.shape, np.uint8)
    snake_to_bytes(values, table, lane)
    expected = values + np.sin(np.pi * values) ** 2 / np.pi
    assert np.abs((lane - table[3] + 0.5) / table[2] - expected).max() < 0.51 * 10 / 254 + 0.001


def test_a_leaky_value_in_bytes_is_rounded_and_never_leaves_the_byte(values: np.ndarray) -> None:
    table, lane = levels_of(values, -1, 1), np.zeros(values.shape, np.uint8)
    leaky_to_bytes(values, table, 0.2, lane)
    exact = table[2] * np.where(values < 0, 0.2 * values, values) + table[3] - 0.5
    assert (np.abs(values) > 1.5).any()
    assert np.abs(lane - np.clip(exact, 0, 255)).max() <= 0.501


def test_a_tally_is_what_numpy_tells(values: np.ndarray) -> None:
    told = np.empty((4, values.shape[1]), np.float32)
    tally(values, told)
    expected = values.sum(axis=0), (values**2).sum(axis=0), values.min(axis=0), values.max(axis=0)
    np.testing.assert_allclose(told, expected, rtol=1e-4, atol=1e-5)


def test_levels_hold_every_value_of_their_tile_and_nothing_is_a_whole_level() -> None:
    random = np.random.default_rng(0)
    low = random.uniform(-3, 1, (4, 6)).astype(np.float32)
    high = low + random.uniform(0, 4, (4, 6)).astype(np.float32)
    share = random.uniform(0.5, 2, 6).astype(np.float32)
    zeros, gains, steps = np.empty_like(low), np.empty_like(low), np.empty(4, np.float32)
    level(low, high, share, 254.0, zeros, gains, steps)
    np.testing.assert_allclose(gains * share * steps[:, None], 1, rtol=1e-5)
    assert (zeros == np.round(zeros)).all()
    assert (gains * np.minimum(low, 0) + zeros >= 0).all()
    assert (gains * np.maximum(high, 0) + zeros < 255.01).all()
    assert ((gains * high + zeros).max(axis=1) > 252).all() or (low < 0).any()


def test_a_silent_tile_has_levels_too() -> None:
    nothing = np.zeros((1, 3), np.float32)
    zeros, gains, steps = np.empty_like(nothing), np.empty_like(nothing), np.empty(1, np.float32)
    level(nothing, nothing, np.ones(3, np.float32), 254.0, zeros, gains, steps)
    assert np.isfinite(gains).all()
    assert steps[0] > 0
    assert (zeros == 0).all()
