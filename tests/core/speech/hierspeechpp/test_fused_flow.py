"""The fused flow, against the plain one."""

import copy

import pytest
import torch
from golden_fill import fill

from codub.speech.hierspeechpp.flow import CouplingFlow
from codub.speech.hierspeechpp.fused_flow import FusedFlow
from codub.speech.hierspeechpp.inference_form import replace_convolutions


@pytest.fixture(scope="module")
def flows():
    plain = fill(CouplingFlow(96, heads=2, style=16))
    other = copy.deepcopy(plain)
    replace_convolutions(other)
    return plain, FusedFlow(other)


@torch.inference_mode()
@pytest.mark.parametrize("reverse", [True, False])
@pytest.mark.parametrize("length", [1, 2, 37])
def test_one_line_flows_alike(flows, reverse, length):
    torch.manual_seed(length)
    x, g, mask = torch.randn(1, 96, length), torch.randn(1, 16, 1), torch.ones(1, 1, length)
    before = x.clone()
    plain, fused = (flow(x, mask, g, reverse=reverse) for flow in flows)
    torch.testing.assert_close(fused, plain, atol=1e-4, rtol=0)
    assert torch.equal(x, before)


@torch.inference_mode()
def test_padded_batches_flow_alike(flows):
    x, g = torch.randn(2, 96, 9), torch.randn(2, 16, 1)
    mask = torch.ones(2, 1, 9)
    mask[1, :, 5:] = 0
    plain, fused = (flow(x * mask, mask, g, reverse=True) for flow in flows)
    torch.testing.assert_close(fused, plain, atol=1e-4, rtol=0)
