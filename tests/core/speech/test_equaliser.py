import numpy as np
import pytest
import torch
from scipy.signal import firwin2, lfilter

from codub.errors import CueError
from codub.speech.equaliser import BANDS, LIMIT, amplitudes, as_loud, band_levels, centres, equalised, gains_towards
from codub.speech.style_filters import filtered

RATE = 16_000


def talk(seed: int, seconds: float = 8.0) -> np.ndarray:
    """Noise that comes and goes as syllables do, darker than white."""
    random = np.random.default_rng(seed)
    white = random.standard_normal(int(seconds * RATE))
    syllables = np.clip(0.4 + 0.6 * np.sin(2 * np.pi * 4 * np.arange(len(white)) / RATE), 0, 1)
    return (0.05 * lfilter([1], [1, -0.7], white) * syllables).astype(np.float32)


def test_the_gains_are_those_of_the_filter_that_two_voices_differ_by() -> None:
    wanted_db = 5 * np.sin(centres() / 900)
    hertz = np.linspace(0, RATE / 2, 2000)
    response = firwin2(801, hertz, 10 ** (np.interp(hertz, centres(), wanted_db) / 20), fs=RATE)
    speaker = np.convolve(talk(1), response, mode="same").astype(np.float32)
    gains = gains_towards(band_levels(speaker), [band_levels(talk(2)), band_levels(talk(3))])
    heard = gains - wanted_db
    assert np.abs(heard - heard.mean()).max() < 1.0
    # and with them the one has the other's spectrum, as loud as it was before
    brought = equalised(talk(4), RATE, gains)
    left = band_levels(speaker) - band_levels(brought)
    assert np.abs(left - left.mean()).max() < 1.2
    assert 10 * np.log10(np.mean(brought**2) / np.mean(talk(4) ** 2)) == pytest.approx(0, abs=0.7)


def test_a_voice_that_is_right_already_stays() -> None:
    gains = gains_towards(band_levels(talk(1)), [band_levels(talk(2))])
    assert np.abs(gains).max() < 1.0


def test_hiss_under_a_voice_is_not_taken_for_it() -> None:
    clean, random = talk(1), np.random.default_rng(9)
    hiss = (10 ** (-15 / 20) * clean.std() * random.standard_normal(len(clean))).astype(np.float32)
    assert np.abs(gains_towards(band_levels(clean), [band_levels(hiss)])).max() > 6  # the hiss has another colour
    assert np.abs(gains_towards(band_levels(clean + hiss), [band_levels(clean)])).max() < 1.5


def test_what_a_recording_lacks_is_made_up_for_so_far_and_no_further() -> None:
    muffled = np.convolve(talk(1), firwin2(401, [0, 2500, 3000, 8000], [1, 1, 1e-3, 1e-3], fs=RATE), mode="same")
    gains = gains_towards(band_levels(muffled.astype(np.float32)), [band_levels(talk(2))])
    assert gains.max() - gains.min() <= 2 * LIMIT
    assert gains[centres() > 4000].max() < gains[centres() < 2000].min() - 0.9 * LIMIT


@pytest.mark.parametrize("rate", [16_000, 24_000])
def test_sound_is_as_long_as_it_was_and_not_moved(rate: int) -> None:
    gains = np.linspace(-6, 6, BANDS).astype(np.float32)
    click = np.zeros(3000, np.float32)
    click[1234] = 1
    heard = equalised(click, rate, gains)
    assert len(heard) == len(click)
    assert int(np.abs(heard).argmax()) == 1234
    np.testing.assert_allclose(heard[1234 - 190 : 1234], heard[1235 : 1235 + 190][::-1], atol=1e-6)
    assert equalised(click, rate, None) is click


def test_a_tone_gets_its_band_s_gain() -> None:
    gains = np.linspace(-6, 6, BANDS).astype(np.float32)
    hertz = float(centres()[30])
    tone = np.sin(2 * np.pi * hertz * np.arange(24_000) / 24_000).astype(np.float32)
    louder = equalised(tone, 24_000, gains)[1000:-1000]
    assert 20 * np.log10(louder.std() / tone[1000:-1000].std()) == pytest.approx(gains[30], abs=0.1)


def test_beyond_the_bands_the_gains_go_on() -> None:
    gains = np.linspace(-6, 6, BANDS).astype(np.float32)
    np.testing.assert_allclose(20 * np.log10(amplitudes(gains, np.array([0.0, 12_000.0]))), [-6, 6], rtol=1e-6)


def test_the_fit_hears_what_the_synthesizer_will_do() -> None:
    gains = (4 * np.sin(np.arange(BANDS) / 4)).astype(np.float32)
    sound = talk(5, 1.6)
    ours = filtered(torch.from_numpy(sound)[None], gains)[0].numpy()[400:-400]
    theirs = equalised(sound, RATE, gains)[400:-400]
    assert np.sqrt(np.mean((ours - theirs) ** 2)) < 0.03 * theirs.std()


def test_too_little_sound_says_so() -> None:
    with pytest.raises(CueError, match="quarter of a second"):
        band_levels(talk(1, 0.1))
    with pytest.raises(CueError):
        band_levels(np.zeros(RATE, np.float32)[:3000])


def test_gains_are_moved_together_until_a_voice_stays_as_loud() -> None:
    gains = np.linspace(3, 9, BANDS).astype(np.float32)
    moved = as_loud(gains, [band_levels(talk(1)), band_levels(talk(2))])
    assert np.ptp(gains - moved) < 1e-5
    assert np.mean(equalised(talk(4), RATE, moved) ** 2) == pytest.approx(np.mean(talk(4) ** 2), rel=0.2)
