"""What a voice is held to: figures of spoken lines over people, each with its interval and its goal, met or missed."""

import dataclasses
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from codub.evaluation.lip_figures import COVERAGE, DRAWS, Estimate
from codub.evaluation.lip_goals import Goal
from codub.evaluation.tables import Table

ALONE, FITTED = "as drawn", "fitted"
# A recording converted: its words known from the cue, only understood, or its sounds said as they are heard.
KNOWN, UNDERSTOOD, AS_HEARD = "converted, words known", "converted, words understood", "converted, as heard"
WELL_HEARD = 0.05  # errors in the words of a recording, up to which what is made of it is held to its goal


@dataclass(frozen=True)
class SpokenFigures:
    """One line in one voice: `how` the voice came about (ALONE, FITTED), or how a recording was converted into it.

    `secs` and `second` are cosines to other utterances of the speaker, by the speaker encoder and by the `second_ear`;
    `other_` to the nearest of the others. `errors` of `words` were heard wrong. Of a recording: `source_secs` is the
    cosine to whoever performed it, `source_errors` what was heard wrong of the recording itself. `heard` is what the
    recogniser wrote, and `sound_errors` of the line's `sounds` are wrong where that is read aloud: homophones are none.
    """

    how: str
    speaker: str
    language: str
    words: int
    errors: int
    naturalness: float
    secs: float
    other_secs: float
    second: float
    other_second: float
    source_secs: float = math.nan
    source_errors: int = 0
    heard: str = ""
    sounds: int = 0
    sound_errors: int = 0


Figure = Callable[[Sequence[SpokenFigures]], float]


@dataclass(frozen=True)
class VoiceMeasure:
    """A figure of the lines of one kind (`how`, and `language` where one is named), in percent where `share`.

    `well_heard`: only of recordings that the recogniser itself understands.
    """

    name: str
    how: str
    figure: Figure
    goal: Goal | None = None
    language: str = ""
    share: bool = False
    well_heard: bool = False

    def of(self, lines: Sequence[SpokenFigures]) -> list[SpokenFigures]:
        """The lines that it is about."""
        own = [line for line in lines if line.how == self.how and self.language in ("", line.language)]
        return [line for line in own if not self.well_heard or line.source_errors <= WELL_HEARD * line.words]


def word_errors(lines: Sequence[SpokenFigures]) -> float:
    """Words heard wrong over all words."""
    return sum(line.errors for line in lines) / max(sum(line.words for line in lines), 1)


def _sound_errors(lines: Sequence[SpokenFigures]) -> float:
    return sum(line.sound_errors for line in lines) / max(sum(line.sounds for line in lines), 1)


def _source_errors(lines: Sequence[SpokenFigures]) -> float:
    return sum(line.source_errors for line in lines) / max(sum(line.words for line in lines), 1)


def _mean(name: str) -> Figure:
    return lambda lines: float(np.mean([getattr(line, name) for line in lines]))


def _nearer(own: str, other: str) -> Figure:
    return lambda lines: float(np.mean([getattr(line, own) > getattr(line, other) for line in lines]))


_NEARER = Goal(least=0.98)


def _likeness(how: str, least: float) -> tuple[VoiceMeasure, ...]:
    return (
        VoiceMeasure(f"SECS, {how}", how, _mean("secs"), Goal(least=least)),
        VoiceMeasure(f"SECS to the nearest other, {how}", how, _mean("other_secs")),
        VoiceMeasure(f"nearer to the own speaker, {how}", how, _nearer("secs", "other_secs"), _NEARER, share=True),
        VoiceMeasure(f"CAM++ (second measure), {how}", how, _mean("second")),
        VoiceMeasure(f"CAM++ to the nearest other, {how}", how, _mean("other_second")),
        VoiceMeasure(f"nearer by CAM++, {how}", how, _nearer("second", "other_second"), _NEARER, share=True),
    )


def _said_again(how: str) -> tuple[VoiceMeasure, ...]:
    name, goal = f"word errors, {how}", Goal(most=0.15)
    return (
        VoiceMeasure(f"{name}, of well-heard ones", how, word_errors, goal, share=True, well_heard=True),
        VoiceMeasure(f"{name}, of all", how, word_errors, share=True),
    )


