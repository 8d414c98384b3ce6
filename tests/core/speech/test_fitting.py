# ruff: noqa: RUF001 - IPA looks like Latin letters
from itertools import pairwise

import numpy as np
import pytest

from codub.speech import fitting, pieces
from codub.speech.fitting import Timing

FRAMES = 40.0


def made(core: list[float], pauses: tuple[int, ...] = (), lead: int = 10, tail: int = 12) -> Timing:
    pause = np.zeros(len(core), dtype=bool)
    pause[list(pauses)] = True
    return Timing(np.array(core), pause, np.zeros(len(core), dtype=np.int64), lead, tail, FRAMES)


def test_natural_pace_is_the_model_rounded() -> None:
    fitted = fitting.fit_to(made([2.4, 1.6, 0.3, 3.5]), None, 2)
    assert fitted.core.tolist() == [2, 2, 1, 4]
    assert (fitted.lead, fitted.tail) == (3, 4)
    assert fitted.fit.spoken == fitted.fit.natural == 16 / FRAMES
    assert fitted.fit.scale == 1


@pytest.mark.parametrize("window", [1.0, 1.13, 1.25, 1.4, 1.49])
def test_a_window_within_the_limits_is_filled_to_the_frame(window: float) -> None:
    fitted = fitting.fit_to(made([2.3] * 20), window, 8)
    frames = int(fitted.core.sum()) + fitted.lead + fitted.tail
    assert frames == int(window * FRAMES + 1e-6)
    assert fitted.fit.spoken == frames / FRAMES <= window
    assert fitted.fit.excess == 0
    assert fitted.fit.syllables_over == 0
    assert 0.8 <= fitted.fit.scale <= 1.25


def test_pauses_give_way_before_phonemes_do() -> None:
    line = made([3.0] * 10 + [8.0] + [3.0] * 10, pauses=(10,))
    natural = fitting.fit_to(line, None, 8).fit.natural
    shorter = fitting.fit_to(line, natural - 7 / FRAMES, 8)
    longer = fitting.fit_to(line, natural + 6 / FRAMES, 8)
    assert shorter.fit.scale == pytest.approx(1)
    assert longer.fit.scale == pytest.approx(1)
    assert shorter.core[10] < 8 < longer.core[10]
    assert shorter.core[:10].tolist() == longer.core[:10].tolist() == [3] * 10


def test_edges_are_the_first_to_go() -> None:
    line = made([3.0] * 10)
    tight = fitting.fit_to(line, 34 / FRAMES, 4)
    assert tight.core.sum() == 30
    assert (tight.lead, tight.tail) == (1, 3)


def test_a_line_too_long_is_spoken_at_the_limit_and_says_what_is_over() -> None:
    fitted = fitting.fit_to(made([4.0] * 20), 1.0, syllables=10)
    assert fitted.fit.scale == pytest.approx(0.8)
    assert fitted.core.sum() == 64
    assert fitted.fit.excess == pytest.approx((64 + 1 + 2 - 40) / FRAMES)
    # 6.4 frames a syllable, 27 too many
    assert fitted.fit.syllables_over == 5


def test_a_short_line_is_not_drawn_out() -> None:
    line = made([4.0] * 10 + [6.0] + [4.0] * 10, pauses=(10,))
    fitted = fitting.fit_to(line, 30.0, 8)
    assert fitted.fit.scale == pytest.approx(1.25)
    assert fitted.core[10] == 12
    assert fitted.fit.spoken < 3.2
    assert fitted.fit.excess == 0


def test_a_longer_window_never_makes_a_shorter_line() -> None:
    line = made([2.2, 3.7, 1.1, 5.0, 2.6] * 5, pauses=(3, 8))
    spoken = [fitting.fit_to(line, w, 9).fit.spoken for w in np.arange(0.3, 4, 0.05)]
    assert all(later >= earlier for earlier, later in pairwise(spoken))


def test_rounding_keeps_the_sum_and_every_symbol() -> None:
    values = np.array([0.2, 3.4, 0.0, 2.5, 1.1, 0.3])
    for total in range(5, 15):
        whole = fitting.round_to_sum(values, total)
        assert whole.sum() == total
        assert whole[2] == 0
        assert (whole[[0, 1, 3, 4, 5]] >= 1).all()
    with pytest.raises(ValueError, match="too few"):
        fitting.round_to_sum(values, 4)


