"""The plan: which frames and which sound belong to each cue, and what cannot be done, before anything is rendered."""

import dataclasses
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from codub.dubbing.shots import AudioPart, ClipJob, Plan, PlanProblem, Shot, ShotPart, SoundJob
from codub.errors import UsageError
from codub.timeline.clips import place_clips
from codub.timeline.cues import Cue, on_timeline_clock
from codub.timeline.metadata import dubbed_spans
from codub.timeline.placed import Address, ClipProblem, PlacedClip, Placement
from codub.timeline.playing import Playing
from codub.timeline.read import Project
from codub.timeline.sources import ClockOf, no_clock
from codub.timeline.spans import Span, Spans, difference, intersection, union
from codub.timing import frames_to_seconds, timecode

# Subtitles are timed in milliseconds and by eye: a cue's edge misses a cut by a frame or so, and the sliver of the
# neighbouring clip that it then touches is not meant.
_SLIVER_FRAMES = 2


def make_plan(
    project: Project,
    cues: Sequence[Cue],
    *,
    only: Collection[int] = (),
    tracks: Collection[str] = (),
    clock_of: ClockOf = no_clock,
) -> Plan:
    """The plan for the cues of one language. Nothing is decoded.

    `cues` are all of the file's, since every line of a speaker is a reference for that voice; `only` names the ones
    to dub (none: all). `tracks` names the tracks to dub (none: all): cues with no clip on them are left out. A kind
    (picture, sound) of which no track is named is not restricted. `clock_of` is asked about media whose available
    range the timeline does not state.

    Raises:
        UsageError: there is no such cue or no such track.
        ProjectError: the timeline cannot be laid out.
    """
    laid = lay_out(project, cues, clock_of)
    placement, cues, problems = laid.placement, laid.cues, [*laid.problems]
    _check_names(cues, only, placement, tracks)
    sliver = frames_to_seconds(_SLIVER_FRAMES, placement.rate)
    everything = [*map(shots_of(placement, tracks), laid.inside)]
    kinds = {clip.kind for clip in placement.clips if clip.track in tracks}
    asked = set(only)
    shots = [shot for shot in everything if (not asked or shot.cue.number in asked) and _lies_on(shot, kinds, tracks)]
    references = _references(everything, sliver)
    problems += _clip_problems(placement.problems, shots, sliver)
    problems += [
        PlanProblem(shot.cue.number, f"there is no original sound of '{shot.voice}' to take the voice from")
        for shot in shots
        if not references[shot.voice]
    ]
    language = cues[0].language if cues else ""
    silenced = union([*map(_span, shots), *dubbed_spans(project.timeline, language)])
    return Plan(
        tuple(cues),
        tuple(shots),
        tuple(_clip_jobs(shots, everything)),
        tuple(_sound_jobs(shots, silenced)),
        references,
        _seen(everything),
        tuple(problems),
        placement,
    )


@dataclass(frozen=True)
class Layout:
    """What plays, the file's cues on the timeline's clock, those of them `inside` the timeline, and what is wrong."""

    placement: Placement
    cues: tuple[Cue, ...]
    inside: tuple[Cue, ...]
    problems: tuple[PlanProblem, ...]


def lay_out(project: Project, cues: Sequence[Cue], clock_of: ClockOf = no_clock) -> Layout:
    """Clips and cues on one clock; the beginning of a plan.

    Raises:
        ProjectError: the timeline cannot be laid out.
    """
    placement = place_clips(project, clock_of)
    cues = on_timeline_clock(cues, placement.duration, placement.global_start)
    inside, problems = _inside(cues, placement)
    return Layout(placement, tuple(cues), tuple(inside), tuple(problems))


def narrowed_plan(plan: Plan, only: Collection[int]) -> Plan:
    """A plan of all cues with the shots of some, and the clips they touch.

    What is wrong in the project is left out unless it is of these cues: who opened it for all has said it.

    Raises:
        UsageError: there is no such cue.
    """
    wanted = set(only)
    _check_cues(plan.cues, wanted)
    shots = tuple(shot for shot in plan.shots if shot.cue.number in wanted)
    silenced = union(map(_span, shots))
    return dataclasses.replace(
        plan,
        shots=shots,
        clips=tuple(job for job in plan.clips if any(cue.number in wanted for cue in job.cues)),
        sounds=tuple(_sound_jobs(shots, silenced)),
        problems=tuple(problem for problem in plan.problems if problem.cue in wanted),
    )


