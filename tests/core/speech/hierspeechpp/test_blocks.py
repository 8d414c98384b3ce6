"""The shared blocks, against independent evaluations and the golden style vectors."""

import math

import pytest
import torch
from golden_fill import arrays, fill, needs_golden, off_by
from torch import nn

from codub.speech.hierspeechpp.attention import SelfAttention, band_to_square, square_to_band
from codub.speech.hierspeechpp.convolution import NormedConv1d, NormedTransposedConv1d, fold_weight_norm
from codub.speech.hierspeechpp.flow import CouplingFlow
from codub.speech.hierspeechpp.masks import length_mask
from codub.speech.hierspeechpp.resblock import ResidualBlock
from codub.speech.hierspeechpp.style_encoder import StyleEncoder
from codub.speech.hierspeechpp.transformer import Transformer
from codub.speech.hierspeechpp.wavenet import WaveNet


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def test_a_normed_convolution_has_one_norm_for_each_first_channel():
    conv = fill(NormedConv1d(3, 4, 5, dilation=2))
    assert list(conv.state_dict()) == ["bias", "weight_g", "weight_v"]
    torch.testing.assert_close(conv.weight.norm(dim=(1, 2)), conv.weight_g.flatten())
    x = torch.randn(1, 3, 11)
    parametrized = nn.utils.parametrizations.weight_norm(nn.Conv1d(3, 4, 5, padding=4, dilation=2))
    parametrized.parametrizations.weight.original0.data = conv.weight_g.data
    parametrized.parametrizations.weight.original1.data = conv.weight_v.data
    parametrized.bias.data = conv.bias.data
    torch.testing.assert_close(conv(x), parametrized(x))


def test_a_fresh_normed_convolution_starts_as_the_plain_one():
    conv = NormedConv1d(3, 4, 5)
    torch.testing.assert_close(conv.weight, conv.weight_v)


def test_a_normed_transposed_convolution_norms_its_inputs():
    conv = fill(NormedTransposedConv1d(4, 3, 4, stride=2, padding=1))
    torch.testing.assert_close(conv.weight.norm(dim=(1, 2)), conv.weight_g.flatten())
    assert conv(torch.zeros(1, 4, 7)).shape == (1, 3, 14)


def test_folding_changes_no_value():
    module = nn.ModuleDict({"up": NormedTransposedConv1d(6, 6, 4, stride=2, padding=1), "res": ResidualBlock(6, 3)})
    fill(module)
    x = torch.randn(2, 6, 9)
    with torch.no_grad():
        before = module["res"](module["up"](x))
        fold_weight_norm(module)
        assert not any(key.endswith("weight_v") for key in module.state_dict())
        torch.testing.assert_close(module["res"](module["up"](x)), before)


@pytest.mark.parametrize("length", [1, 3, 9])
def test_bands_lie_where_the_offsets_say(length):
    window = 2
    band = torch.randn(2, length, 2 * window + 1)
    square = torch.zeros(2, length, length)
    cut = torch.zeros_like(band)
    for i in range(length):
        for offset in range(-window, window + 1):
            if 0 <= i + offset < length:
                square[:, i, i + offset] = cut[:, i, offset + window] = band[:, i, offset + window]
    torch.testing.assert_close(band_to_square(band, window), square)
    torch.testing.assert_close(square_to_band(square, window), cut)


def test_attention_by_the_definition():
    channels, heads, window, length = 8, 2, 1, 5
    attend = fill(SelfAttention(channels, heads, window=window))
    x = torch.randn(1, channels, length)
    query, key, value = (
        conv(x)[0].reshape(heads, channels // heads, length) for conv in (attend.conv_q, attend.conv_k, attend.conv_v)
    )
    mixed = torch.zeros(heads, channels // heads, length)
    for head in range(heads):
        for i in range(length):
            logits = torch.zeros(length)
            for j in range(length):
                near = abs(j - i) <= window
                learned = attend.emb_rel_k[0, j - i + window] if near else 0
                logits[j] = query[head, :, i] @ (key[head, :, j] + learned) / math.sqrt(channels // heads)
            for j, share in enumerate(logits.softmax(0)):
                learned = attend.emb_rel_v[0, j - i + window] if abs(j - i) <= window else 0
                mixed[head, :, i] += share * (value[head, :, j] + learned)
    torch.testing.assert_close(attend(x, torch.ones(1, 1, length)), attend.conv_o(mixed.reshape(1, channels, length)))


def test_what_stands_behind_the_mask_changes_nothing():
    mask = length_mask(torch.tensor([5, 8]))
    x = torch.randn(2, 8, 8)
    other = torch.where(mask > 0, x, torch.randn(2, 8, 8))
    g = torch.randn(2, 16, 1)
    transformer = fill(Transformer(8, 16, heads=2, layers=2, kernel=3, dropout=0.1))
    torch.testing.assert_close(transformer(x, mask), transformer(other, mask))
    wavenet = fill(WaveNet(8, 3, 2, style=16))
    torch.testing.assert_close(wavenet(x * mask, mask, g), wavenet(other * mask, mask, g))
    alone = wavenet(x[:1, :, :5], mask[:1, :, :5], g[:1])
    torch.testing.assert_close(wavenet(x * mask, mask, g)[:1, :, :5], alone)


def test_the_flow_is_its_own_inverse_and_starts_as_a_reordering():
    x, g = torch.randn(2, 8, 6), torch.randn(2, 16, 1)
    mask = length_mask(torch.tensor([4, 6]))
    fresh = CouplingFlow(8, heads=2, style=16).eval()
    torch.testing.assert_close(fresh(x * mask, mask, g), x * mask)  # four reversals: the channels as they were
    flow = fill(fresh)
    there = flow(x * mask, mask, g)
    assert (there - x * mask).abs().max() > 0.1
    torch.testing.assert_close(flow(there, mask, g, reverse=True), x * mask)


@needs_golden
def test_the_style_encoder_gives_the_golden_styles():
    golden = arrays("ttv")
    encoder = nn.ModuleDict({"emb_g": StyleEncoder()})
    fill(encoder)
    mel = golden["A_in_style_mel"]
    style = encoder["emb_g"](mel, torch.ones(2, 1, mel.shape[2]))
    assert off_by(style, golden["A_mid_g_both"]) < 1e-4
