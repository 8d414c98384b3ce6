"""Shots that share clips are made together: a clip's picture shows all its lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codub.dubbing.shots import ClipJob, Plan, Shot


@dataclass(frozen=True)
class Scene:
    """Shots that hang together because a clip shows several of them, or one of them spans a cut; in order of time."""

    shots: tuple[Shot, ...]
    clips: tuple[ClipJob, ...]


def scenes(plan: Plan) -> tuple[Scene, ...]:
    """The plan cut into scenes that do not depend on each other, in order of time."""
    joined = {shot.cue.number: shot.cue.number for shot in plan.shots}  # each cue asked for to another of its scene
    asked = [(job, [cue.number for cue in job.cues if cue.number in joined]) for job in plan.clips]

    def scene_of(number: int) -> int:
        while joined[number] != number:
            joined[number] = number = joined[joined[number]]
        return number

    for _, numbers in asked:
        ends = [scene_of(number) for number in numbers]
        joined.update(dict.fromkeys(ends, ends[0]) if ends else {})
    shots: dict[int, list[Shot]] = {}
    for shot in sorted(plan.shots, key=lambda shot: (shot.cue.start, shot.cue.number)):
        shots.setdefault(scene_of(shot.cue.number), []).append(shot)
    clips: dict[int, list[ClipJob]] = {}
    for job, numbers in asked:
        if numbers:
            clips.setdefault(scene_of(numbers[0]), []).append(job)
    found = [Scene(tuple(mine), tuple(clips.get(scene, ()))) for scene, mine in shots.items()]
    return tuple(sorted(found, key=lambda scene: scene.shots[0].cue.start))


def together(lines: Sequence[int], most: int) -> Iterator[slice]:
    """What of a sequence, in order, is done together: as many as have at most `most` lines, or one that has more."""
    start = 0
    for end in range(1, len(lines) + 1):
        if end == len(lines) or sum(lines[start : end + 1]) > most:
            yield slice(start, end)
            start = end
