"""Spectra against the published style mel, SciPy and tones."""

from pathlib import Path

import numpy as np
import pytest
import torch

from codub.training.speech_stack.spectra import SCALES, linear_magnitudes, log_mels, mel_bank

GOLDEN = Path(__file__).resolve().parents[5] / "shared" / "golden" / "mel.npz"


def test_the_second_scale_is_the_published_style_mel() -> None:
    if not GOLDEN.is_file():
        pytest.skip("golden tensors are not here")
    with np.load(GOLDEN) as file:
        made = log_mels(torch.from_numpy(file["in_audio"])[None], SCALES[1:2])[0]
        torch.testing.assert_close(made, torch.from_numpy(file["out_logmel"]), atol=1e-4, rtol=0)
        torch.testing.assert_close(mel_bank(1280, 80).T, torch.from_numpy(file["mel_filterbank"]), atol=1e-5, rtol=0)


def test_a_tone_has_its_magnitude_in_its_own_bin() -> None:
    # A Hann window of 1280 samples sums to 640: half of it is the peak of a cosine.
    tone = 0.5 * torch.cos(2 * torch.pi * 1000 * torch.arange(6400) / 16_000)
    seen = linear_magnitudes(tone[None])[0]
    assert seen.shape == (641, 20)
    assert int(seen[:, 10].argmax()) == 80
    assert float(seen[80, 10]) == pytest.approx(0.5 * 640 / 2, rel=1e-4)


def test_every_scale_has_its_bins_and_a_quarter_hop() -> None:
    made = log_mels(torch.randn(2, 6400))
    assert [tuple(mel.shape) for mel in made] == [(2, bins, 6400 * 4 // window) for window, bins in SCALES]
    louder = log_mels(torch.randn(2, 6400, generator=torch.Generator().manual_seed(0)) * 0.1)
    much_louder = log_mels(torch.randn(2, 6400, generator=torch.Generator().manual_seed(0)))
    for a, b in zip(louder, much_louder, strict=True):
        assert float((b - a).median()) == pytest.approx(np.log(100), rel=0.02)  # power, ten times the amplitude


def test_no_triangle_is_empty() -> None:
    for window, bins in SCALES:
        assert bool((mel_bank(window, bins).sum(dim=1) > 0).all())
