"""Figures of made lips, clip by clip, and what they are over people, with how sure that is."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from codub.evaluation.lip_shapes import SHAPES, SHUT, MouthShapes, Sound, closure

DRAWS = 1000  # of the bootstrap
COVERAGE = 0.95


@dataclass(frozen=True)
class LipFigures:
    """One clip. PSNR in dB; `distance` of the lips' points in pixels of a 96-pixel crop; `opening_ratio` is the spread
    of made over true openings, 1 where mouths open as wide as in the film; `sharpness` is gradient energy, made over
    true, at the plate's resolution; `flicker` the mouth window's change from frame to frame where the film's lips
    stand still, made over true (NaN where they never do)."""

    name: str
    person: str
    frames: int
    mouth_psnr: float
    mouth_ssim: float
    crop_psnr: float
    crop_ssim: float
    copied_psnr: float
    copied_ssim: float
    distance: float
    copied_distance: float
    correlation: float
    opening_ratio: float
    sharpness: float
    flicker: float
    shapes: MouthShapes = field(default_factory=lambda: MouthShapes({}))


@dataclass(frozen=True)
class ShapeFigures:
    """One shape of mouth over clips: occurrences, mean opening and width in the film and made, share with lips shut."""

    count: int
    true_opening: float
    made_opening: float
    true_width: float
    made_width: float
    true_shut: float
    made_shut: float


@dataclass(frozen=True)
class Estimate:
    """A figure and the interval that holds it with 95 % (bootstrap over people, and over each one's clips)."""

    value: float
    low: float
    high: float


Figure = Callable[[Sequence[LipFigures]], float]


@dataclass(frozen=True)
class FaceReport:
    """Figures of all clips."""

    clips: tuple[LipFigures, ...]

    def estimate(self, figure: Figure) -> Estimate:
        """A figure of all clips with its interval: percentiles over sets of people drawn with replacement."""
        value = figure(self.clips)
        kept = [drawn for clips in self._draws if not math.isnan(drawn := figure(clips))]
        low, high = np.percentile(kept, [50 * (1 - COVERAGE), 50 * (1 + COVERAGE)]) if kept else (math.nan, math.nan)
        return Estimate(value, float(low), float(high))

    @cached_property
    def _draws(self) -> list[list[LipFigures]]:
        rng = np.random.default_rng(0)
        people = list(_by_person(self.clips).values())
        draws = []
        for _ in range(DRAWS):
            drawn: list[LipFigures] = []
            for place, number in enumerate(rng.integers(len(people), size=len(people))):
                own = people[int(number)]
                # A person who is drawn twice counts as two.
                drawn += [replace(own[int(i)], person=str(place)) for i in rng.integers(len(own), size=len(own))]
            draws.append(drawn)
        return draws

    def mean(self, name: str) -> float:
        """Mean of a clip's figure over people."""
        return over_people(name)(self.clips)

    def shapes(self) -> dict[str, ShapeFigures]:
        """Openings and widths by shape over all clips' sounds."""
        found = {name: sounds_of(self.clips, name) for name in (*SHAPES, "silence")}
        return {name: _shape_figures(sounds) for name, sounds in found.items() if sounds}


def over_people(name: str) -> Figure:
    """Mean of a clip's figure over people, so that one with many clips counts once."""

    def figure(clips: Sequence[LipFigures]) -> float:
        own = [[float(getattr(c, name)) for c in held] for held in _by_person(clips).values()]
        means = [np.mean(kept) for values in own if (kept := [v for v in values if not math.isnan(v)])]
        return float(np.mean(means)) if means else math.nan

    return figure


def shut_where_true(clips: Sequence[LipFigures]) -> float:
    """Of the p, b, m that the film closes, the share that is closed in the made one too; NaN where there are none."""
    closed, both = closure(clip.shapes for clip in clips)
    return both / closed if closed else math.nan


def silence_shut(clips: Sequence[LipFigures]) -> float:
    """Of the frames of silence in which the film's lips are shut, the share in which the made ones are too."""
    shut = sum(clip.shapes.silent_true_shut for clip in clips)
    return sum(clip.shapes.silent_both_shut for clip in clips) / shut if shut else math.nan


def shut_in(shape: str) -> Figure:
    """Share of a shape's sounds in which the made lips are shut; NaN where there are none."""

    def figure(clips: Sequence[LipFigures]) -> float:
        sounds = sounds_of(clips, shape)
        return sum(sound.made_opening < SHUT for sound in sounds) / len(sounds) if sounds else math.nan

    return figure


def wider(one: str, other: str, whose: str = "made") -> Figure:
    """How much further the made mouth (or the "true" one) opens in one shape than in another, in eye distances."""
    return lambda clips: _mean(clips, one, f"{whose}_opening") - _mean(clips, other, f"{whose}_opening")


def rounder(shape: str, whose: str = "made") -> Figure:
    """How much narrower the made mouth (or the "true" one) is in a shape than in i and e, in eye distances."""

    def figure(clips: Sequence[LipFigures]) -> float:
        spread = [getattr(s, f"{whose}_width") for name in "ie" for s in sounds_of(clips, name)]
        return (float(np.mean(spread)) if spread else math.nan) - _mean(clips, shape, f"{whose}_width")

    return figure


def sounds_of(clips: Sequence[LipFigures], shape: str) -> list[Sound]:
    """All clips' sounds of a shape."""
    return [sound for clip in clips for sound in clip.shapes.sounds.get(shape, ())]


def _mean(clips: Sequence[LipFigures], shape: str, name: str) -> float:
    values = [getattr(sound, name) for sound in sounds_of(clips, shape)]
    return float(np.mean(values)) if values else math.nan


def _shape_figures(sounds: Sequence[Sound]) -> ShapeFigures:
    values = np.array([(s.true_opening, s.made_opening, s.true_width, s.made_width) for s in sounds])
    return ShapeFigures(len(sounds), *values.mean(0).tolist(), *(values[:, :2] < SHUT).mean(0).tolist())


def _by_person(clips: Iterable[LipFigures]) -> dict[str, list[LipFigures]]:
    people: dict[str, list[LipFigures]] = {}
    for clip in clips:
        people.setdefault(clip.person, []).append(clip)
    return people
