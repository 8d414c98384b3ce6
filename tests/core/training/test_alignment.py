"""Words laid onto sound whose timing is known."""
# ruff: noqa: RUF001 - IPA looks like Latin letters on purpose

from itertools import pairwise

import numpy as np
import pytest
from made_scores import scores

from codub.errors import CueError
from codub.speech.alignment import RATE
from codub.training.alignment import (
    DELAY,
    SpokenWord,
    align_grid,
)

# "bin blue at f three soon" of speaker s1, as GRID states it.
WORDS = [
    SpokenWord("sil", 0.0, 0.71),
    SpokenWord("bin", 0.71, 0.90),
    SpokenWord("blue", 0.90, 1.08),
    SpokenWord("at", 1.08, 1.12),
    SpokenWord("f", 1.12, 1.24),
    SpokenWord("three", 1.24, 1.45),
    SpokenWord("soon", 1.45, 1.87),
    SpokenWord("sil", 1.87, 2.98),
]
SOUND = np.zeros(round(2.98 * 16_000), dtype=np.float32)


def word_times(symbols: tuple[str, ...], durations: tuple[int, ...]) -> list[tuple[float, float]]:
    """Start and end of each word in seconds."""
    ends = np.cumsum(durations) / RATE
    gaps = [-1, *(i for i, s in enumerate(symbols) if s in (" ", ".")), len(symbols)]
    return [(float(ends[a + 1]), float(ends[b])) for a, b in pairwise(gaps) if b - a > 1]


def test_durations_fill_the_clip_and_words_keep_their_times() -> None:
    aligned = align_grid(SOUND, WORDS)
    assert sum(aligned.durations) == -(-len(SOUND) // 400)
    assert len(aligned.durations) == len(aligned.symbols) + 2
    assert min(aligned.durations) >= 0
    spoken = [word for word in WORDS if word.text != "sil"]
    times = word_times(aligned.symbols, aligned.durations)
    assert len(times) == len(spoken)
    for word, (start, end) in zip(spoken, times, strict=True):
        assert abs(start - word.start - DELAY / RATE) <= 0.026
        assert abs(end - word.end - DELAY / RATE) <= 0.051


def test_a_lone_a_is_spelled_as_a_letter() -> None:
    aligned = align_grid(SOUND, [SpokenWord("in", 0.5, 0.7), SpokenWord("a", 0.7, 0.9)])
    assert "".join(aligned.symbols).endswith("ˈeɪ.")


def test_scores_move_the_borders_inside_words() -> None:
    simple = align_grid(SOUND, WORDS)
    truth = list(simple.durations)
    first = simple.symbols.index("ɪ") + 1
    truth[first] += 1
    truth[first + 1] -= 1
    refined = align_grid(SOUND, WORDS, posteriors=scores(list(simple.symbols), truth))
    ends = np.cumsum(refined.durations)
    assert ends[first] == np.cumsum(truth)[first]


def test_a_clip_without_words_is_refused() -> None:
    with pytest.raises(CueError, match="no spoken word"):
        align_grid(SOUND, [SpokenWord("sil", 0.0, 2.0)])
