"""Perturbation moves pitch and formants apart, and leaves the length, the timing and the seed's choice."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from codub.speech.pitch import median_f0
from codub.training.speech_stack.perturbation import move_voice, perturb, shape

RATE = 16_000


def vowel(f0: float, formant: float, seconds: float = 1.0) -> NDArray[np.float32]:
    """A pulse train through one resonance."""
    count = int(seconds * RATE)
    pulses = np.zeros(count)
    pulses[np.round(np.arange(0, count, RATE / f0)).astype(int)[:-1]] = 1
    radius, angle = np.exp(-np.pi * 150 / RATE), 2 * np.pi * formant / RATE
    ringing = signal.lfilter([1], [1, -2 * radius * np.cos(angle), radius**2], pulses)
    return (0.5 * ringing / np.abs(ringing).max()).astype(np.float32)


def resonance(sound: NDArray[np.float32]) -> float:
    """Centre of the strongest band in Hz, harmonics smoothed away."""
    frequencies, power = signal.welch(sound, RATE, nperseg=2048)
    smooth = np.convolve(power, np.hanning(41), mode="same")
    return float(frequencies[np.argmax(smooth)])


@pytest.mark.parametrize(("formants", "pitch"), [(1.0, 1.5), (1.3, 1.0), (0.8, 1.4), (1.25, 0.7)])
def test_pitch_and_formant_move_as_asked(formants: float, pitch: float) -> None:
    sound = vowel(150, 1000)
    moved = move_voice(sound, formants=formants, pitch=pitch)
    assert moved.shape == sound.shape
    assert median_f0(moved[2000:-2000]) == pytest.approx(150 * pitch, rel=0.03)
    assert resonance(moved) / resonance(sound) == pytest.approx(formants, rel=0.12)
    assert np.sqrt(np.mean(moved**2)) == pytest.approx(np.sqrt(np.mean(sound**2)), rel=0.05)


def test_what_is_said_stays_where_it_was() -> None:
    sound = np.concatenate([np.zeros(8000, np.float32), vowel(120, 800, 0.5), np.zeros(8000, np.float32)])
    loud = np.flatnonzero(np.abs(move_voice(sound, formants=1.2, pitch=1.7)) > 0.05)
    assert abs(loud[0] - 8000) < 800
    assert abs(loud[-1] - 16000) < 800


def test_a_voice_unmoved_is_the_same_voice() -> None:
    sound = vowel(130, 900)
    same = move_voice(sound, formants=1.0, pitch=1.0)
    np.testing.assert_allclose(same[1024:-1024], sound[1024:-1024], atol=0.02)


def test_shaping_stays_within_its_gains() -> None:
    impulse = np.zeros(4096, np.float32)
    impulse[0] = 1
    for seed in range(5):
        response = 20 * np.log10(np.abs(np.fft.rfft(shape(impulse, np.random.default_rng(seed)))))
        assert np.ptp(response) > 3
        assert np.abs(response).max() < 30


def test_the_seed_is_the_choice() -> None:
    sound = vowel(110, 700, 0.5)
    assert np.array_equal(perturb(sound, (1, 2)), perturb(sound, (1, 2)))
    assert not np.array_equal(perturb(sound, (1, 2)), perturb(sound, (2, 2)))
    assert np.isfinite(perturb(np.zeros(8000, np.float32), (0,))).all()
