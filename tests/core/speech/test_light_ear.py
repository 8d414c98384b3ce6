"""The light ear before it has learned anything: when it hears, and what its first filters are."""

import numpy as np
import pytest
import torch

from codub.speech.light_ear import BANDS, LightEar, filters


def ear() -> LightEar:
    torch.manual_seed(0)
    return LightEar(width=32, layers=1, bands=8).eval()


def test_it_is_small() -> None:
    assert sum(p.numel() for p in LightEar().parameters()) < 6_500_000


@pytest.mark.parametrize("samples", [1600, 16_000, 32_000, 33_333])
def test_states_stand_at_fifty_a_second(samples: int) -> None:
    with torch.inference_mode():
        states, mel = ear()(torch.randn(samples))
    assert states.shape == (samples // 320 + 1, 32)
    assert mel.shape[0] == 80


def test_a_click_is_heard_where_it_is() -> None:
    sound = torch.zeros(1, 16_000)
    sound[0, 8000] = 1.0
    with torch.inference_mode():
        front = ear().network.feature_extractor(torch.nn.functional.pad(sound, (500, 500)))[0]
    strength = (front - front[:, :1]).abs().sum(0)
    assert abs(int(strength.argmax()) - 25) <= 1  # 0.5 s at 50 Hz


def test_loudness_of_the_whole_does_not_matter() -> None:
    sound = torch.randn(1, 8000)
    with torch.inference_mode():
        torch.testing.assert_close(ear().states(sound), ear().states(sound * 0.01), atol=1e-4, rtol=0)


def test_every_filter_answers_its_own_frequency_most() -> None:
    bank = filters(BANDS).numpy()
    swing = np.hypot(*np.abs(np.fft.rfft(bank, 16_000, axis=1)).reshape(2, BANDS, -1))
    peaks = swing.argmax(axis=1)  # Hz
    assert np.all(np.diff(peaks) > 0)
    assert 50 <= peaks[0] <= 110
    assert 7400 <= peaks[-1] <= 7800
