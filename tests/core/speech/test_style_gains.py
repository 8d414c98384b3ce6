"""A made voice that speaks noise of one colour, and a speaker who is another filter of it."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.signal import firwin2

from codub.latent import EMBEDDED
from codub.speech import style_gains
from codub.speech.equaliser import band_levels, centres, equalised
from codub.speech.model import Speech, Style
from codub.speech.style_gains import SPOKEN, with_gains

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
