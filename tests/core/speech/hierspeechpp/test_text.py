"""The text front end, against the published code's own outputs."""

import json

import pytest
from golden_fill import GOLDEN, needs_golden

from codub.errors import CueError, UsageError
from codub.speech.hierspeechpp.alphabet import IDS, SYMBOLS, ids, interspersed
from codub.speech.hierspeechpp.text import cleaned, phonemes, phonemize


@needs_golden
def test_the_alphabet_is_the_published_one():
    published = json.loads((GOLDEN / "text.json").read_text())["symbols"]
    assert list(SYMBOLS) == published
    assert {symbol: number for number, symbol in enumerate(published)} == IDS


@needs_golden
def test_texts_become_the_published_numbers():
    for case in json.loads((GOLDEN / "text.json").read_text())["cases"]:
        if "ids" in case:
            assert phonemes(case["text"]) == case["phonemes"]
            assert ids(phonemes(case["text"])) == case["ids"]


@pytest.mark.parametrize(
    "text", ["Dr. Smith paid $3.50 (about 42%) on 12/05/2024!", "a/b [c] {d} <e> *f* #g", "['And lay me down.']"]
)
def test_where_the_published_code_stops_the_line_is_spoken(text):
    symbols = phonemize(text, "en-US").symbols
    assert not set(symbols) & set("()[]{}")
    assert len(ids(symbols)) == len(symbols)


def test_brackets_change_no_word():
    assert phonemes("We met (once) before") == phonemes("We met once before")


def test_abbreviations_are_written_out_before_a_full_stop():
    assert cleaned("Dr. Who met MRS. Hill at St. Ives, stop.") == "doctor who met misess hill at saint ives, stop."
    assert cleaned("Über naïve №5") == "uber naive no. 5"


@pytest.mark.parametrize("text", ["", "   ", "...", "😀"])
def test_nothing_to_speak_is_an_error(text):
    with pytest.raises(CueError, match="nothing to speak"):
        phonemize(text, "en")


def test_marks_that_this_voice_cannot_follow_are_noted_and_not_spoken():
    line = phonemize("They re^cord it, *all* of it", "en")
    assert line.symbols == phonemize("They record it, all of it", "en").symbols
    assert line.notes == ("The stress mark in 're^cord' is not heeded by this voice.",)
    assert phonemize("They record it", "en").notes == ()


def test_other_languages_are_refused():
    with pytest.raises(UsageError, match="does not speak 'es-MX'"):
        phonemize("Hola", "es-MX")


def test_an_unknown_symbol_is_an_error_of_its_own():
    with pytest.raises(CueError, match="'€'"):
        ids("a€")


def test_blanks_stand_between_all_symbols():
    assert interspersed([5, 7]) == [0, 5, 0, 7, 0]
    assert interspersed([]) == [0]
