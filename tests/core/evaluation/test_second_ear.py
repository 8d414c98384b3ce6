"""The second measure hears voices and no filters; real people are told apart by it."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from scipy.signal import lfilter

from codub.errors import UsageError, WeightsError
from codub.evaluation.second_ear import SecondEar, equal_error_rate, load_second_ear, log_bands
from codub.evaluation.second_ear_network import SecondEarNetwork

RATE = 16_000


def noise(seed: int, seconds: float = 2.0) -> np.ndarray:
    """Noise in bursts."""
    random = np.random.default_rng(seed)
    bursts = np.repeat(random.uniform(0.05, 1, round(seconds * 10)), RATE // 10)
    return (0.1 * random.standard_normal(len(bursts)) * bursts).astype(np.float32)


def made_ear() -> SecondEar:
    torch.manual_seed(0)
    return SecondEar(SecondEarNetwork())


@pytest.fixture(scope="module")
def ear(weights_home: Path) -> SecondEar:
    try:
        return load_second_ear()
    except WeightsError:
        pytest.skip("CAM++ was not fetched")


def test_the_bands_are_kaldis() -> None:
    audio = pytest.importorskip("transformers.audio_utils")
    bank = audio.mel_filter_bank(257, 80, 20, 8000, RATE, mel_scale="kaldi", triangularize_in_mel_space=True)
    other = audio.spectrogram(
        noise(0).astype(np.float64),
        audio.window_function(400, "povey", periodic=False),
        400,
        160,
        512,
        power=2.0,
        center=False,
        preemphasis=0.97,
        mel_filters=bank,
        log_mel="log",
        mel_floor=float(np.finfo(np.float32).eps),
        remove_dc_offset=True,
    )
    np.testing.assert_allclose(log_bands(noise(0)), other, atol=1e-5)


def test_neither_loudness_nor_a_steady_filter_is_a_voice() -> None:
    sound, ear = noise(1), made_ear()
    through = lfilter([1.0], [1, -0.6], sound).astype(np.float32)  # 12 dB between low and high
    one, louder, tilted, other = (ear.embed(x) for x in (sound, 3 * sound, through, noise(2)))
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert one @ louder == pytest.approx(1, abs=1e-4)
    assert 1 - one @ tilted < 0.1 * (1 - one @ other)


def test_too_little_to_tell_is_refused() -> None:
    with pytest.raises(UsageError, match="quarter of a second"):
        made_ear().embed(np.ones(2000, np.float32))


def test_the_equal_error_rate_of_known_scores() -> None:
    assert equal_error_rate([0.9, 0.8, 0.2, 0.1], [True, True, False, False]) == 0
    assert equal_error_rate([0.1, 0.2, 0.8, 0.9], [True, True, False, False]) == pytest.approx(1.0, abs=0.3)
    assert equal_error_rate([0.9, 0.3, 0.5, 0.1], [True, True, False, False]) == 0.5
    chance = np.random.default_rng(0)
    assert equal_error_rate(chance.random(2000).tolist(), (chance.random(2000) < 0.5).tolist()) == pytest.approx(
        0.5, abs=0.05
    )


# What 3D-Speaker's own network, with these weights, says of the same bands.
@pytest.mark.weights
def test_embeddings_are_the_published_ones(ear: SecondEar) -> None:
    np.testing.assert_allclose(ear.embed(noise(3))[:4], [-0.10393, -0.02171, 0.04345, -0.09255], atol=1e-4)


@pytest.mark.weights
def test_real_people_are_told_apart(ear: SecondEar, corpora: Path) -> None:
    names = ("1034-121119", "1040-133433", "1088-129236")
    heard = []
    for name in names:
        sound = soundfile.read(corpora / f"speech/librispeech/{name}-0000.ogg", dtype="float32")[0]
        heard += [(name, ear.embed(half)) for half in np.array_split(sound, 2)]
    for (one, a), (two, b) in combinations(heard, 2):
        assert (a @ b > 0.5) == (one == two)
