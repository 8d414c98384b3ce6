"""Words laid onto sound whose timing is known."""
# ruff: noqa: RUF001 - IPA looks like Latin letters on purpose

from itertools import pairwise, product

import numpy as np
import pytest

from codub.errors import CueError
from codub.speech.inventory import INVENTORY, NUMBER, PAUSE, labels
from codub.training.alignment import (
    DELAY,
    RATE,
    SpokenWord,
    _best_path,
    align,
    align_grid,
    align_text,
    natural_durations,
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


def scores(symbols: list[str], durations: list[int], sure: float = 0.8) -> np.ndarray:
    """Log-probabilities `(P, T)` of someone who says `[pad, *symbols, pad]` with those durations."""
    row = np.repeat(labels([PAUSE, *symbols, PAUSE]), durations)
    out = np.full((len(INVENTORY), len(row)), np.log((1 - sure) / (len(INVENTORY) - 1)), dtype=np.float32)
    out[row, np.arange(len(row))] = np.log(sure)
    return out


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


def test_known_durations_are_found_again_without_word_times() -> None:
    symbols = list("hɛl") + list("oʊ") + [" "] + list("wɜld") + ["."]
    durations = [6, 2, 3, 2, 3, 3, 0, 2, 4, 3, 2, 4, 5]
    posteriors = scores(symbols, durations)
    found = align(posteriors, symbols, natural_durations(symbols))
    assert sum(found) == sum(durations)
    assert found[1:7] == tuple(durations[1:7])
    assert found[8:11] == tuple(durations[8:11])


def test_a_sound_that_nobody_says_lasts_nothing() -> None:
    said = scores(list("mat"), [3, 4, 5, 3, 4], sure=0.99)
    found = align(said, list("mast"), natural_durations(list("mast")))
    assert found == (3, 4, 5, 0, 3, 4)


def test_marks_share_the_time_of_their_phoneme() -> None:
    symbols = ["m", "ˈ", "a", "ː", "n"]
    found = align(scores(symbols, [4, 4, 0, 9, 0, 4, 4]), symbols, natural_durations(symbols))
    assert found[1] == 4
    assert sum(found[2:5]) == 9
    assert min(found[2:5]) >= 1


def test_the_path_is_the_best_of_all_paths() -> None:
    random = np.random.default_rng(5)
    for _ in range(20):
        emissions, skip = random.normal(size=(4, 6)), random.uniform(0, 2, size=4)
        best = max(
            sum(emissions[s, t] for t, s in enumerate(path)) - sum(skip[s] for s in set(range(4)) - set(path))
            for path in product(range(4), repeat=6)
            if list(path) == sorted(path)
        )
        counts = _best_path(emissions, skip)
        path = np.repeat(np.arange(4), counts)
        value = emissions[path, np.arange(6)].sum() - skip[counts == 0].sum()
        assert np.isclose(value, best)


def test_long_gaps_become_commas() -> None:
    symbols = [*"mat", " ", *"mat", "."]
    said = scores(symbols, [4, 3, 4, 3, 12, 3, 4, 3, 6, 4])
    said[NUMBER[" "]], said[NUMBER[PAUSE]] = said[NUMBER[PAUSE]].copy(), said[NUMBER[" "]].copy()
    aligned = align_text("mat mat", "en", said)
    assert "," in aligned.symbols
    assert sum(aligned.durations) == said.shape[1]


def test_a_clip_without_words_is_refused() -> None:
    with pytest.raises(CueError, match="no spoken word"):
        align_grid(SOUND, [SpokenWord("sil", 0.0, 2.0)])