def shots_of(placement: Placement, tracks: Collection[str] = ()) -> Callable[[Cue], Shot]:
    """What makes a shot of any cue on this timeline."""
    pictures = _restricted(placement.of_kind("video"), tracks)
    sounds = [clip for clip in _restricted(placement.of_kind("audio"), tracks) if not clip.bed]
    seen, heard = Playing.of(pictures), Playing.of(sounds or pictures)
    return lambda cue: _shot(cue, seen, heard, placement.rate)


def _check_names(cues: Sequence[Cue], only: Collection[int], placement: Placement, tracks: Collection[str]) -> None:
    _check_cues(cues, only)
    known = {clip.track for clip in placement.clips} | {problem.track for problem in placement.problems}
    if unknown := sorted(set(tracks) - known):
        raise UsageError(f"There is no track '{unknown[0]}'.", fix=f"The tracks are {', '.join(sorted(known))}.")


def _check_cues(cues: Sequence[Cue], only: Collection[int]) -> None:
    numbers = {cue.number for cue in cues}
    if missing := sorted(set(only) - numbers):
        raise UsageError(f"There is no cue {missing[0]}.", fix=f"The cues are {_shown(sorted(numbers))}.")


def _shown(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:20]))
    return f"{shown} and {len(numbers) - 20} more" if len(numbers) > 20 else shown


def _restricted(clips: Sequence[PlacedClip], tracks: Collection[str]) -> list[PlacedClip]:
    named = [clip for clip in clips if clip.track in tracks]
    return named or list(clips)


def _lies_on(shot: Shot, kinds: Collection[str], tracks: Collection[str]) -> bool:
    """Whether the shot has a clip on the named tracks, of each of the kinds."""
    parts: tuple[ShotPart | AudioPart, ...] = (*shot.parts, *shot.audio_parts)
    return all(any(part.clip.kind == kind and part.clip.track in tracks for part in parts) for kind in kinds)


def _inside(cues: Iterable[Cue], placement: Placement) -> tuple[list[Cue], list[PlanProblem]]:
    """The cues on the timeline, cut off at its start, and what is said of the others."""
    inside, problems = [], []
    for cue in cues:
        if cue.end <= 0 or cue.start >= placement.duration:
            where = "before the timeline's start" if cue.end <= 0 else "after the timeline's end"
            at = timecode(placement.global_start + cue.start, placement.rate)
            problems.append(PlanProblem(cue.number, f"it lies {where}, at {at}", dubbed=False))
            continue
        if cue.start < 0:
            problems.append(PlanProblem(cue.number, "it begins before the timeline does; it is spoken from its start"))
            cue = dataclasses.replace(cue, start=Fraction(0))
        inside.append(cue)
    return inside, problems


def _shot(cue: Cue, pictures: Playing, sounds: Playing, rate: Fraction) -> Shot:
    sliver = frames_to_seconds(_SLIVER_FRAMES, rate)
    span = (cue.start, cue.end)
    shown = pictures.during(span, sliver) if cue.on_screen else []
    parts = tuple(_shot_part(clip, during, cue) for clip, during in shown)
    audio_parts = tuple(
        AudioPart(clip, clip.media_time(heard[0]), heard[1] - heard[0], heard[0] - cue.start, cue.number)
        for clip, heard in sounds.during(span, sliver)
    )
    speaker = cue.speaker or _only(part.clip.speaker for part in parts) or _only(p.clip.speaker for p in audio_parts)
    nameless = [part.clip.name for part in parts] or [part.clip.name for part in audio_parts]
    voice = speaker or (f"clip {nameless[0]}" if nameless else f"cue {cue.number}")
    named = cue if speaker == cue.speaker else dataclasses.replace(cue, speaker=speaker)
    return Shot(named, voice, parts, audio_parts, rate)


