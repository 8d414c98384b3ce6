"""Monotonic alignment, against every path there is and against SciPy's normal density."""

import itertools

import numpy as np
import pytest
import torch
from scipy.stats import norm

from codub.speech.hierspeechpp.alignment import best_path, expand, log_likelihood, owners_of, path_matrix


def _best_by_trying(scores):
    frames, symbols = scores.shape
    best = None
    for cuts in itertools.combinations(range(1, frames), symbols - 1):
        owners = np.searchsorted(cuts, np.arange(frames), side="right")
        total = scores[np.arange(frames), owners].sum()
        if best is None or total > best[0]:
            best = total, owners
    return best[1]


@pytest.mark.parametrize(("frames", "symbols"), [(1, 1), (5, 1), (4, 4), (9, 4), (8, 5)])
def test_no_path_is_likelier(frames, symbols):
    scores = torch.randn(3, frames, symbols, generator=torch.Generator().manual_seed(frames))
    found = best_path(scores, torch.full((3,), frames), torch.full((3,), symbols))
    for row in range(3):
        assert found[row].tolist() == _best_by_trying(scores[row].numpy()).tolist()


def test_each_line_of_a_batch_ends_at_its_own_end():
    scores = torch.randn(2, 9, 6, generator=torch.Generator().manual_seed(0))
    found = best_path(scores, torch.tensor([9, 5]), torch.tensor([6, 2]))
    assert found[1, :5].tolist() == _best_by_trying(scores[1, :5, :2].numpy()).tolist()
    assert found[1, 5:].tolist() == [-1] * 4
    matrix = path_matrix(found, 6)
    assert matrix.sum(dim=2).tolist() == [[1.0] * 9, [1.0] * 5 + [0.0] * 4]
    assert (matrix.sum(dim=1)[0] >= 1).all()


def test_a_line_with_more_symbols_than_frames_is_refused():
    with pytest.raises(ValueError, match="do not fit"):
        best_path(torch.zeros(1, 3, 4), torch.tensor([3]), torch.tensor([4]))


def test_the_likelihood_is_that_of_the_normal_density():
    z, mean, log_scale = torch.randn(1, 4, 3), torch.randn(1, 4, 2), 0.3 * torch.randn(1, 4, 2)
    made = log_likelihood(z, mean, log_scale)[0]
    for frame in range(3):
        for symbol in range(2):
            each = norm.logpdf(z[0, :, frame], mean[0, :, symbol], log_scale[0, :, symbol].exp())
            assert made[frame, symbol].item() == pytest.approx(each.sum(), rel=1e-4)


def test_durations_lay_out_the_symbols():
    owners = owners_of(torch.tensor([[2, 0, 1], [1, 1, 3]]))
    assert owners.tolist() == [[0, 0, 2, -1, -1], [0, 1, 2, 2, 2]]
    values = torch.arange(6.0).reshape(2, 1, 3)
    assert expand(values, owners).tolist() == [[[0, 0, 2, 0, 0]], [[3, 4, 5, 5, 5]]]
