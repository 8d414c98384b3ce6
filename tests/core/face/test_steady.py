import numpy as np
import pytest

from codub.face.crop import lower_face_of_eyes
from codub.face.steady import smooth, steady_eyes, steady_outlines

TIMES = np.arange(75)


def test_straight_line_stays() -> None:
    line = 3.0 + 0.7 * TIMES
    np.testing.assert_allclose(smooth(line, least_noise=0.02), line, atol=1e-9)


def test_noise_of_a_resting_head_goes() -> None:
    noise = np.random.default_rng(0).normal(0, 0.4, 75)
    result = smooth(100 + noise, least_noise=0.02)
    assert np.abs(result - 100).mean() < 0.4 * np.abs(noise).mean()
    assert np.abs(np.diff(result, 2)).mean() < 0.1 * np.abs(np.diff(noise, 2)).mean()


@pytest.mark.parametrize("period", [12.0, 25.0, 50.0])
def test_moving_head_is_followed_without_lag(period: float) -> None:
    truth = 8 * np.sin(2 * np.pi * TIMES / period)
    result = smooth(truth + np.random.default_rng(1).normal(0, 0.2, 75), least_noise=0.02)
    assert np.abs(result - truth).mean() < 0.25
    lags = [np.abs(result[5:-5] - np.roll(truth, lag)[5:-5]).mean() for lag in (-1, 0, 1)]
    assert int(np.argmin(lags)) == 1


def test_sudden_start_is_not_smeared() -> None:
    truth = np.where(TIMES < 40, 0.0, 3.0 * (TIMES - 39))
    result = smooth(truth, least_noise=0.02)
    assert np.abs(result - truth).max() < 0.8


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 9])
def test_short_tracks_have_as_many_values(count: int) -> None:
    values = np.linspace(0, 1, count)
    np.testing.assert_allclose(smooth(values, least_noise=0.02), values, atol=1e-6)


def moving_face(jitter: float, count: int = 60) -> tuple[np.ndarray, ...]:
    """Stable points, eyes as seen, and the true eyes of a head that nods, sways and comes nearer."""
    generator = np.random.default_rng(3)
    shape = generator.uniform(-1, 1, (16, 2)) * [1.2, 0.8]
    shape = np.concatenate([[[-0.5, 0.0], [0.5, 0.0]], shape])
    t = np.arange(count)
    angle, scale = 0.1 * np.sin(t / 12), 50 * (1 + t / 300)
    place = np.stack([200 + 10 * np.sin(t / 9), 120 + 5 * np.cos(t / 7)], axis=1)
    turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], axis=1).reshape(-1, 2, 2)
    points = scale[:, None, None] * np.einsum("nij,qj->nqi", turn, shape) + place[:, None]
    seen = points + generator.normal(0, jitter, points.shape)
    return seen, seen[:, :2], points[:, :2]


def test_all_points_together_place_the_eyes_better_than_the_eyes() -> None:
    stable, eyes, truth = moving_face(jitter=0.5)
    result = steady_eyes(stable, eyes, np.ones(60, bool), np.zeros(60, np.float32))
    assert np.abs(result - truth).mean() < 0.4 * np.abs(eyes - truth).mean()


def test_frames_without_a_face_are_filled_in() -> None:
    stable, eyes, truth = moving_face(jitter=0.0)
    found = np.ones(60, bool)
    found[20:24] = False
    stable[20:24] = eyes[20:24] = -1e6
    result = steady_eyes(stable, eyes, found, np.zeros(60, np.float32))
    assert np.abs(result - truth).max() < 0.6


def test_turned_head_keeps_its_size() -> None:
    stable, eyes, _ = moving_face(jitter=0.0, count=40)
    middle = eyes.mean(1, keepdims=True)
    yaw = np.full(40, 40.0, np.float32)
    narrow = middle + (stable - middle) * np.cos(np.radians(30))
    narrow_eyes = middle + (eyes - middle) * np.cos(np.radians(30))
    found = np.ones(40, bool)
    straight = steady_eyes(stable, eyes, found, np.zeros(40, np.float32))
    turned = steady_eyes(narrow, narrow_eyes, found, yaw)
    np.testing.assert_allclose(np.ptp(turned, axis=1), np.ptp(straight, axis=1), rtol=0.02, atol=0.1)


def test_an_outline_is_calm_and_keeps_up_with_head_and_jaw() -> None:
    _, _, eyes = moving_face(jitter=0.0)
    transforms = np.stack([lower_face_of_eyes(*pair).matrix for pair in eyes])
    jaw = 0.7 + 0.08 * np.sin(np.arange(60) / 5)
    local = np.stack([np.tile([0.1, 0.3], (60, 1)), np.stack([np.full(60, 0.5), jaw], 1)], axis=1)
    back = np.linalg.inv(transforms[:, :, :2])
    truth = np.einsum("nij,nrj->nri", back, local - transforms[:, None, :, 2])
    seen = truth + np.random.default_rng(4).normal(0, 0.6, truth.shape)
    calm = steady_outlines(seen, transforms)
    assert np.abs(calm - truth).mean() < 0.6 * np.abs(seen - truth).mean()
    jitter = [np.abs(np.diff(values - truth, 2, axis=0)).mean() for values in (calm, seen)]
    assert jitter[0] < 0.25 * jitter[1]
    lags = [np.abs(calm[5:-5, 1] - np.roll(truth, lag, 0)[5:-5, 1]).mean() for lag in (-1, 0, 1)]
    assert int(np.argmin(lags)) == 1
