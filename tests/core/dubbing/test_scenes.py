"""Shots that a clip shows together are made together, and no others."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from made_timelines import clip, project, track

from codub.dubbing.plan import make_plan
from codub.dubbing.scenes import scenes, together
from codub.dubbing.shots import Plan
from codub.timeline.cues import Cue


def planned(folder: Path, *spans: tuple[float, float], on_screen: bool = True) -> Plan:
    """Clips of two seconds, one after another, under the cues."""
    film = [track("V1", [clip(name) for name in ("one", "two", "three")])]
    cues = [
        Cue(n, "Hola.", "es", "", Fraction(a), Fraction(b), on_screen=on_screen) for n, (a, b) in enumerate(spans, 1)
    ]
    return make_plan(project(folder, film), cues)


def made(plan: Plan) -> list[tuple[list[int], list[str]]]:
    return [([s.cue.number for s in scene.shots], [j.clip.name for j in scene.clips]) for scene in scenes(plan)]


def test_lines_of_one_clip_are_one_scene(tmp_path: Path) -> None:
    plan = planned(tmp_path, (0, 0.5), (1, 1.5), (2.5, 3))
    assert made(plan) == [([1, 2], ["one"]), ([3], ["two"])]


def test_a_line_over_a_cut_joins_both_clips_and_their_lines(tmp_path: Path) -> None:
    plan = planned(tmp_path, (0, 0.5), (1.5, 2.5), (3, 3.5), (4.5, 5))
    assert made(plan) == [([1, 2, 3], ["one", "two"]), ([4], ["three"])]


def test_scenes_and_their_shots_come_in_order_of_time(tmp_path: Path) -> None:
    plan = planned(tmp_path, (4.5, 5), (1, 1.5), (0, 0.5))
    assert made(plan) == [([3, 2], ["one"]), ([1], ["three"])]


def test_lines_off_screen_stand_alone(tmp_path: Path) -> None:
    plan = planned(tmp_path, (0, 0.5), (1, 1.5), on_screen=False)
    assert made(plan) == [([1], []), ([2], [])]


def test_every_shot_is_in_exactly_one_scene_when_only_some_are_asked_for(tmp_path: Path) -> None:
    plan = planned(tmp_path, (0, 0.5), (1, 1.5), (2.5, 3), (4.5, 5))
    some = replace(plan, shots=tuple(s for s in plan.shots if s.cue.number in (2, 4)))
    assert [number for shots, _ in made(some) for number in shots] == [2, 4]
    assert scenes(replace(plan, shots=(), clips=())) == ()


def test_so_much_is_done_together_as_may_be_and_a_larger_one_alone() -> None:
    assert list(together([2, 1, 5, 1, 1], 3)) == [slice(0, 2), slice(2, 3), slice(3, 5)]
    assert list(together([2, 1, 1], 1)) == [slice(0, 1), slice(1, 2), slice(2, 3)]
    assert list(together([], 3)) == []
