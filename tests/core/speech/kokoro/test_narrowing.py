import pytest
import torch

from codub.speech.kokoro.blocks import STYLE, SnakeBlock
from codub.speech.kokoro.narrowing import narrowed

CHANNELS = 16


@pytest.fixture
def block() -> SnakeBlock:
    torch.manual_seed(0)
    return SnakeBlock(CHANNELS, 7).requires_grad_(False)


@pytest.fixture
def styles() -> torch.Tensor:
    return torch.randn(5, STYLE, generator=torch.Generator().manual_seed(1))


def change(block: SnakeBlock, style: torch.Tensor) -> torch.Tensor:
    signal = torch.randn(1, CHANNELS, 700, generator=torch.Generator().manual_seed(2))
    added: torch.Tensor = block(signal, style) - signal
    return added[:, :, 60:-60]  # at the very ends a convolution reads nothing, where the mean is not


def test_a_block_with_all_its_channels_is_the_block(block: SnakeBlock, styles: torch.Tensor) -> None:
    torch.testing.assert_close(change(narrowed(block, styles, CHANNELS), styles[:1]), change(block, styles[:1]))


def test_channels_that_are_not_heard_may_go(block: SnakeBlock, styles: torch.Tensor) -> None:
    silent = [1, 4, 11]
    for conv in block.convs2:
        conv.weight[:, silent] = 0
    made = narrowed(block, styles, CHANNELS - len(silent))
    assert {conv.out_channels for conv in made.convs1} == {CHANNELS - len(silent)}
    torch.testing.assert_close(change(made, styles[:1]), change(block, styles[:1]))


def test_what_is_left_out_stands_at_its_mean(block: SnakeBlock, styles: torch.Tensor) -> None:
    whole, made = change(block, styles[:1]), change(narrowed(block, styles[:1], CHANNELS // 2), styles[:1])
    assert torch.equal(change(block, styles[:1]), whole)  # it stays as it is
    assert (made.mean(dim=2) - whole.mean(dim=2)).abs().max() < 0.2 * whole.std()
    least = change(narrowed(block, styles[:1], 1), styles[:1])
    assert (made - whole).std() < (least - whole).std()