_MOST = {"en": 0.03, "es": 0.04, "pt": 0.07, "fr": 0.07, "it": 0.12}
MEASURES = (
    *(
        VoiceMeasure(f"word errors, {language}", FITTED, word_errors, Goal(most=most), language, share=True)
        for language, most in _MOST.items()
    ),
    *(VoiceMeasure(f"sounds wrong, {name}", FITTED, _sound_errors, language=name, share=True) for name in _MOST),
    VoiceMeasure("DistillMOS", FITTED, _mean("naturalness"), Goal(least=4.3)),
    *_likeness(ALONE, 0.70),
    *_likeness(FITTED, 0.78),
    VoiceMeasure("word errors of recordings", AS_HEARD, _source_errors, share=True),
    VoiceMeasure("word errors of well-heard ones", AS_HEARD, _source_errors, share=True, well_heard=True),
    *(measure for how in (KNOWN, UNDERSTOOD, AS_HEARD) for measure in _said_again(how)),
    VoiceMeasure("SECS of converted to the target", KNOWN, _mean("secs")),
    VoiceMeasure("SECS of converted to the performer", KNOWN, _mean("source_secs")),
    VoiceMeasure("nearer to the target", KNOWN, _nearer("secs", "source_secs"), share=True),
)


def estimate(lines: Sequence[SpokenFigures], figure: Figure) -> Estimate:
    """A figure with its 95 % interval: people drawn with replacement, and each one's lines (bootstrap, Efron 1979)."""
    by_speaker: dict[str, list[SpokenFigures]] = defaultdict(list)
    for line in lines:
        by_speaker[line.speaker].append(line)
    if not lines:
        return Estimate(math.nan, math.nan, math.nan)
    people, random = list(by_speaker.values()), np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWS):
        chosen = [people[i] for i in random.integers(len(people), size=len(people))]
        drawn.append(figure([own[i] for own in chosen for i in random.integers(len(own), size=len(own))]))
    low, high = np.percentile(drawn, [50 * (1 - COVERAGE), 50 * (1 + COVERAGE)])
    return Estimate(figure(lines), float(low), float(high))


def goals_table(lines: Sequence[SpokenFigures]) -> Table:
    """A line a measure: lines, value, interval, goal, and whether it is met."""
    rows = []
    for measure in MEASURES:
        own = measure.of(lines)
        e = estimate(own, measure.figure)
        if math.isnan(e.value):
            rows.append((measure.name, "0", "not measured", "", "" if measure.goal is None else str(measure.goal), ""))
            continue
        factor, unit, digits = (100, " %", 1) if measure.share else (1, "", 2)
        low, high = (f"{factor * bound:.{digits}f}" for bound in (e.low, e.high))
        goal = "" if measure.goal is None else _goal(measure.goal, factor) + unit
        verdict = "" if measure.goal is None else "met" if measure.goal.met(e.value) else "missed"
        rows.append(
            (measure.name, str(len(own)), f"{factor * e.value:.{digits}f}{unit}", f"{low} to {high}", goal, verdict)
        )
    return Table(("", "lines", "value", "95 % interval", "goal", ""), tuple(rows))


def as_json(lines: Sequence[SpokenFigures]) -> dict[str, Any]:
    """Plain containers: every measure with interval and goal, and every line."""
    figures = []
    for measure in MEASURES:
        e = estimate(measure.of(lines), measure.figure)
        met = None if measure.goal is None or math.isnan(e.value) else measure.goal.met(e.value)
        values = {name: _number(value) for name, value in dataclasses.asdict(e).items()}
        goal = None if measure.goal is None else str(measure.goal)
        figures.append({"name": measure.name, "lines": len(measure.of(lines)), **values, "goal": goal, "met": met})
    own = [{name: _number(value) for name, value in dataclasses.asdict(line).items()} for line in lines]
    return {"figures": figures, "spoken": own}


def _goal(goal: Goal, factor: int) -> str:
    least, most = (None if bound is None else factor * bound for bound in (goal.least, goal.most))
    return str(Goal(least, most))


def _number(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
