import pytest
import torch

from codub.speech.kokoro import rows
from codub.speech.kokoro.rows import in_tiles, summed_up


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "TILE_VALUES", 64 * 5)


def test_tiles_are_the_signal_and_sum_up_to_its_statistics() -> None:
    values = 3 + 2 * torch.randn(1000, 5, generator=torch.Generator().manual_seed(0))
    cut = in_tiles(values)
    assert len(cut.tiles) > 1  # how many depends on the number of threads
    assert len({len(tile) for tile in cut.tiles[:-1]}) == 1
    assert cut.width % rows.GRAIN == 0
    assert (cut.length, cut.channels) == (1000, 5)
    assert torch.equal(cut.whole(), values)
    for summary in (cut.summary, summed_up(iter(cut.tiles)).summary):
        torch.testing.assert_close(summary.mean, values.mean(dim=0))
        torch.testing.assert_close(summary.deviation, values.std(dim=0, correction=0), rtol=1e-4, atol=0)


def test_a_short_signal_is_one_tile() -> None:
    cut = in_tiles(torch.zeros(7, 5))
    assert [len(tile) for tile in cut.tiles] == [7]
    assert cut.length == 7
