"""A made voice that speaks noise of one colour, and a speaker who is another filter of it."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soxr
import torch
from scipy.signal import firwin2
from torch import Tensor, nn

from codub.latent import EMBEDDED
from codub.speech import style_gains
from codub.speech.equaliser import centres, equalised
from codub.speech.heard_reference import HeardReference
from codub.speech.model import Speech, Style
from codub.speech.sound_gains import SoundAxes
from codub.speech.speaker import SpeakerEncoder
from codub.speech.style_gains import SPOKEN, as_it_sounds

RATE = 24_000
STYLE = Style(EMBEDDED, np.zeros(256, np.float32))
NOBODY = np.eye(256, dtype=np.float32)[0]


def noise(seed: int, rate: int) -> np.ndarray:
    samples = np.random.default_rng(seed).standard_normal(5 * rate)
    return (0.05 * samples * np.clip(np.sin(2 * np.pi * 3 * np.arange(5 * rate) / rate), 0, 1)).astype(np.float32)


class Mouth:
    """Speaks noise as `Synthesizer` does, another each time; what is said again is always `said`."""

    def __init__(self, said: np.ndarray) -> None:
        self.lines: list[object] = []
        self._said = said

    def speak(self, line: object, *_: object, seed: int) -> SimpleNamespace:
        self.lines.append(line)
        return SimpleNamespace(latent=len(self.lines))

    def synthesize(self, latent: Any, style: Style) -> Speech:
        assert style.gains is None
        if isinstance(latent, int):
            return Speech(noise(latent, RATE), RATE)
        assert style.sound_gains is None
        return Speech(soxr.resample(self._said, 16_000, RATE), RATE)


class Deaf(nn.Module):
    """Hears nobody in anything."""

    def forward(self, waves: Tensor) -> Tensor:
        return torch.from_numpy(NOBODY)[None] + 0 * waves.mean()


class Brightness(nn.Module):
    """Hears how much of a sound's power lies above 4 kHz."""

    def forward(self, waves: Tensor) -> Tensor:
        power = torch.fft.rfft(waves).abs().square()
        low, high = (half.sum(dim=1) for half in power.chunk(2, dim=1))
        return nn.functional.normalize(torch.stack([low, high], dim=1), dim=1)


@pytest.fixture(autouse=True)
def one_axis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style_gains, "phonemize", lambda text, language: (language, text))
    axes = np.zeros((512, 1))
    axes[0] = 1
    known = SoundAxes(np.zeros(512), axes, np.zeros((1, 19)), np.ones((1, 19)))
    monkeypatch.setattr(style_gains, "sound_axes", lambda: known)


def reference(sound: np.ndarray, embedding: np.ndarray = NOBODY) -> HeardReference:
    """Where two sounds are said by turns."""
    features = np.zeros((512, 200), np.float32)
    features[0] = np.where(np.arange(200) // 20 % 2, 1, -1)
    return HeardReference(sound, embedding, SimpleNamespace(features=features))  # type: ignore[arg-type]


def styled(style: Style, heard: HeardReference, network: nn.Module, mouth: Mouth) -> Style:
    voice = SimpleNamespace(ttv=mouth, synthesizer=mouth)
    return as_it_sounds(style, heard, voice, SpeakerEncoder(network))  # type: ignore[arg-type]


def filtered_noise(wanted_db: np.ndarray) -> np.ndarray:
    hertz = np.linspace(0, 8000, 2000)
    response = firwin2(801, hertz, 10 ** (np.interp(hertz, centres(), wanted_db) / 20), fs=16_000)
    return np.convolve(noise(99, 16_000), response, mode="same").astype(np.float32)


def test_a_voice_gets_the_gains_that_it_lacks() -> None:
    wanted_db = 5 * np.cos(centres() / 1200)
    speaker, mouth = filtered_noise(wanted_db), Mouth(noise(98, 16_000))
    style = styled(STYLE, reference(speaker), Deaf(), mouth)
    assert mouth.lines == list(SPOKEN)
    assert style.gains is not None
    found = style.gains - wanted_db
    assert np.abs(found - found.mean()).max() < 1.0
    # what a style had before does not count twice
    again = styled(replace(style, gains=-style.gains), reference(speaker), Deaf(), Mouth(noise(98, 16_000)))
    assert again.gains is not None
    assert np.abs(again.gains - style.gains).max() < 1.0


def test_what_the_speaker_encoder_hears_moves_them_and_it_stays_as_loud() -> None:
    speaker = filtered_noise(np.zeros(40))
    bright = np.array([0.6, 0.8], np.float32)
    plain, heard = (
        styled(STYLE, reference(speaker, wanted), network, Mouth(noise(98, 16_000)))
        for wanted, network in ((NOBODY, Deaf()), (bright, Brightness()))
    )
    assert plain.gains is not None
    assert heard.gains is not None
    spoken = [equalised(noise(7, 16_000), 16_000, style.gains) for style in (plain, heard)]
    before, after = (SpeakerEncoder(Brightness()).embed(sound) @ bright for sound in spoken)  # type: ignore[arg-type]
    assert after > before + 0.01
    quieter, louder = (10 * np.log10(np.mean(sound**2)) for sound in spoken)
    assert louder == pytest.approx(quieter, abs=0.3)


def test_a_drawn_style_gets_the_gains_of_its_speaker_s_sounds() -> None:
    said = noise(99, 16_000)
    tilt = np.linspace(4, -4, 40).astype(np.float32)
    brighter, darker = (equalised(said, 16_000, sign * tilt) for sign in (1, -1))
    sound = np.where(np.repeat(reference(said).latent.features[0], 400) > 0, brighter, darker).astype(np.float32)
    before = replace(STYLE, sound_gains=np.full((1, 40), 9, np.float32))
    style = styled(before, reference(sound), Deaf(), Mouth(said))
    assert style.gains is not None
    assert style.sound_gains is not None
    assert np.abs(style.sound_gains[0] - (tilt - tilt.mean())).mean() < 1.0
