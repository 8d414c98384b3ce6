"""The training pass: what it compares, where gradients go, what is random."""

import pytest
import torch

from codub.speech.hierspeechpp.hierarchy import HierarchicalSynthesizer
from codub.speech.hierspeechpp.masks import length_mask
from codub.speech.hierspeechpp.reconstruction import Draws, HeardLines, reconstruct, slices, targets
from codub.speech.hierspeechpp.synthesizer_size import SynthesizerSize

TINY = SynthesizerSize(
    features=12, latent=8, style=16, bins=9, width=32, narrow=2, prior_layers=2, posterior_layers=2, bands=4
)
FRAMES, SLICE = 10, 4


@pytest.fixture
def network() -> HierarchicalSynthesizer:
    torch.manual_seed(0)
    return HierarchicalSynthesizer(TINY)


def lines() -> HeardLines:
    draw = torch.Generator().manual_seed(2)
    return HeardLines(
        spectrogram=torch.rand(2, TINY.bins, FRAMES, generator=draw),
        sound=0.1 * torch.randn(2, 1, 320 * FRAMES, generator=draw),
        mel=torch.randn(2, 80, FRAMES, generator=draw),
        features=torch.randn(2, TINY.features, FRAMES, generator=draw),
        log_f0=5 * torch.rand(2, 1, 4 * FRAMES, generator=draw),
        mask=length_mask(torch.tensor([FRAMES, 7])),
    )


def draws(nobody: float = 0.0) -> Draws:
    return Draws.of(lines(), TINY, SLICE, nobody, torch.Generator().manual_seed(3))


def test_every_part_learns(network):
    made = reconstruct(network, lines(), draws(nobody=1.0), SLICE)
    made.sound.square().mean().add(made.log_f0.square().mean()).add(made.bands.square().mean()).backward(
        retain_graph=True
    )
    for compared in (made.toward_language, made.from_prior, made.from_language):
        compared.square().mean().backward(retain_graph=True)
    silent = {name for name, parameter in network.named_parameters() if parameter.grad is None}
    assert not silent


def test_slices_are_of_the_same_moment(network):
    heard, drawn = lines(), draws()
    made = reconstruct(network, heard, drawn, SLICE)
    sound, log_f0 = targets(heard, drawn, SLICE)
    assert made.sound.shape == sound.shape == (2, 1, 320 * SLICE)
    assert made.log_f0.shape == log_f0.shape == (2, 1, 4 * SLICE)
    start = int(drawn.starts[1])
    assert torch.equal(sound[1], heard.sound[1, :, 320 * start : 320 * (start + SLICE)])
    assert torch.equal(log_f0[1], heard.log_f0[1, :, 4 * start : 4 * (start + SLICE)])
    assert start + SLICE <= 7


def test_the_same_draws_give_the_same_pass(network):
    network.eval()
    one, two = (reconstruct(network, lines(), draws(), SLICE) for _ in range(2))
    torch.testing.assert_close(one.sound, two.sound, rtol=0, atol=0)
    torch.testing.assert_close(one.from_language, two.from_language, rtol=0, atol=0)


def test_a_withheld_style_is_nobodys(network):
    network.eval()
    named, withheld = (reconstruct(network, lines(), draws(share), SLICE) for share in (0.0, 1.0))
    assert (named.sound - withheld.sound).abs().max() > 0
    torch.testing.assert_close(named.bands, withheld.bands)


def test_a_slice_longer_than_the_lines_is_the_lines(network):
    made = reconstruct(network, lines(), Draws.of(lines(), TINY, 192, 0.0, torch.Generator().manual_seed(0)), 192)
    assert made.sound.shape == (2, 1, 320 * FRAMES)


def test_slices_begin_where_they_are_told():
    values = torch.arange(10.0).expand(2, 1, 10)
    assert slices(values, torch.tensor([0, 6]), 3)[:, 0].tolist() == [[0, 1, 2], [6, 7, 8]]
