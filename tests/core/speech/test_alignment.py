"""Known words found again in scores of phonemes."""
# ruff: noqa: RUF001 - IPA looks like Latin letters on purpose

from itertools import product

import numpy as np
import pytest
from made_scores import scores

from codub.speech.alignment import Aligned, _best_path, align, align_text, fit_of, natural_durations
from codub.speech.inventory import NUMBER, PAUSE


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


def test_a_symbol_for_two_sounds_is_found_in_both() -> None:
    said = scores(list("notʃe"), [4, 3, 4, 3, 3, 4, 5])
    line = list("noʧe")
    found = align(said, line, natural_durations(line))
    assert found == (4, 3, 4, 6, 4, 5)
    assert fit_of(Aligned(tuple(line), found), said) == pytest.approx(0, abs=0.5)


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
