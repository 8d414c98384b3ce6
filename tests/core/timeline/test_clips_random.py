"""Made-up timelines, laid out by us and by OTIO's own arithmetic, frame by frame."""

import random
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from made_timelines import clip, frames, gap, project, track

from codub.timeline.clips import item_at, place_clips

RATE = 25


def random_item(rng: random.Random, depth: int, names: list[str]) -> otio.core.Item:
    kind = rng.random()
    if kind < 0.25:
        return gap(rng.randint(1, 40))
    if kind < 0.75 or depth == 0:
        names.append(f"c{len(names)}")
        one = clip(names[-1], rng.randint(0, 100), rng.randint(1, 60))
        one.enabled = rng.random() > 0.15
        return one
    nest = otio.schema.Stack("nest", [random_track(rng, depth - 1, names) for _ in range(rng.randint(1, 3))])
    if rng.random() < 0.5:
        nest.source_range = frames(rng.randint(0, 30), rng.randint(1, 50))
    return nest


def random_track(rng: random.Random, depth: int, names: list[str]) -> otio.schema.Track:
    made = track("", [random_item(rng, depth, names) for _ in range(rng.randint(1, 5))])
    if rng.random() < 0.2:
        made.source_range = frames(rng.randint(0, 20), rng.randint(1, 80))
    made.enabled = rng.random() > 0.1
    return made


def seen_at(item: otio.core.Item, time: otio.opentime.RationalTime) -> str:
    """Name of the clip that is seen at a time of the item's own clock, by OTIO's child ranges; "" for none."""
    if not item.enabled or isinstance(item, otio.schema.Gap) or not item.trimmed_range().contains(time):
        return ""
    if isinstance(item, otio.schema.Clip):
        return item.name
    for child in reversed(list(item)):
        inside = item.range_of_child(child)
        if inside.contains(time):
            name = seen_at(child, item.transformed_time(time, child))
            if name:
                return name
    return ""


@pytest.mark.parametrize("seed", range(16))
def test_we_see_what_otio_sees_at_every_frame(tmp_path: Path, seed: int) -> None:
    rng, names = random.Random(seed), []
    made = project(tmp_path, [random_track(rng, 2, names) for _ in range(rng.randint(1, 4))])
    placement = place_clips(made)
    tracks = made.timeline.tracks
    seen = {}
    for each in placement.clips:
        for start, end in each.visible:
            for frame in range(int(start * RATE), int(end * RATE)):
                assert frame not in seen
                seen[frame] = each.name
    total = int(placement.duration * RATE)
    assert total == tracks.duration().value
    for frame in range(total):
        assert seen.get(frame, "") == seen_at(tracks, otio.opentime.RationalTime(frame, RATE)), frame
    for each in placement.clips:
        item = item_at(made.timeline, each.address)
        assert item.name == each.name
        placed = item.transformed_time_range(item.trimmed_range(), tracks)
        assert each.start == Fraction(placed.start_time.value) / RATE
        assert each.frame_count == placed.duration.value
        assert each.first_frame == item.source_range.start_time.value
