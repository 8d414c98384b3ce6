"""Noise, music and clipping are told from speech by numbers whose truth is known."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from codub.media.audio import read_audio
from codub.speech.condition import MUSICAL, SPAN, condition, loudness_span, steadiness

RATE = 16_000
Sound = NDArray[np.float32]


def chords(seconds: float, level: float = 0.1) -> Sound:
    """Three chords that are held for a second and a half each."""
    time = np.arange(round(seconds * RATE)) / RATE
    sound = np.zeros(len(time))
    for number, shift in enumerate((0, 5, 7)):
        held = (time // 1.5).astype(int) % 3 == number
        for note in (0, 4, 7):
            hertz = 131 * 2 ** ((shift + note) / 12)
            sound += held * sum(np.sin(2 * np.pi * hertz * h * time) / h for h in range(1, 7))
    return (level * sound / np.sqrt(np.mean(sound**2))).astype(np.float32)


def gliding(seconds: float) -> Sound:
    """A buzz whose pitch wanders over a fifth three times a second, in syllables: as harmonic as a voice."""
    time = np.arange(round(seconds * RATE)) / RATE
    hertz = 140 * 2 ** (0.3 * np.sin(2 * np.pi * 1.7 * time) + 0.15 * np.sin(2 * np.pi * 0.9 * time))
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    buzz = sum(np.sin(h * phase) / h for h in range(1, 20))
    return (0.05 * buzz * (0.02 + np.maximum(0, np.sin(2 * np.pi * 2.5 * time)))).astype(np.float32)


def noise(count: int, level: float) -> Sound:
    return (level * np.random.default_rng(0).standard_normal(count)).astype(np.float32)


def test_held_tones_are_steady_wandering_ones_and_noise_are_not() -> None:
    music, voice = steadiness(chords(6)), steadiness(gliding(6))
    hiss = steadiness(noise(6 * RATE, 0.1))
    assert music is not None
    assert voice is not None
    assert hiss is not None
    assert music > 0.5 > MUSICAL > max(voice, hiss)
    assert steadiness(chords(0.3)) is None


@pytest.mark.parametrize("snr_db", [10, 20])
def test_the_span_of_loudness_follows_the_noise(snr_db: float) -> None:
    tone = np.sqrt(2) * 0.1 * np.sin(2 * np.pi * 200 * np.arange(4 * RATE) / RATE)
    sound = (tone * (np.arange(4 * RATE) % RATE < RATE // 2)).astype(np.float32)
    mixed = sound + noise(len(sound), 0.1 * 10 ** (-snr_db / 20))
    expected = 10 * np.log10(1 + 10 ** (snr_db / 10))  # signal and noise over noise
    assert expected < loudness_span(mixed) < expected + 1.5  # and a little for the spread of 25 ms of noise
    assert loudness_span(np.zeros(100, np.float32)) == 0


def test_the_share_of_clipped_samples_is_counted() -> None:
    sound = np.clip(2.0 * np.sin(2 * np.pi * 100 * np.arange(2 * RATE) / RATE), -1, 1).astype(np.float32)
    assert condition(sound, ()).clipped == pytest.approx(2 / 3, abs=0.02)  # above half of twice the peak: 120 of 180°
    assert condition(0.4 * sound, ()).clipped == 0


@pytest.fixture(scope="module")
def read_aloud(corpora: Path) -> Callable[[int], Sound]:
    files = sorted((corpora / "speech" / "librispeech_test").glob("1998-*.ogg"))
    if not files:
        pytest.skip("LibriSpeech is not here")
    return lambda number: read_audio(files[number], rate=RATE)[: 8 * RATE]


def test_real_speech_is_told_from_speech_over_music_and_in_noise(read_aloud: Callable[[int], Sound]) -> None:
    for number in range(3):
        speech = read_aloud(number)
        level = float(np.sqrt(np.mean(speech**2)))
        clean = condition(speech)
        assert clean.speech_seconds > 1
        assert not clean.musical
        assert not clean.noisy
        over_music = speech + chords(len(speech) / RATE, level)[: len(speech)]
        assert condition(over_music, ()).musical
        in_noise = speech + noise(len(speech), level * 10 ** (-5 / 20))
        assert condition(in_noise, ()).noisy
        assert condition(in_noise, ()).span_db < SPAN
        assert not condition(in_noise, ()).musical
