"""Phonemes with their times out of scores that are known."""
# ruff: noqa: RUF001 - IPA looks like Latin letters on purpose

from itertools import pairwise, product

import numpy as np

from codub.latent import SILENCE
from codub.speech.inventory import GAP, INVENTORY, NUMBER, PAUSE, labels
from codub.speech.listening import smoothed, spans_of


def scores(phonemes: str | list[str], sure: float = 0.9) -> np.ndarray:
    """Log-probabilities `(P, T)` of one phoneme a vector."""
    out = np.full((len(INVENTORY), len(phonemes)), np.log((1 - sure) / (len(INVENTORY) - 1)), dtype=np.float32)
    for t, phoneme in enumerate(phonemes):
        out[NUMBER[phoneme], t] = np.log(sure)
    return out


def test_spans_follow_the_scores_and_leave_no_hole() -> None:
    spans = spans_of(scores([PAUSE] * 4 + list("mmmaaaa") + [PAUSE] * 5), 40.0)
    assert [span.phoneme for span in spans] == [SILENCE, "m", "a", SILENCE]
    assert [span.start for span in spans] == [0.0, 0.05, 0.125, 0.225]
    assert spans[-1].end == 0.4


def test_a_lone_doubtful_vector_is_no_phoneme_of_its_own() -> None:
    heard = scores(list("aaaaa"), sure=0.6)
    heard[NUMBER["m"], 2] = np.log(0.7)
    assert [span.phoneme for span in spans_of(heard, 40.0)] == ["a"]


def test_the_path_is_the_best_of_all_paths() -> None:
    random = np.random.default_rng(3)
    for _ in range(20):
        table = random.normal(size=(3, 6)).astype(np.float32)
        cost = float(random.uniform(0, 2))

        def value(path: tuple[int, ...], table: np.ndarray = table, cost: float = cost) -> float:
            kept = sum(table[n, t] for t, n in enumerate(path))
            return kept - cost * sum(a != b for a, b in pairwise(path))

        best = max(value(path) for path in product(range(3), repeat=6))
        assert np.isclose(value(tuple(int(n) for n in smoothed(table, cost))), best, atol=1e-5)


def test_a_short_gap_between_words_is_no_silence_but_a_long_one_is() -> None:
    short = spans_of(scores([*"aaa", GAP, GAP, *"mmm"]), 40.0)
    assert [(span.phoneme, span.start) for span in short] == [("a", 0.0), ("m", 0.05)]
    long = spans_of(scores([*"aaa", *[GAP] * 8, *"mmm"]), 40.0)
    assert [span.phoneme for span in long] == ["a", SILENCE, "m"]


def test_marks_take_the_number_of_their_phoneme() -> None:
    named = [INVENTORY[number] for number in labels(["", "b", "ˈ", "i", "ː", "n", ".", ""])]
    assert named == [PAUSE, "b", "i", "i", "i", "n", PAUSE, PAUSE]


def test_every_sound_of_the_voice_has_a_number() -> None:
    from codub.speech import notation
    from codub.speech.inventory import is_mark, number
    from codub.speech.kokoro import vocabulary

    sounds = [s for s in vocabulary.IDS if s not in notation.PAUSES and not is_mark(s)]
    assert not [sound for sound in sounds if number(sound) == NUMBER[PAUSE]]
