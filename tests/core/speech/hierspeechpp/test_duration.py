"""The duration flow: a distribution whose draws it finds likely."""

import math

import pytest
import torch
from golden_fill import fill

from codub.speech.hierspeechpp.duration import DurationPredictor, SplineCoupling


@pytest.fixture
def case():
    torch.manual_seed(0)
    mask = torch.tensor([[[1.0, 1, 1, 1, 1, 0, 0]], [[1, 1, 1, 1, 1, 1, 1]]])
    return fill(DurationPredictor(8, style=4)), torch.randn(2, 8, 7) * mask, mask, torch.randn(2, 4, 1)


def test_couplings_are_invertible(case):
    _, x, mask, _ = case
    coupling = fill(SplineCoupling(8, 3))
    value = torch.randn(2, 2, 7) * mask
    there, change = coupling(value, mask, x)
    back, undone = coupling(there, mask, x, inverse=True)
    torch.testing.assert_close(back, value)
    torch.testing.assert_close(undone, -change)


def test_padding_changes_neither_draws_nor_likelihood(case):
    predictor, x, mask, g = case
    noise = torch.randn(2, 2, 7)
    both = predictor(x, mask, g, noise)
    alone = predictor(x[:1, :, :5], mask[:1, :, :5], g[:1], noise[:1, :, :5])
    torch.testing.assert_close(both[:1, :, :5], alone)
    durations = torch.tensor([[[3.0, 1, 2, 5, 1, 0, 0]], [[1, 2, 3, 4, 5, 6, 7]]])
    nll = predictor.nll(x, mask, durations, g, noise)
    single = predictor.nll(x[:1, :, :5], mask[:1, :, :5], durations[:1, :, :5], g[:1], noise[:1, :, :5])
    torch.testing.assert_close(nll[:1], single)


@torch.no_grad()
def test_the_likelihood_of_a_duration_is_the_share_of_its_draws():
    torch.manual_seed(0)
    predictor = DurationPredictor(8, style=4).eval()
    for name, values in predictor.named_parameters():
        if ".proj.weight" in name:  # splines that bend a little: the weights of the draws stay of one size
            values.normal_(0, 0.1)
    draws = 20000
    x, g, mask = torch.randn(1, 8, 1).expand(draws, -1, -1), torch.zeros(draws, 4, 1), torch.ones(draws, 1, 1)
    drawn = predictor(x, mask, g, torch.randn(draws, 2, 1)).exp().ceil()
    for frames in (1, 2):
        nll = predictor.nll(x, mask, frames * mask, g, torch.randn(draws, 2, 1))
        likelihood = float((torch.logsumexp(-nll, 0) - math.log(draws)).exp())
        assert float((drawn == frames).float().mean()) == pytest.approx(likelihood, abs=0.03)


def test_text_and_style_get_no_gradient(case):
    predictor, x, mask, g = case
    x.requires_grad_()
    g.requires_grad_()
    predictor.nll(x, mask, mask, g, torch.randn(2, 2, 7)).sum().backward()
    assert x.grad is None
    assert g.grad is None
    assert predictor.pre.weight.grad is not None
