"""The discriminators' shapes, what they see, and that they learn to tell two sounds apart."""

import numpy as np
import pytest
import torch
from scipy import signal

from codub.training.speech_stack import losses
from codub.training.speech_stack.discriminators import (
    ComplexSpectrogram,
    DiscriminatorConfig,
    Discriminators,
    NormedConv2d,
    PeriodDiscriminator,
    SpectrumDiscriminator,
)

TINY = DiscriminatorConfig(periods=(2, 3), period_channels=(4, 8, 8), n_ffts=(256, 128), spectrum_channels=4)


def test_full_size_is_the_published_one() -> None:
    with torch.device("meta"):
        whole = Discriminators(DiscriminatorConfig())
    keys = {name: tuple(value.shape) for name, value in whole.state_dict().items()}
    assert len(whole.discriminators) == 10
    assert keys["discriminators.0.spec_transform.window"] == (2048,)
    assert keys["discriminators.4.convs.3.weight_v"] == (32, 32, 3, 9)
    assert keys["discriminators.9.convs.3.weight_v"] == (1024, 512, 5, 1)
    assert keys["discriminators.9.conv_post.weight_g"] == (1, 1, 1, 1)
    # 5 of 8.2 M (HiFi-GAN's period discriminator) and 5 small ones
    assert sum(value.numel() for value in whole.parameters()) == pytest.approx(41.3e6, rel=0.01)


@pytest.mark.parametrize("period", [2, 3, 5, 7, 11])
def test_a_period_discriminator_sees_columns_apart(period: int) -> None:
    # A sample can only reach scores of its own column, that is, of its place within the period.
    torch.manual_seed(period)
    network = PeriodDiscriminator(period, (4, 4, 4))
    sound = torch.randn(1, 1, 40 * period)
    changed = sound.clone()
    changed[0, 0, 17 * period + 1] += 3
    scores, features = network(sound)
    moved = (network(changed)[0] - scores).detach().abs().unflatten(1, (-1, period)).sum(1)[0]
    assert features[0].shape == (1, 4, 14, period)
    assert float(moved[1]) > 0
    assert float(moved.sum() - moved[1]) == 0


def test_a_length_between_periods_is_mirrored() -> None:
    network = PeriodDiscriminator(5, (4, 4))
    sound = torch.randn(1, 1, 18)
    mirrored = torch.cat([sound, sound[..., [16, 15]]], dim=2)
    assert torch.equal(network(sound)[0], network(mirrored)[0])


def test_spectrogram_is_that_of_scipy() -> None:
    sound = np.random.default_rng(0).standard_normal(1000)
    window = signal.get_window("hann", 128)
    pieces = np.lib.stride_tricks.sliding_window_view(sound, 128)[::32] * window / np.sqrt((window**2).sum())
    expected = np.fft.rfft(pieces)
    found = ComplexSpectrogram(128)(torch.tensor(sound, dtype=torch.float32)[None, None])[0]
    np.testing.assert_allclose(found[0].numpy(), expected.real, atol=1e-5)
    np.testing.assert_allclose(found[1].numpy(), expected.imag, atol=1e-5)


def test_spectrum_layers_halve_the_frequencies_and_keep_the_time() -> None:
    scores, features = SpectrumDiscriminator(256, 4)(torch.randn(2, 1, 1024))
    frames = 1 + (1024 - 256) // 64
    assert [tuple(layer.shape[2:]) for layer in features] == [(frames, n) for n in (129, 65, 33, 17, 17, 17)]
    assert scores.shape == (2, frames * 17)


def test_weight_norm_is_torchs() -> None:
    torch.manual_seed(0)
    layer = NormedConv2d(3, 5, (3, 9), stride=(1, 2), dilation=(2, 1))
    plain = torch.nn.Conv2d(3, 5, (3, 9), (1, 2), (2, 4), (2, 1))
    plain.load_state_dict({"bias": layer.bias.detach(), "weight": layer.weight_v.detach()})
    x = torch.randn(2, 3, 12, 20)
    torch.testing.assert_close(layer(x), plain(x))
    with torch.no_grad():
        layer.weight_v.mul_(7)  # a direction has no length
    torch.testing.assert_close(layer(x), plain(x))


def test_they_learn_to_tell_noise_from_a_tone() -> None:
    torch.manual_seed(0)
    network = Discriminators(TINY)
    optimizer = torch.optim.AdamW(network.parameters(), 5e-3, betas=(0.8, 0.99))
    tone = torch.sin(torch.arange(1024) * 0.2)[None, None].repeat(4, 1, 1)
    for _ in range(40):
        noise = torch.randn(4, 1, 1024) * 0.7
        loss = losses.least_squares_discriminator(network(tone).scores, network(noise).scores)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        heard, noise = network(tone).scores, network(torch.randn(4, 1, 1024) * 0.7).scores
    apart = [float(a.mean() - b.mean()) for a, b in zip(heard, noise, strict=True)]
    assert min(apart) > 0.2
