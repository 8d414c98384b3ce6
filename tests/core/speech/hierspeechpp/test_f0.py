"""F0 of sounds whose melody is known."""

import numpy as np
import pytest

from codub.speech.hierspeechpp.f0 import measured_f0

RATE = 16000


def _sung(f0, seed=0):
    """A voice of harmonics under three formants with a trace of noise, `f0` in Hz for each sample."""
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    sound = np.zeros(len(f0))
    for harmonic in range(1, 30):
        f = harmonic * f0
        gain = sum(np.exp(-(((f - centre) / width) ** 2)) for centre, width in ((500, 200), (1500, 250), (2500, 300)))
        sound += gain / harmonic**0.5 * np.sin(harmonic * phase)
    noise = 0.003 * np.random.default_rng(seed).standard_normal(len(f0))
    return (0.1 * sound / sound.std() + noise).astype(np.float32)


@pytest.mark.parametrize("melody", ["rising", "falling", "vibrato"])
def test_sweeps_are_followed(melody):
    time = np.arange(RATE) / RATE
    f0 = {
        "rising": 120 * 2 ** (0.8 * time),
        "falling": 240 * 2**-time,
        "vibrato": 200 + 20 * np.sin(2 * np.pi * 4 * time),
    }[melody]
    found = measured_f0(_sung(f0))
    assert found.shape == (208,)  # 13 blocks of 1280 samples
    truth = f0[40::80][:190]
    voiced = found[:190] > 0
    assert voiced.mean() > 0.9
    error = np.abs(found[:190] / truth - 1)[voiced]
    assert np.median(error) < 0.02
    assert np.percentile(error, 95) < 0.04


def test_silence_before_and_after_is_unvoiced():
    sound = np.zeros(RATE, dtype=np.float32)
    sound[5000:11000] = _sung(np.full(6000, 180.0))
    found = measured_f0(sound)
    assert not found[:55].any()
    assert not found[150:].any()
    assert (found[70:130] > 0).all()


@pytest.mark.parametrize("samples", [0, 1, 1279, 1280, 3000])
def test_there_are_four_values_for_each_vector_of_the_padded_sound(samples):
    assert measured_f0(np.zeros(samples, dtype=np.float32)).shape == (16 * (samples // 1280 + 1),)
    noise = 0.1 * np.random.default_rng(0).standard_normal(samples).astype(np.float32)
    assert np.isfinite(measured_f0(noise)).all()
