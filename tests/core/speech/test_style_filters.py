import numpy as np
import pytest
import torch

from codub.speech.equaliser import BANDS
from codub.speech.moving_equaliser import equalised_over_time
from codub.speech.style_filters import filtered_over_time, to_speech_rate


@pytest.mark.parametrize(("hertz", "kept"), [(1000, 1.0), (7000, 1.0), (10_000, 0.0)])
def test_sound_is_resampled_without_aliases(hertz: int, kept: float) -> None:
    tone = torch.sin(2 * torch.pi * hertz * torch.arange(24_000, dtype=torch.float64) / 24_000)[None]
    slower = to_speech_rate(tone)[0]
    wanted = kept * torch.sin(2 * torch.pi * hertz * torch.arange(16_000, dtype=torch.float64) / 16_000)
    assert (slower - wanted).abs().max() < 1e-3


def test_gains_that_move_are_those_of_a_dub() -> None:
    random = np.random.default_rng(0)
    sound = (0.1 * random.standard_normal(2 * 16_000)).astype(np.float32)
    gains = np.cumsum(random.normal(0, 0.4, (80, BANDS)), axis=0)  # dB
    dubbed = equalised_over_time(sound, 16_000, gains, 40)
    heard = filtered_over_time(torch.from_numpy(sound)[None], torch.from_numpy(gains.astype(np.float32)))[0].numpy()
    assert heard.shape == sound.shape
    left = (heard - dubbed)[1600:-1600]
    assert np.sqrt(np.mean(left**2)) < 0.03 * dubbed.std()
