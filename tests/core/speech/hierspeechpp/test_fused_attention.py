"""The fused self-attention, against the plain one."""

import pytest
import torch
from golden_fill import fill

from codub.speech.hierspeechpp.attention import SelfAttention
from codub.speech.hierspeechpp.fused_attention import FusedSelfAttention


@torch.inference_mode()
@pytest.mark.parametrize("window", [None, 4])
@pytest.mark.parametrize("length", [1, 3, 20])
def test_one_line_is_attended_alike(window, length):
    torch.manual_seed(length)
    plain = fill(SelfAttention(24, heads=2, window=window))
    x, mask = torch.randn(1, 24, length), torch.ones(1, 1, length)
    torch.testing.assert_close(FusedSelfAttention(plain)(x, mask), plain(x, mask))


@torch.inference_mode()
def test_padded_batches_are_attended_alike():
    plain = fill(SelfAttention(24, heads=2, window=4))
    x, mask = torch.randn(2, 24, 6), torch.ones(2, 1, 6)
    mask[1, :, 4:] = 0
    torch.testing.assert_close(FusedSelfAttention(plain)(x, mask), plain(x, mask))
