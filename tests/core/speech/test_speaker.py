import csv
import itertools
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from codub.speech.speaker import SpeakerEncoder, load_speaker_encoder, similarity
from codub.speech.speaker_network import HOP, PARTIAL, SpeakerNetwork, partial_starts, slaney_filters


@pytest.fixture(scope="module")
def encoder(weights_home: Path) -> SpeakerEncoder:
    return load_speaker_encoder()


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    return 0.1 * np.random.default_rng(seed).standard_normal(int(16_000 * seconds)).astype(np.float32)


def test_mel_filters_stand_where_slaney_put_them() -> None:
    filters = slaney_filters()
    centres = filters.argmax(dim=1) * 40  # Hz a bin
    # Below 1 kHz 66.7 Hz a mel, 45.2 mel over 41 steps: band 5 lies near 442 Hz; the last one near 7.4 kHz.
    assert centres[5] == pytest.approx(442, abs=25)
    assert centres[-1] == pytest.approx(7440, abs=50)
    # Slaney's triangles have unit area in Hz (bins are 40 Hz wide), the narrow ones only roughly.
    assert (filters.sum(dim=1) * 40)[-10:] == pytest.approx(torch.ones(10), abs=0.05)


def test_a_tone_shows_in_the_band_of_its_frequency() -> None:
    tone = torch.sin(2 * torch.pi * 3000 * torch.arange(16_000) / 16_000)[None]
    mel = SpeakerNetwork().mel(tone)
    assert mel.shape == (1, 101, 40)
    assert mel[0, 50].argmax() == slaney_filters()[:, 3000 // 40].argmax()


@pytest.mark.parametrize("samples", [100, 16_000, 25_600, 40_000, 160_000])
def test_pieces_cover_the_wave(samples: int) -> None:
    starts = partial_starts(samples)
    assert starts[0] == 0
    uncovered = samples - (starts[-1] + PARTIAL) * HOP
    assert uncovered < PARTIAL * HOP * 0.75


def test_gradients_reach_the_wave() -> None:
    torch.manual_seed(0)
    wave = torch.randn(2, 20_000, requires_grad=True)
    SpeakerNetwork()(wave)[:, 0].sum().backward()
    assert wave.grad is not None
    assert wave.grad.abs().sum() > 0


def test_silence_has_no_speaker() -> None:
    with pytest.raises(ValueError, match="silence"):
        SpeakerEncoder(SpeakerNetwork()).embed(np.zeros(16_000, np.float32))


@pytest.mark.weights
def test_embeddings_are_unit_vectors_whatever_the_level(encoder: SpeakerEncoder) -> None:
    quiet, loud = encoder.embed(0.01 * noise(3)), encoder.embed(5 * noise(3))
    assert np.linalg.norm(quiet) == pytest.approx(1, abs=1e-5)
    assert similarity(quiet, loud) == pytest.approx(1, abs=1e-4)
    assert quiet.min() >= 0


@pytest.mark.weights
def test_people_are_told_apart(encoder: SpeakerEncoder, corpora: Path) -> None:
    with (corpora / "speech" / "manifest.tsv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if "test-other" in row["origin"]]
    embedded = [
        (row["speaker"], encoder.embed(soundfile.read(corpora / "speech" / row["file"], dtype="float32")[0]))
        for row in rows[::2]
    ]
    same, different = [], []
    for (a, x), (b, y) in itertools.combinations(embedded, 2):
        (same if a == b else different).append(similarity(x, y))
    # Measured on all fifty: 0.88 and 0.52.
    assert np.mean(same) > 0.85
    assert np.mean(different) < 0.55
    assert np.mean(np.array(same) > 0.7) > 0.97
