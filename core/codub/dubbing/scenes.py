"""Shots that share clips are made together: a clip's picture shows all its lines."""

from collections.abc import Iterable
from dataclasses import dataclass

from codub.dubbing.plan import ClipJob, Plan, Shot


@dataclass(frozen=True)
class Scene:
    """Shots that hang together because a clip shows several of them, or one of them spans a cut; in order of time."""

    shots: tuple[Shot, ...]
    clips: tuple[ClipJob, ...]


def scenes(plan: Plan) -> tuple[Scene, ...]:
    """The plan cut into scenes that do not depend on each other, in order of time."""
    groups: list[tuple[set[int], list[ClipJob]]] = [({shot.cue.number}, []) for shot in plan.shots]
    for job in plan.clips:
        numbers = {cue.number for cue in job.cues}
        meeting = [group for group in groups if group[0] & numbers]
        merged = (set[int]().union(*(g[0] for g in meeting)), [clip for g in meeting for clip in g[1]] + [job])
        groups = [group for group in groups if group not in meeting] + [merged]
    found = [Scene(_in_order(s for s in plan.shots if s.cue.number in numbers), tuple(c)) for numbers, c in groups]
    return tuple(sorted(found, key=lambda scene: scene.shots[0].cue.start))


def _in_order(shots: Iterable[Shot]) -> tuple[Shot, ...]:
    return tuple(sorted(shots, key=lambda shot: (shot.cue.start, shot.cue.number)))