def _shot_part(clip: PlacedClip, shown: Span, cue: Cue) -> ShotPart:
    first, count = clip.frames_during(shown)
    return ShotPart(clip, first, count, clip.frame_start(first) - cue.start)


def _only(names: Iterable[str]) -> str:
    """The name, if it is one and the same."""
    found = set(names)
    return found.pop() if len(found) == 1 else ""


def _references(shots: Sequence[Shot], sliver: Fraction) -> dict[str, tuple[AudioPart, ...]]:
    references: dict[str, list[AudioPart]] = {shot.voice: [] for shot in shots}
    spoken_over = _spoken_over(shots)
    for shot in shots:
        others = union(spoken_over.get(shot.cue.number, ()))
        for part in shot.audio_parts:
            begins = shot.cue.start + part.offset
            alone = difference(((begins, begins + part.duration),), others)
            references[shot.voice] += [
                AudioPart(part.clip, part.clip.media_time(start), end - start, start - shot.cue.start, part.cue)
                for start, end in alone
                if end - start >= sliver
            ]
    return {voice: tuple(sorted(parts, key=lambda p: -p.duration)) for voice, parts in references.items()}


def _spoken_over(shots: Sequence[Shot]) -> dict[int, list[Span]]:
    """By cue number the spans of other voices' cues that share time with it; one walk through a programme's cues."""
    found: dict[int, list[Span]] = {}
    speaking: list[Shot] = []
    for shot in sorted(shots, key=lambda shot: shot.cue.start):
        speaking = [before for before in speaking if before.cue.end > shot.cue.start]
        for other in speaking:
            if other.voice != shot.voice:
                found.setdefault(shot.cue.number, []).append(_span(other))
                found.setdefault(other.cue.number, []).append(_span(shot))
        speaking.append(shot)
    return found


def _span(shot: Shot) -> Span:
    return shot.cue.start, shot.cue.end


def _clip_jobs(shots: Sequence[Shot], everything: Sequence[Shot]) -> Iterator[ClipJob]:
    wanted = {part.clip.address: part.clip for shot in shots for part in shot.parts}
    on_clip: dict[Address, dict[int, Shot]] = {address: {} for address in wanted}
    for shot in sorted(everything, key=lambda shot: (shot.cue.start, shot.cue.number)):
        for part in shot.parts:
            if part.clip.address in on_clip:
                on_clip[part.clip.address][shot.cue.number] = shot
    for address, clip in sorted(wanted.items(), key=lambda item: (item[1].start, item[0])):
        yield ClipJob(clip, tuple(on_clip[address].values()))


def _seen(shots: Sequence[Shot]) -> dict[str, tuple[ClipJob, ...]]:
    """By voice the clips under its cues, with all cues on them."""
    seen: dict[str, list[ClipJob]] = {}
    for job in _clip_jobs(shots, shots):
        for voice in dict.fromkeys(shot.voice for shot in job.shots):
            seen.setdefault(voice, []).append(job)
    return {voice: tuple(jobs) for voice, jobs in seen.items()}


def _sound_jobs(shots: Sequence[Shot], silenced: Spans) -> Iterator[SoundJob]:
    clips = {p.clip.address: p.clip for shot in shots for p in shot.audio_parts if p.clip.kind == "audio"}
    for clip in sorted(clips.values(), key=lambda clip: clip.start):
        yield SoundJob(clip, intersection(silenced, ((clip.start, clip.end),)))


def _clip_problems(problems: Sequence[ClipProblem], shots: Sequence[Shot], sliver: Fraction) -> Iterator[PlanProblem]:
    ordered = sorted(shots, key=lambda shot: shot.cue.start)
    starts = [shot.cue.start for shot in ordered]
    longest = max((shot.window for shot in ordered), default=Fraction(0))
    for problem in problems:
        near = ordered[bisect_left(starts, problem.start - longest) : bisect_left(starts, problem.end)]
        hit = [
            shot.cue.number
            for shot in near
            if min(shot.cue.end, problem.end) - max(shot.cue.start, problem.start) >= sliver
        ]
        for number in hit:
            yield PlanProblem(number, f"{problem}")
        if not hit:
            yield PlanProblem(None, f"{problem}")
