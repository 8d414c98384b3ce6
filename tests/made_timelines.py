"""Timelines built in code for the tests of everything that reads or writes them."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio

from codub.timeline.media_links import MediaFolders
from codub.timeline.read import Project

RATES = [
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(50),
    Fraction(60000, 1001),
]


def frames(start: float, count: float, rate: float | Fraction = 25) -> otio.opentime.TimeRange:
    rate = float(rate)
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(count, rate))


def clip(
    name: str,
    start: float = 0,
    count: float = 50,
    *,
    rate: float | Fraction = 25,
    available: otio.opentime.TimeRange | None = None,
    url: str = "",
) -> otio.schema.Clip:
    reference = otio.schema.ExternalReference(url or f"media/{name}.mov", available or frames(0, 1000, rate))
    return otio.schema.Clip(name, reference, frames(start, count, rate))


def gap(count: float, rate: float | Fraction = 25) -> otio.schema.Gap:
    return otio.schema.Gap(source_range=frames(0, count, rate))


def track(name: str, children: Sequence[otio.core.Composable], kind: str = "Video") -> otio.schema.Track:
    return otio.schema.Track(name, list(children), kind=kind)


def project(
    folder: Path, tracks: Sequence[otio.schema.Track], start: otio.opentime.RationalTime | None = None
) -> Project:
    """A project in `folder`, with an empty file for every media link that leads below it."""
    timeline = otio.schema.Timeline("programme", global_start_time=start)
    timeline.tracks.extend(list(tracks))
    for each in timeline.find_clips():
        url = getattr(each.media_reference, "target_url", "")
        if url and "missing" not in url and ":" not in url and ".." not in url:
            file = folder / url
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
    return Project(folder / "programme.otio", timeline, MediaFolders.of(folder))
