"""Shots that share clips are made together: a clip's picture shows all its lines."""

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
        together = ({n for group in meeting for n in group[0]}, [c for group in meeting for c in group[1]] + [job])
        groups = [group for group in groups if not group[0] & numbers] + [together]
    found = [Scene(_shots(plan, numbers), tuple(clips)) for numbers, clips in groups if numbers]
    return tuple(sorted(found, key=lambda scene: scene.shots[0].cue.start))


def _shots(plan: Plan, numbers: set[int]) -> tuple[Shot, ...]:
    mine = [shot for shot in plan.shots if shot.cue.number in numbers]
    return tuple(sorted(mine, key=lambda shot: (shot.cue.start, shot.cue.number)))
