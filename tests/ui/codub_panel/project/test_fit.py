from fractions import Fraction

import pytest

from codub_panel.project.fit import characters_off, misfit, natural_seconds


def test_a_line_takes_about_as_long_as_the_voice_took_for_it():
    # Spoken by the embedded voice: 69 letters, 4.0 s.
    text = "A little lobster spawn seasoning to taste two quarts of medium stock."
    assert natural_seconds(text, "en") == pytest.approx(4.0, rel=0.15)


def test_an_empty_line_takes_no_time():
    assert natural_seconds("  ", "es") == 0
    assert misfit("", "es", Fraction(3)) == 0


def test_longer_text_takes_longer_and_digits_count_as_words():
    assert natural_seconds("en 1984 fue", "es") > natural_seconds("en mayo fue", "es")
    assert natural_seconds("hola hola", "pt-BR") > natural_seconds("hola", "pt-BR")


def test_misfit_is_what_bending_the_pace_cannot_mend():
    text = "x" * 60
    natural = natural_seconds(text, "es")
    assert misfit(text, "es", Fraction(natural)) == 0
    assert misfit(text, "es", Fraction(natural * 0.81)) == 0
    assert misfit(text, "es", Fraction(natural * 0.8 - 0.5)) == pytest.approx(0.5)
    assert misfit(text, "es", Fraction(natural * 1.25 + 0.5)) == pytest.approx(-0.5)


def test_the_letters_that_are_too_many_are_what_has_to_go():
    text = "x" * 60
    off = characters_off(text, "es", Fraction(2))
    assert off > 0
    assert misfit(text, "es", Fraction(2)) > 0
    assert misfit(text[:-off], "es", Fraction(2)) == pytest.approx(0, abs=0.05)
    more = -characters_off(text, "es", Fraction(8))
    assert more > 0
    assert misfit(text + "x" * more, "es", Fraction(8)) == pytest.approx(0, abs=0.06)
    assert characters_off(text, "es", Fraction(natural_seconds(text, "es"))) == 0


def test_a_faster_delivery_leaves_room_for_more_letters():
    assert characters_off("x" * 60, "es", Fraction(2), pace=1.2) < characters_off("x" * 60, "es", Fraction(2))