@pytest.mark.parametrize("window", [None, 1.2, 1.5])
def test_pace_comes_after_the_fit(window: float | None) -> None:
    line = made([2.6] * 20)
    plain, faster = fitting.fit_to(line, window, 8), fitting.fit_to(line, window, 8, pace=1.25)
    assert faster.core.sum() == pytest.approx(plain.core.sum() / 1.25, abs=1 if window else 20)
    assert faster.fit.scale == pytest.approx(plain.fit.scale / 1.25)
    assert (faster.lead, faster.tail) == (plain.lead, plain.tail)
    assert faster.fit.natural == plain.fit.natural


def test_a_slower_pace_than_fits_says_by_how_much_it_is_over() -> None:
    fitted = fitting.fit_to(made([2.6] * 20), 1.2, 8, pace=0.8)
    assert fitted.fit.excess == pytest.approx(fitted.fit.spoken - 1.2)
    assert fitted.fit.excess > 0.2


@pytest.mark.parametrize("window", [None, 1.4, 1.6])
def test_a_set_duration_is_kept_and_the_others_fill_the_window(window: float | None) -> None:
    line = made([2.6] * 10 + [6.0] + [2.6] * 10, pauses=(10,))
    kept = np.full(21, np.nan)
    kept[[3, 10, 15]] = [7.2, 2.0, 0.2]
    fitted = fitting.fit_to(line, window, 8, kept=kept)
    assert fitted.core[[3, 10, 15]].tolist() == [7, 2, 1]
    assert (fitted.core > 0).all()
    if window:
        assert fitted.fit.spoken == int(window * FRAMES + 1e-6) / FRAMES
    plain = fitting.fit_to(line, window, 8)
    assert fitted.lead == plain.lead  # the line begins where it began


def test_all_durations_may_be_set_and_those_outside_the_sound_do_not_count() -> None:
    line = made([0.0, 3.0, 3.0, 0.0])
    fitted = fitting.fit_to(line, 1.0, 1, kept=np.array([9.0, 4.0, 5.0, 9.0]))
    assert fitted.core.tolist() == [0, 4, 5, 0]


def test_timing_tells_edges_from_core() -> None:
    # pad 10, a 2, pause 3, b 8 of which 5 are silent, pad 2
    predicted = np.array([10.0, 2.0, 3.0, 8.0, 2.0])
    quiet = np.array([True, False, True, False, True])
    timing = fitting.timing(predicted, quiet, first=10, last=18, rate=FRAMES)
    assert timing.core.tolist() == [0, 2, 3, 3, 0]
    assert timing.edge.tolist() == [10, 0, 0, 5, 2]
    assert timing.pause.tolist() == [False, False, True, False, False]
    assert (timing.lead, timing.tail) == (10, 7)


def test_joined_pieces_keep_a_pause_between_them() -> None:
    joined = fitting.join([made([2.0] * 4, tail=9), made([3.0] * 4, lead=2)])
    assert joined.between == 5 + 2
    fitted = fitting.fit_to(joined, 1.0, 4)
    assert fitted.fit.spoken == (fitted.core.sum() + fitted.lead + fitted.tail + joined.between) / FRAMES


def test_long_lines_are_cut_at_sentence_ends() -> None:
    sentence = tuple("abcd efgh. ")
    parts = pieces.split(sentence * 10, limit=40)
    assert all(len(part) <= 40 for part in parts)
    assert all(part[-1] == "." for part in parts[:-1])
    assert "".join(s for part in parts for s in part if s != " ") == "abcdefgh." * 10
    assert pieces.split(sentence, limit=40) == (sentence,)


def test_every_symbol_of_a_cut_line_is_found_again() -> None:
    line = tuple("abcd efgh. " * 10)
    cut = pieces.split(line, limit=40)
    places = pieces.places(line, cut)
    assert len(places) == len(line)
    found = [(cut[place[0]][place[1]], symbol) for place, symbol in zip(places, line, strict=True) if place is not None]
    assert all(read == symbol for read, symbol in found)
    assert len(found) == sum(map(len, cut))
    assert [s for s, place in zip(line, places, strict=True) if place is None] == [" "] * (len(cut) - 1)


def test_lines_without_any_good_place_are_cut_all_the_same() -> None:
    parts = pieces.split(("a",) * 1000, limit=350)
    assert all(len(part) <= 350 for part in parts)
    assert sum(len(part) for part in parts) == 1000


@pytest.mark.parametrize(
    ("symbols", "count"),
    [("kˈæt", 1), ("sˈeɪ ɪt", 2), ("həlˈoʊ", 2), ("estˈes akˈi", 4), ("pst", 1), ("wiː", 1)],
)
def test_syllables(symbols: str, count: int) -> None:
    assert pieces.syllables(symbols) == count
