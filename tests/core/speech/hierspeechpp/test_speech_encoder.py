"""Real sound into the space: lengths, pitch, level, and what is heard in it."""

import numpy as np
import pytest
import torch
from golden_fill import fill

from codub.latent import HIERSPEECHPP, SILENCE
from codub.speech.hierspeechpp import speech_encoder
from codub.speech.hierspeechpp.alphabet import IDS
from codub.speech.hierspeechpp.network import TextToVecNetwork, TtvSize
from codub.speech.hierspeechpp.speech_encoder import HierSpeechEncoder, spikes

SIZE = TtvSize(channels=16, style=16, text_layers=1, posterior_layers=1, decoder_layers=1, pitch_channels=16)


class _Front(torch.nn.Module):
    """The mean of each vector's samples in every channel, in the shape of the real front end."""

    def forward(self, samples):
        padded = torch.nn.functional.pad(samples, (0, 1280 - samples.shape[1] % 1280))
        return padded.reshape(len(samples), -1, 320).mean(2)[:, None].expand(-1, 1024, -1)


@pytest.fixture(scope="module")
def encoder():
    return HierSpeechEncoder(_Front(), fill(TextToVecNetwork(SIZE)))


def _tone(samples, f0=150.0):
    time = np.arange(samples) / 16000
    return sum(np.sin(2 * np.pi * k * f0 * time + k * k) / k for k in range(1, 12)).astype(np.float32) * 0.1


@pytest.mark.parametrize("samples", [1, 320, 321, 5000])
def test_a_sound_makes_as_many_vectors_as_it_lasts(encoder, samples):
    latent = encoder.encode(_tone(samples))
    assert latent.space == HIERSPEECHPP
    assert latent.features.shape == (1024, -(-samples // 320))
    assert latent.origin == "sound"
    assert latent.spans[-1].end == pytest.approx(float(latent.duration))


def test_pitch_and_level_are_measured(encoder):
    sound = np.zeros(16000, dtype=np.float32)
    sound[4800:11200] = _tone(6400)
    latent = encoder.encode(sound)
    voiced = latent.log_f0 > 0
    assert np.median(np.expm1(latent.log_f0[voiced])) == pytest.approx(150, rel=0.02)
    assert 0.38 < voiced.sum() / 200 < 0.45  # seconds
    assert latent.energy[:50].max() == -60
    assert abs(np.median(latent.energy[voiced])) < 0.5
    assert latent.spans[0].phoneme == SILENCE == latent.spans[-1].phoneme
    assert latent.spans[0].end == pytest.approx(0.3, abs=0.03)


def test_long_sounds_are_heard_in_pieces_that_fit_together(encoder, monkeypatch):
    sound = _tone(320 * 57 + 5)
    whole = encoder.features(sound)
    monkeypatch.setattr(speech_encoder, "CHUNK", 20)
    monkeypatch.setattr(speech_encoder, "CONTEXT", 3)
    np.testing.assert_array_equal(encoder.features(sound), whole)
    latent = encoder.encode(sound)
    assert latent.features.shape == (1024, 58)
    assert np.median(np.expm1(latent.log_f0[latent.log_f0 > 0])) == pytest.approx(150, rel=0.02)


def test_every_vector_goes_to_the_nearest_named_sound():
    a, b = IDS["a"], IDS["b"]
    owners, symbols = spikes(np.array([0, a, 0, 0, 0, b, b, 0, b, 0]))
    assert symbols == ["a", "b", "b"]
    assert owners.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]
    assert spikes(np.zeros(4, dtype=np.int64))[1] == [SILENCE]
