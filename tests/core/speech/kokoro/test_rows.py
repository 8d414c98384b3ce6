import pytest
import torch

from codub.speech.kokoro import rows
from codub.speech.kokoro.rows import surveyed, tiles


@pytest.fixture
def values() -> torch.Tensor:
    return 3 + 2 * torch.randn(5 * rows.TILE // 2 + 77, 5, generator=torch.Generator().manual_seed(0))


def test_tiles_are_the_signal_and_sum_up_to_its_statistics(values: torch.Tensor) -> None:
    places = tiles(len(values))
    assert len(places) == 3
    assert torch.equal(torch.cat([values[place] for place in places]), values)
    made = surveyed(values)
    assert (made.length, made.channels) == tuple(values.shape)
    torch.testing.assert_close(made.survey.mean, values.mean(dim=0))
    torch.testing.assert_close(made.survey.deviation, values.std(dim=0, correction=0), rtol=1e-4, atol=0)
    for place, low, high in zip(places, made.survey.low, made.survey.high, strict=True):
        assert torch.equal(low, values[place].amin(dim=0))
        assert torch.equal(high, values[place].amax(dim=0))


def test_the_bounds_of_a_tile_are_those_of_what_a_convolution_reads(values: torch.Tensor) -> None:
    reach = 9
    low, high = surveyed(values).bounds(reach)
    for i, place in enumerate(tiles(len(values))):
        read = values[max(0, place.start - reach) : place.stop + reach]
        assert torch.equal(low[i], read.amin(dim=0))
        assert torch.equal(high[i], read.amax(dim=0))


def test_no_tile_is_shorter_than_half_and_all_but_the_last_are_alike() -> None:
    for length in range(1, 5 * rows.TILE, 37):
        sizes = [place.stop - place.start for place in tiles(length)]
        assert sum(sizes) == length
        assert all(size == rows.TILE for size in sizes[:-1])
        assert len(sizes) == 1 or rows.TILE / 2 <= sizes[-1] <= 1.5 * rows.TILE


def test_a_short_signal_is_one_tile() -> None:
    assert tiles(7) == [slice(0, 7)]
    assert surveyed(torch.zeros(7, 5)).bounds(25)[0].shape == (1, 5)
