"""A made speaker encoder that hears how strong bands are, and a voice of noise."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from codub.speech.equaliser import BANDS, LIMIT, equalised
from codub.speech.gains_by_ear import gains_by_ear
from codub.speech.speaker import SpeakerEncoder, similarity

RATE = 16_000
NONE = np.zeros(BANDS, np.float32)
SPEAKER = (4 * np.cos(np.arange(BANDS) / 4)).astype(np.float32)


class Bands(nn.Module):
    """How much power 80 bands have, each as wide."""

    def forward(self, waves: Tensor) -> Tensor:
        power = torch.fft.rfft(waves).abs().square()
        return nn.functional.normalize(nn.functional.adaptive_avg_pool1d(power[:, None], 80)[:, 0], dim=1)


@pytest.fixture
def encoder() -> SpeakerEncoder:
    return SpeakerEncoder(Bands())  # type: ignore[arg-type]


def noise(seed: int, seconds: float = 2.0) -> np.ndarray:
    return (0.05 * np.random.default_rng(seed).standard_normal(int(seconds * RATE))).astype(np.float32)


def heard(encoder: SpeakerEncoder, gains: np.ndarray, wanted: np.ndarray) -> float:
    return similarity(encoder.embed(equalised(noise(9), RATE, gains)), wanted)


@pytest.mark.parametrize("begun", [NONE, -0.25 * SPEAKER])
def test_what_was_not_spoken_is_more_like_the_speaker_too(encoder: SpeakerEncoder, begun: np.ndarray) -> None:
    wanted = encoder.embed(equalised(noise(1), RATE, SPEAKER))
    moved = gains_by_ear(begun, [noise(2), noise(3, 1.00007)], wanted, encoder)
    before, after = (heard(encoder, gains, wanted) for gains in (begun, moved))
    assert before < 0.9
    assert after > 0.94
    assert np.corrcoef(moved, SPEAKER)[0, 1] > 0.5


def test_who_sounds_right_already_stays(encoder: SpeakerEncoder) -> None:
    wanted = encoder.embed(equalised(noise(1), RATE, SPEAKER))
    moved = gains_by_ear(SPEAKER, [noise(2), noise(3)], wanted, encoder)
    assert np.abs(moved - SPEAKER).mean() < 0.75


def test_how_bright_a_voice_is_stays(encoder: SpeakerEncoder) -> None:
    wanted = encoder.embed(equalised(noise(1), RATE, SPEAKER + np.linspace(-6, 6, BANDS).astype(np.float32)))
    moved = gains_by_ear(NONE, [noise(2)], wanted, encoder)
    assert np.abs(moved).max() > 3
    for cycles in (0.5, 1.0):
        tilt = np.cos(2 * np.pi * cycles * (np.arange(BANDS) + 0.5) / BANDS)
        assert abs(np.corrcoef(moved, tilt)[0, 1]) < 1e-4


def test_equal_lines_give_equal_gains(encoder: SpeakerEncoder) -> None:
    wanted = encoder.embed(equalised(noise(1), RATE, SPEAKER))
    first, second = (gains_by_ear(NONE, [noise(2)], wanted, encoder) for _ in range(2))
    assert np.array_equal(first, second)


def test_nobody_is_worth_more_than_the_limit(encoder: SpeakerEncoder) -> None:
    whistle = np.sin(2 * np.pi * 3000 * np.arange(2 * RATE) / RATE).astype(np.float32)
    moved = gains_by_ear(NONE, [noise(2)], encoder.embed(whistle), encoder)
    assert np.abs(moved).max() == pytest.approx(LIMIT)
