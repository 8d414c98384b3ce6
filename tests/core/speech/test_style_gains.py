"""A made voice that speaks noise of one colour, and a speaker who is another filter of it."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soxr
from scipy.signal import firwin2

from codub.latent import EMBEDDED
from codub.speech import style_gains
from codub.speech.equaliser import band_levels, centres, equalised
from codub.speech.heard_reference import HeardReference
from codub.speech.model import Speech, Style
from codub.speech.sound_gains import SoundAxes
from codub.speech.style_gains import SPOKEN, as_it_sounds, with_gains

RATE = 24_000
STYLE = Style(EMBEDDED, np.zeros(256, np.float32))


def noise(seed: int, rate: int) -> np.ndarray:
    samples = np.random.default_rng(seed).standard_normal(5 * rate)
    return (0.05 * samples * np.clip(np.sin(2 * np.pi * 3 * np.arange(5 * rate) / rate), 0, 1)).astype(np.float32)


class Mouth:
    """Speaks noise as `Synthesizer` does, another each time; heeds the style's gains."""

    def __init__(self) -> None:
        self.lines: list[object] = []

    def speak(self, line: object, *_: object, seed: int) -> SimpleNamespace:
        self.lines.append(line)
        return SimpleNamespace(latent=len(self.lines))

    def synthesize(self, latent: int, style: Style) -> Speech:
        return Speech(equalised(noise(latent, RATE), RATE, style.gains), RATE)


def test_a_voice_gets_the_gains_that_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style_gains, "phonemize", lambda text, language: (language, text))
    wanted_db = 5 * np.cos(centres() / 1200)
    hertz = np.linspace(0, 8000, 2000)
    response = firwin2(801, hertz, 10 ** (np.interp(hertz, centres(), wanted_db) / 20), fs=16_000)
    speaker = np.convolve(noise(99, 16_000), response, mode="same").astype(np.float32)
    mouth = Mouth()
    voice = SimpleNamespace(ttv=mouth, synthesizer=mouth)
    style = with_gains(STYLE, band_levels(speaker), voice)  # type: ignore[arg-type]
    assert mouth.lines == list(SPOKEN)
    assert style.gains is not None
    found = style.gains - wanted_db
    assert np.abs(found - found.mean()).max() < 1.0
    # what a style had before does not count twice
    again = with_gains(replace(style, gains=-style.gains), band_levels(speaker), voice)  # type: ignore[arg-type]
    assert again.gains is not None
    assert np.abs(again.gains - style.gains).max() < 1.0


def test_a_drawn_style_gets_the_gains_of_its_speaker_s_sounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style_gains, "phonemize", lambda text, language: (language, text))
    axes = np.zeros((512, 1))
    axes[0] = 1
    known = SoundAxes(np.zeros(512), axes, np.zeros((1, 19)), np.ones((1, 19)))
    monkeypatch.setattr(style_gains, "sound_axes", lambda: known)
    features = np.zeros((512, 200), np.float32)
    features[0] = np.where(np.arange(200) // 20 % 2, 1, -1)
    said = noise(99, 16_000)
    tilt = np.linspace(4, -4, 40).astype(np.float32)
    brighter, darker = (equalised(said, 16_000, sign * tilt) for sign in (1, -1))
    sound = np.where(np.repeat(features[0], 400) > 0, brighter, darker).astype(np.float32)

    class SaysItAgain(Mouth):
        def synthesize(self, latent: Any, style: Style) -> Speech:
            if isinstance(latent, int):
                return super().synthesize(latent, style)
            assert style.sound_gains is None
            assert style.gains is None
            return Speech(soxr.resample(said, 16_000, RATE), RATE)

    mouth = SaysItAgain()
    voice = SimpleNamespace(ttv=mouth, synthesizer=mouth)
    reference = HeardReference(sound, np.eye(256, dtype=np.float32)[0], SimpleNamespace(features=features))  # type: ignore[arg-type]
    style = as_it_sounds(replace(STYLE, sound_gains=np.full((1, 40), 9, np.float32)), reference, voice)  # type: ignore[arg-type]
    assert style.gains is not None
    assert style.sound_gains is not None
    assert np.abs(style.sound_gains[0] - (tilt - tilt.mean())).mean() < 1.0
