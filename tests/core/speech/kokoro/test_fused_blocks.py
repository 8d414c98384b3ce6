"""The fast forms of the decoder's blocks against the plain ones."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.speech.kokoro import byte_conv, rows
from codub.speech.kokoro.activations import Activation, Leaky, Snake
from codub.speech.kokoro.blocks import STYLE, ResidualBlock, SnakeBlock, snake
from codub.speech.kokoro.byte_conv import ByteConv, Entry, bytes_are_fast, half
from codub.speech.kokoro.fused_blocks import FusedResidualBlock, FusedSnakeBlock, FusedUp
from codub.speech.kokoro.rows import surveyed

in_bytes = pytest.mark.skipif(not bytes_are_fast(), reason="this processor has no VNNI")
CHANNELS = 32


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (rows, byte_conv):
        monkeypatch.setattr(module, "TILE", 64)


@pytest.fixture
def random() -> torch.Generator:
    torch.manual_seed(0)  # of the modules' weights
    return torch.Generator().manual_seed(1)


def apart(made: Tensor, expected: Tensor) -> float:
    """Root mean square of the difference over that of the expected values."""
    return float((made - expected).square().mean().sqrt() / expected.square().mean().sqrt())


@in_bytes
@pytest.mark.parametrize(("taps", "dilation"), [(3, 1), (7, 3), (11, 5)])
@torch.inference_mode()
def test_whole_numbers_are_convolved_exactly_to_the_very_ends(
    taps: int, dilation: int, random: torch.Generator
) -> None:
    plain = nn.Conv1d(CHANNELS, 64, taps, dilation=dilation, padding=dilation * (taps // 2))
    plain.weight.copy_(torch.randint(-126, 127, plain.weight.shape, generator=random))
    plain.weight[:, :, 0] = 127  # the largest weight of every channel: a level is 1
    signal = torch.randint(-100, 155, (301, CHANNELS), generator=random).float()
    signal[::64], signal[1::64] = -100, 154  # in every tile
    entry = Entry(torch.ones(CHANNELS), torch.zeros(CHANNELS), Leaky(1.0))
    made = ByteConv(plain, torch.ones(CHANNELS))(surveyed(signal), entry, torch.empty(301, 64)).values
    torch.testing.assert_close(made, plain(signal.T[None])[0].T, rtol=1e-5, atol=0.1)


@in_bytes
@torch.inference_mode()
def test_channels_of_any_range_are_heard(random: torch.Generator) -> None:
    plain = nn.Conv1d(CHANNELS, CHANNELS, 7, padding=3)
    gain, shift = torch.logspace(-2, 2, CHANNELS), torch.linspace(-3, 3, CHANNELS)
    plain.weight /= gain[:, None]
    turned = gain * torch.tensor([1, -1]).repeat(CHANNELS // 2)  # as a style may have it
    signal = torch.randn(500, CHANNELS, generator=random)
    alpha = torch.rand(CHANNELS, generator=random) + 0.5
    entry, room = Entry(turned, shift, Snake(alpha)), torch.ones(500, CHANNELS)
    made = ByteConv(plain, gain)(surveyed(signal), entry, room, beside=room).values - 1
    expected = plain(snake((turned * signal + shift).T[None], alpha[:, None]))[0].T
    assert apart(made, expected) < 0.02


@in_bytes
@torch.inference_mode()
def test_a_snake_block(random: torch.Generator) -> None:
    plain = SnakeBlock(CHANNELS, 7)
    styles = torch.randn(5, STYLE, generator=random)
    signal = torch.randn(1, CHANNELS, 700, generator=random)
    given = surveyed(signal[0].T.contiguous())
    made = FusedSnakeBlock(plain, styles)(given, styles[:1]).values.T
    added = plain(signal, styles[:1])[0] - signal[0]
    assert apart(made - signal[0], added) < 0.03
    assert torch.equal(given.values, signal[0].T)


@in_bytes
@pytest.mark.parametrize(("outputs", "double"), [(CHANNELS, False), (48, False), (48, True)])
@torch.inference_mode()
def test_a_residual_block(outputs: int, double: bool, random: torch.Generator) -> None:
    plain = ResidualBlock(CHANNELS, outputs, double=double)
    styles = torch.randn(5, STYLE, generator=random)
    signal = torch.randn(1, CHANNELS, 40, generator=random)
    made = FusedResidualBlock(plain, styles)(signal[0].T.contiguous(), styles[:1])
    assert apart(made.T, plain(signal, styles[:1])[0]) < 0.02


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(20, 10, 5), (12, 6, 3)])
@torch.inference_mode()
def test_up_sampling(kernel: int, stride: int, padding: int, random: torch.Generator) -> None:
    plain = nn.ConvTranspose1d(8, 4, kernel, stride=stride, padding=padding)
    signal = torch.randn(1, 8, 30, generator=random)
    made = FusedUp(plain, 0.1, 0.5)(signal[0].T.contiguous())
    expected = functional.conv_transpose1d(
        functional.leaky_relu(0.5 * signal, 0.1), plain.weight, plain.bias, stride=stride, padding=padding
    )
    close = {torch.float32: 1e-5, torch.bfloat16: 2e-2}[half()]
    torch.testing.assert_close(made.T, expected[0], rtol=close, atol=close)


@pytest.mark.parametrize("activation", [Snake(torch.tensor([0.3, 1.0, 2.0])), Leaky(0.2)])
def test_an_activation_in_bytes_is_the_activation_and_never_falls(activation: Activation) -> None:
    x = torch.linspace(-5, 5, 101)[:, None].expand(-1, 3).contiguous()
    expected = activation.of(x)
    assert (expected.diff(dim=0) > -1e-6).all()
    step, zero = 0.06, 100
    one = torch.ones(3)
    table = torch.stack((activation.before * one, 0 * one, activation.after * one / step, one * zero + 0.5))
    lane = torch.empty(101, 3, dtype=torch.uint8)
    activation.to_bytes(x.numpy(), table.numpy(), lane.numpy())
    torch.testing.assert_close(step * (lane.float() - zero), expected, rtol=0, atol=step / 2 + 4e-3)


@in_bytes
@torch.inference_mode()
def test_threads_change_nothing(random: torch.Generator) -> None:
    styles = torch.randn(5, STYLE, generator=random)
    block, given = FusedSnakeBlock(SnakeBlock(CHANNELS, 7), styles), surveyed(torch.randn(700, CHANNELS))
    alone, threads = block(given, styles[:1]).values, torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        together = block(given, styles[:1]).values
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(alone, together)
