import numpy as np
import pytest

from codub.speech.equaliser import BANDS, centres, equalised
from codub.speech.moving_equaliser import equalised_over_time

RATE = 24_000


def noise(seconds: float = 2.0) -> np.ndarray:
    return (0.1 * np.random.default_rng(0).standard_normal(round(seconds * RATE))).astype(np.float32)


@pytest.mark.parametrize("count", [1, 239, 240, 4801, 2 * RATE])
def test_without_gains_nothing_changes(count: int) -> None:
    sound = noise()[:count]
    same = equalised_over_time(sound, RATE, np.zeros((80, BANDS)), 40)
    assert same.dtype == np.float32
    np.testing.assert_allclose(same, sound, atol=1e-6)


def test_no_sound_stays_none() -> None:
    assert len(equalised_over_time(np.zeros(0, np.float32), RATE, np.zeros((0, BANDS)), 40)) == 0


def test_gains_that_stand_still_are_the_equaliser_s() -> None:
    gains = 5 * np.cos(centres() / 1200)
    moving = equalised_over_time(noise(), RATE, np.tile(gains, (80, 1)), 40)
    still = equalised(noise(), RATE, gains.astype(np.float32))
    left = (moving - still)[RATE // 10 : -RATE // 10]
    assert np.sqrt(np.mean(left**2)) < 0.005 * still.std()


def test_a_gain_acts_when_it_is_due_and_in_its_band() -> None:
    high = (centres() > 2000).astype(float)
    gains = np.zeros((80, BANDS))
    gains[40:] = 6 * high  # from 1 s on
    times = np.arange(2 * RATE) / RATE
    low_tone, high_tone = (np.sin(2 * np.pi * hertz * times).astype(np.float32) for hertz in (500, 4000))
    for tone, factor in ((low_tone, 1.0), (high_tone, 10 ** (6 / 20))):
        heard = equalised_over_time(tone, RATE, gains, 40)
        before, after = heard[RATE // 5 : RATE - RATE // 20], heard[RATE + RATE // 20 : -RATE // 5]
        assert before.std() == pytest.approx(np.sqrt(0.5), rel=0.01)
        assert after.std() == pytest.approx(factor * np.sqrt(0.5), rel=0.02)
