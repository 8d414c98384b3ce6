"""The prosody side in bfloat16 against the plain one."""

import copy

import pytest
import torch
from torch import nn

from codub.speech.kokoro.blocks import STYLE
from codub.speech.kokoro.half_reading import FusedProsody, HalfLinear, HalfLSTM
from codub.speech.kokoro.prosody import Prosody


@pytest.fixture
def random() -> torch.Generator:
    torch.manual_seed(0)  # of the modules' weights
    return torch.Generator().manual_seed(1)


def apart(made: torch.Tensor, expected: torch.Tensor) -> float:
    """Root mean square of the difference over that of the expected values."""
    return float((made - expected).square().mean().sqrt() / expected.square().mean().sqrt())


@torch.inference_mode()
def test_layers_of_one_input_are_multiplied_side_by_side(random: torch.Generator) -> None:
    first, second = nn.Linear(64, 48), nn.Linear(64, 32)
    x = torch.randn(20, 64, generator=random)
    made = HalfLinear(first, second)(x)
    assert made.dtype == torch.float32
    for part, layer in zip(made.split([48, 32], dim=1), (first, second), strict=True):
        assert apart(part, layer(x)) < 0.01


@torch.inference_mode()
def test_a_half_lstm_is_nearly_the_lstm(random: torch.Generator) -> None:
    plain = nn.LSTM(32, 16, batch_first=True, bidirectional=True)
    x = torch.randn(1, 30, 32, generator=random)
    expected = plain(x)[0]
    made, state = HalfLSTM(plain)(x)
    assert made.dtype == torch.float32
    assert state is None
    assert apart(made, expected) < 0.02


@torch.inference_mode()
def test_a_line_is_read_nearly_alike(random: torch.Generator) -> None:
    plain = Prosody().eval()
    fused = FusedProsody(copy.deepcopy(plain))
    ids = torch.randint(1, 170, (1, 24), generator=random)
    style = torch.randn(1, STYLE, generator=random)
    durations = torch.full((24,), 3)
    expected, made = plain(ids, style), fused(ids, style)
    assert apart(made, expected) < 0.02
    assert apart(fused.predictor.durations(made), plain.predictor.durations(expected)) < 0.01
    timed = plain.predictor.timed(expected, durations)
    assert apart(fused.predictor.timed(expected, durations), timed) < 0.02
    assert apart(fused.predictor.f0(timed, style), plain.predictor.f0(timed, style)) < 0.02
