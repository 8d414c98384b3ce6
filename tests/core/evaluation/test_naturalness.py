from pathlib import Path

import numpy as np
import pytest
import soundfile

from codub.errors import WeightsError
from codub.evaluation.naturalness import NaturalnessMeter, load_naturalness
from codub.evaluation.naturalness_network import NaturalnessNetwork


@pytest.fixture(scope="module")
def meter(weights_home: Path) -> NaturalnessMeter:
    try:
        return load_naturalness()
    except WeightsError:
        pytest.skip("DistillMOS was not fetched")


def sweep(seconds: float) -> np.ndarray:
    t = np.arange(int(16_000 * seconds)) / 16_000
    return (0.5 * np.sin(2 * np.pi * (100 * t + 200 * t**2))).astype(np.float32)


def test_an_untrained_network_stays_on_the_scale() -> None:
    scores = [NaturalnessMeter(NaturalnessNetwork()).score(sweep(seconds)) for seconds in (0.5, 8.0)]
    assert all(1 <= score <= 5 for score in scores)


# What the published package (distillmos 0.9.1) says of the same sounds.
@pytest.mark.weights
@pytest.mark.parametrize(("seconds", "score"), [(2.0, 1.5050), (10.0, 1.4774)])
def test_scores_are_the_published_ones(meter: NaturalnessMeter, seconds: float, score: float) -> None:
    assert meter.score(sweep(seconds)) == pytest.approx(score, abs=2e-3)


@pytest.mark.weights
def test_noise_makes_speech_worse(meter: NaturalnessMeter, corpora: Path) -> None:
    speech = soundfile.read(corpora / "speech/librispeech/1088-129236-0000.ogg", dtype="float32")[0][:96_000]
    hiss = 0.03 * np.random.default_rng(0).standard_normal(len(speech)).astype(np.float32)
    clean, noisy = meter.score(speech), meter.score(speech + hiss)
    assert clean > 4.0
    assert noisy < clean - 1
    assert meter.score(0.1 * speech) == pytest.approx(clean, abs=0.05)
