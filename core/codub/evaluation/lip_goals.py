"""What made lips are held to: every measure with its goal, and whether a report meets it."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from codub.evaluation.lip_figures import (
    Estimate,
    FaceReport,
    Figure,
    over_people,
    rounder,
    shut_in,
    shut_where_true,
    silence_shut,
    wider,
)


@dataclass(frozen=True)
class Goal:
    """Bounds of a figure, None for none; `only` names the drive ("sound", "text") that it is stated for."""

    least: float | None = None
    most: float | None = None
    only: str | None = None

    def met(self, value: float) -> bool:
        """Whether a value lies within the bounds; NaN, which nothing was measured for, does not."""
        low, high = (-math.inf if self.least is None else self.least), (math.inf if self.most is None else self.most)
        return low <= value <= high

    def __str__(self) -> str:
        if self.least is not None and self.most is not None:
            return f"{self.least:g} to {self.most:g}"
        return f"at least {self.least:g}" if self.least is not None else f"at most {self.most:g}"


@dataclass(frozen=True)
class Measure:
    """A figure by its name, with the format of its values and its goal, if there is one.

    `best` is the value that nothing can be better than: infinity where more is better; None for base lines. `film` is
    the same figure of the film's own mouths.
    """

    name: str
    figure: Figure
    digits: int = 2
    goal: Goal | None = None
    best: float | None = math.inf
    film: Figure | None = None

    def worse(self, value: float) -> float:
        """How far a value is from the best there is; for putting values in order."""
        assert self.best is not None
        return -value if math.isinf(self.best) else abs(value - self.best)

    def goal_of(self, drive: str) -> Goal | None:
        """The goal for lips that are driven by "sound" or "text"."""
        return self.goal if self.goal is not None and self.goal.only in (None, drive) else None


MEASURES = (
    Measure("mouth PSNR, dB", over_people("mouth_psnr"), 1, Goal(least=31, only="sound")),
    Measure("crop SSIM", over_people("crop_ssim"), 3, Goal(least=0.93, only="sound")),
    Measure("mouth SSIM", over_people("mouth_ssim"), 3),
    Measure("crop PSNR, dB", over_people("crop_psnr"), 1),
    Measure("LMD, pixels of 96", over_people("distance"), 2, Goal(most=0.8), best=0),
    Measure("opening, correlation", over_people("correlation"), 2, Goal(least=0.85)),
    Measure("opening, spread made / true", over_people("opening_ratio"), 2, Goal(0.85, 1.15), best=1),
    Measure("p, b, m shut where the film shuts them", shut_where_true, 2, Goal(least=0.9, only="text")),
    Measure("silence shut where the film's is", silence_shut, 2, Goal(least=0.9, only="text")),
    Measure("a opens further than e by", wider("a", "e"), 3, Goal(least=0, only="text"), film=wider("a", "e", "true")),
    Measure("e opens further than i by", wider("e", "i"), 3, Goal(least=0, only="text"), film=wider("e", "i", "true")),
    Measure("o narrower than i, e by", rounder("o"), 3, Goal(least=0, only="text"), film=rounder("o", "true")),
    Measure("u narrower than i, e by", rounder("u"), 3, Goal(least=0, only="text"), film=rounder("u", "true")),
    Measure("sharpness made / true", over_people("sharpness"), 2, best=1),
    Measure("flicker made / true", over_people("flicker"), 2, best=1),
    Measure("copying: mouth PSNR, dB", over_people("copied_psnr"), 1, best=None),
    Measure("copying: mouth SSIM", over_people("copied_ssim"), 3, best=None),
    Measure("copying: LMD, pixels of 96", over_people("copied_distance"), 2, best=None),
)


# Of lines that nobody said in the films there is no true picture: the shapes alone.
SAID = "lines"
OF_SAID_LINES = (
    Measure("p, b, m shut", shut_in("pbm"), 2, Goal(least=0.9)),
    Measure("a opens further than e by", wider("a", "e"), 3, Goal(least=0)),
    Measure("e opens further than i by", wider("e", "i"), 3, Goal(least=0)),
    Measure("o narrower than i, e by", rounder("o"), 3, Goal(least=0)),
    Measure("u narrower than i, e by", rounder("u"), 3, Goal(least=0)),
)


@dataclass(frozen=True)
class Judged:
    """A measure of one report: value, interval, and whether its goal is met (None where there is none)."""

    measure: Measure
    estimate: Estimate
    goal: Goal | None
    film: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the value meets the goal."""
        return self.goal.met(self.estimate.value) if self.goal is not None else None

    def text(self) -> str:
        """Value and interval, and whether the goal is met, as a table's cell."""
        e, digits = self.estimate, self.measure.digits
        if math.isnan(e.value):
            return "not measured"
        verdict = {True: ", met", False: ", missed", None: ""}[self.met]
        film = f"; film {self.film:.{digits}f}" if self.film is not None else ""
        return f"{e.value:.{digits}f} ({e.low:.{digits}f} to {e.high:.{digits}f}){film}{verdict}"


def measures_of(drive: str) -> tuple[Measure, ...]:
    """What lips are measured by that are driven by "sound", "text" or "lines"."""
    return OF_SAID_LINES if drive == SAID else MEASURES


def judge(report: FaceReport, drive: str) -> tuple[Judged, ...]:
    """Every measure of a report of lips driven by "sound", "text" or "lines"."""
    return tuple(
        Judged(m, report.estimate(m.figure), m.goal_of(drive), m.film(report.clips) if m.film is not None else None)
        for m in measures_of(drive)
    )


def as_json(report: FaceReport, drive: str) -> dict[str, Any]:
    """Plain containers of a report: figures with intervals and goals, shapes, and every clip's own figures."""
    figures = [
        {
            "name": judged.measure.name,
            **{name: _number(value) for name, value in dataclasses.asdict(judged.estimate).items()},
            "film": _number(judged.film) if judged.film is not None else None,
            "goal": str(judged.goal) if judged.goal is not None else None,
            "met": judged.met,
        }
        for judged in judge(report, drive)
    ]
    clips = []
    for clip in report.clips:
        values = {f.name: getattr(clip, f.name) for f in dataclasses.fields(clip) if f.name != "shapes"}
        clips.append({name: _number(v) if isinstance(v, float) else v for name, v in values.items()})
    shapes = {
        name: {key: _number(value) for key, value in dataclasses.asdict(shape).items()}
        for name, shape in report.shapes().items()
    }
    return {"drive": drive, "figures": figures, "shapes": shapes, "clips": clips}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
