"""Figures over lines and people: known values, intervals that hold them, goals met and missed and said."""

from dataclasses import replace

import pytest

from codub.evaluation.lip_goals import Goal
from codub.evaluation.voice_goals import (
    ALONE,
    AS_HEARD,
    FITTED,
    KNOWN,
    MEASURES,
    SpokenFigures,
    as_json,
    estimate,
    goals_table,
    word_errors,
)

LINE = SpokenFigures(FITTED, "Ana", "en", 10, 0, 4.4, 0.8, 0.6, 0.3, 0.4)


def lines() -> list[SpokenFigures]:
    made = [
        replace(LINE, speaker=name, secs=0.7 + 0.02 * n, errors=n % 2)
        for name in ("Ana", "Ben", "Cy")
        for n in range(6)
    ]
    made += [replace(LINE, how=ALONE, secs=0.65), replace(LINE, language="es", errors=1, sounds=50, sound_errors=2)]
    again = replace(LINE, how=AS_HEARD, words=20, errors=4, source_errors=1)
    made += [again, replace(again, errors=6, source_errors=2)]  # one is understood as it is, the other is not
    return [*made, replace(again, how=KNOWN, errors=2, source_secs=0.5)]


def row(name: str) -> tuple[str, ...]:
    return next(cells for cells in goals_table(lines()).rows if cells[0] == name)


def test_word_errors_are_counted_over_words_not_over_lines() -> None:
    long, short = replace(LINE, words=30, errors=0), replace(LINE, words=2, errors=1)
    assert word_errors([long, short]) == pytest.approx(1 / 32)


def test_goals_are_met_or_missed_by_the_lines_they_are_about() -> None:
    assert row("SECS, fitted")[1:3] == ("19", "0.75")
    assert row("SECS, fitted")[-2:] == ("at least 0.78", "missed")
    assert row("SECS, as drawn")[1:3] == ("1", "0.65")
    assert row("SECS, as drawn")[-1] == "missed"
    assert row("nearer to the own speaker, fitted")[2:] == ("100.0 %", "100.0 to 100.0", "at least 98 %", "met")
    assert row("word errors, en")[1:3] == ("18", "5.0 %")
    assert row("word errors, en")[-1] == "missed"
    assert row("word errors, es")[2] == "10.0 %"
    assert row("sounds wrong, es")[1:3] == ("1", "4.0 %")
    assert row("word errors, fr")[1:3] == ("0", "not measured")
    assert row("word errors, fr")[-1] == ""
    assert row("word errors of recordings")[1:3] == ("2", "7.5 %")
    assert row("word errors of well-heard ones")[1:3] == ("1", "5.0 %")
    heard = row("word errors, converted, as heard, of well-heard ones")
    assert heard[1:] == ("1", "20.0 %", "20.0 to 20.0", "at most 15 %", "missed")
    assert row("word errors, converted, as heard, of all")[1:3] == ("2", "25.0 %")
    assert row("word errors, converted, words known, of well-heard ones")[-1] == "met"
    assert row("word errors, converted, words understood, of well-heard ones")[1:3] == ("0", "not measured")
    assert row("SECS of converted to the performer")[2] == "0.50"
    assert row("nearer by CAM++, fitted")[2:] == ("0.0 %", "0.0 to 0.0", "at least 98 %", "missed")


def test_an_interval_holds_its_figure_and_is_wider_for_fewer_people() -> None:
    measure = next(m for m in MEASURES if m.name == "SECS, fitted")
    own = measure.of(lines())
    whole = estimate(own, measure.figure)
    assert whole.low < whole.value < whole.high
    assert estimate(own, measure.figure) == whole
    apart = [replace(line, secs=line.secs + (0.2 if line.speaker == "Cy" else 0)) for line in own]
    spread = estimate(apart, measure.figure)
    assert spread.high - spread.low > 2 * (whole.high - whole.low)  # people who differ make it less sure


def test_the_goals_of_the_voice_are_the_ones_agreed() -> None:
    goals = {measure.name: measure.goal for measure in MEASURES if measure.goal is not None}
    assert goals["word errors, en"] == Goal(most=0.03)
    assert goals["word errors, it"] == Goal(most=0.12)
    assert goals["DistillMOS"] == Goal(least=4.3)
    assert goals["SECS, as drawn"] == Goal(least=0.70)
    assert goals["nearer by CAM++, fitted"] == Goal(least=0.98)


def test_everything_is_kept_as_plain_values() -> None:
    kept = as_json(lines())
    assert len(kept["spoken"]) == len(lines())
    figure = next(f for f in kept["figures"] if f["name"] == "word errors, fr")
    assert (figure["lines"], figure["value"], figure["met"]) == (0, None, None)
    assert kept["spoken"][0]["source_secs"] is None
