"""Convolutions with fewer multiplications, against the plain ones in double precision."""

import numpy as np
import pytest
import torch
from torch import nn

from codub.speech.hierspeechpp.toom_cook import (
    LEAST_CHANNELS,
    TILE,
    PointwiseConv1d,
    ToomCookConv1d,
    serves,
    transforms,
)


def _conv(taps, dilation=1, channels=96, bias=True, **options):
    torch.manual_seed(0)
    padding = dilation * (taps // 2)
    return nn.Conv1d(channels, channels, taps, dilation=dilation, padding=padding, bias=bias, **options)


def _error(made, plain, x):
    exact = plain.double()(x.double())
    return float((made.double() - exact).abs().max() / exact.std())


@pytest.mark.parametrize("taps", [3, 5])
def test_the_transforms_are_those_of_a_filter(taps):
    read, spread, gather = transforms(taps)
    random = np.random.default_rng(0)
    weight, tile = random.standard_normal(taps), random.standard_normal(TILE + taps - 1)
    np.testing.assert_allclose(gather @ ((spread @ weight) * (read @ tile)), np.correlate(tile, weight, "valid"))


@torch.no_grad()
@pytest.mark.parametrize("taps", [3, 5, 7, 9, 11])
@pytest.mark.parametrize(("dilation", "length"), [(1, 1), (1, 57), (3, 2), (3, 64), (5, 41)])
def test_values_are_those_of_the_plain_convolution(taps, dilation, length):
    plain = _conv(taps, dilation, bias=length != 57)
    x = torch.randn(2, 96, length)
    made = ToomCookConv1d(plain)(x)
    assert made.shape == x.shape
    assert _error(made, plain, x) < 3e-5


@torch.no_grad()
def test_the_layout_in_memory_does_not_matter():
    fast = ToomCookConv1d(_conv(5))
    x = torch.randn(1, 96, 30)
    torch.testing.assert_close(fast(x), fast(x.transpose(1, 2).contiguous().transpose(1, 2)))


@torch.no_grad()
@pytest.mark.parametrize("bias", [True, False])
def test_pointwise_convolutions_are_matrix_products(bias):
    plain = nn.Conv1d(8, 5, 1, bias=bias)
    x = torch.randn(3, 8, 7)
    torch.testing.assert_close(PointwiseConv1d(plain)(x), plain(x))


def test_only_what_gains_is_replaced():
    assert serves(_conv(5))
    assert not serves(_conv(4))
    assert not serves(_conv(1))
    assert not serves(_conv(5, groups=2))
    assert not serves(nn.Conv1d(96, 96, 5, stride=2, padding=2))
    assert not serves(nn.Conv1d(96, 96, 5))
    assert not serves(nn.Conv1d(LEAST_CHANNELS - 1, 96, 5, padding=2))
