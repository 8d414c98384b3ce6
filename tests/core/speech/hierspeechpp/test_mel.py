"""The log-mel spectrogram, against torchaudio's numbers and against a tone."""

import pytest
import torch
from golden_fill import arrays, needs_golden, off_by

from codub.speech.hierspeechpp.mel import filterbank, log_mel


@needs_golden
def test_it_is_the_published_spectrogram():
    golden = arrays("mel")
    audio = golden["in_audio"][None]
    assert off_by(filterbank(), golden["mel_filterbank"]) < 1e-4
    assert off_by(log_mel(audio), golden["out_logmel"]) < 1e-4
    assert off_by(log_mel(audio[:, :5000]), golden["out_logmel_first5000"]) < 1e-4


def test_a_tone_stands_in_the_band_of_its_pitch():
    time = torch.arange(16000) / 16000
    mel = log_mel(torch.sin(2 * torch.pi * 1000 * time)[None])[0]
    assert mel.shape == (80, 50)
    loudest = mel[:, 25].argmax()
    centres = (torch.linspace(0, 8000, 641)[:, None] * filterbank()).sum(0) / filterbank().sum(0)
    assert abs(float(centres[loudest]) - 1000) < 30


@pytest.mark.parametrize(("samples", "frames"), [(1, 1), (319, 1), (641, 2), (1600, 5)])
def test_short_sounds_have_frames_too(samples, frames):
    assert log_mel(torch.randn(2, samples)).shape == (2, 80, frames)
