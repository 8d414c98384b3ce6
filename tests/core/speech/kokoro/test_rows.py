import pytest
import torch

from codub.speech.kokoro import rows
from codub.speech.kokoro.rows import Rows, gathered, in_tiles


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "TILE_VALUES", 64 * 5)


@pytest.fixture
def values() -> torch.Tensor:
    return 3 + 2 * torch.randn(1000, 5, generator=torch.Generator().manual_seed(0))


def test_tiles_are_the_signal_and_sum_up_to_its_statistics(values: torch.Tensor) -> None:
    cut = in_tiles(values)
    assert len(cut.spans) > 1  # how many depends on the number of threads
    assert cut.width % rows.GRAIN == 0
    assert (cut.length, cut.channels) == (1000, 5)
    tiles = [values[start:end] for start, end in cut.spans]
    assert torch.equal(torch.cat(tiles), values)
    rooms = [Rows(torch.empty_like(values), cut.width) for _ in range(2)]
    for made, times in ((cut, 1), (gathered(tiles, rooms[0]), 1), (gathered(tiles, rooms[1], cut), 2)):
        torch.testing.assert_close(made.values, times * values)
        torch.testing.assert_close(made.survey.mean, times * values.mean(dim=0))
        torch.testing.assert_close(made.survey.deviation, times * values.std(dim=0, correction=0), rtol=1e-4, atol=0)


def test_the_bounds_of_a_tile_are_those_of_what_a_convolution_reads(values: torch.Tensor) -> None:
    cut, reach = in_tiles(values), 9
    low, high = cut.bounds(reach)
    for i, (start, end) in enumerate(cut.spans):
        read = values[max(0, start - reach) : end + reach]
        assert torch.equal(low[i], read.amin(dim=0))
        assert torch.equal(high[i], read.amax(dim=0))


def test_no_tile_is_shorter_than_what_a_convolution_reads_of_it() -> None:
    for length in range(1, 700, 3):
        cut = in_tiles(torch.zeros(length, 5))
        assert len(cut.spans) == 1 or min(end - start for start, end in cut.spans) >= rows.GRAIN


def test_a_short_signal_is_one_tile() -> None:
    cut = in_tiles(torch.zeros(7, 5))
    assert cut.spans == [(0, 7)]
    assert cut.bounds(25)[0].shape == (1, 5)
