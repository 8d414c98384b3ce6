"""What a person reads before and after a dub."""

from pathlib import Path

from codub.dubbing.adapted import shows_adapted
from codub.dubbing.estimate import estimate
from codub.dubbing.needs import weights_lines
from codub.dubbing.opening import DubProject, open_project
from codub.dubbing.own_faces import adapted_text
from codub.dubbing.profile import load_profile
from codub.dubbing.record import TakeRecord, warnings_of
from codub.dubbing.request import DubOutcome, DubRequest
from codub.dubbing.shots import Shot
from codub.dubbing.takes import takes_folder
from codub.timing import timecode


def plan_report(request: DubRequest) -> str:
    """The plan of a dub as text: every line with its clips, what cannot be done, time and memory."""
    request.check()
    request = request.narrowed()
    project = open_project(request)
    profile = load_profile(request.profile)
    if request.recording is None:
        profile.require_language(project.language)
    shots = project.plan.shots
    lines = [f"{request.project.name}: {len(shots)} of {len(project.cues)} cues to {project.language}"]
    lines += [_planned(shot, project) for shot in shots]
    folder = takes_folder(request.output)
    for speaker in dict.fromkeys(shot.voice for shot in shots):
        if own := adapted_text(folder, speaker, profile):
            lines.append(f"  face of {speaker}: {own}")
    lines += [f"  ! {note}" for note in project.notes]
    lines += weights_lines(profile, recording=request.recording is not None)
    cached = len(list((folder / "styles").glob("*.safetensors")))
    fit = profile.fit_seconds if request.fit_seconds is None else request.fit_seconds
    cost = estimate(
        project.plan,
        profile,
        takes=request.takes,
        voices_cached=cached,
        fit_seconds=fit,
        recording=request.recording is not None,
    )
    minutes = max(1, round(cost.seconds / 60))
    lines.append(f"about {minutes} min and {cost.memory / 1e9:.1f} GB of memory; nothing was made (--dry-run)")
    return "\n".join(lines)


def outcome_report(outcome: DubOutcome) -> str:
    """What a dub made, as text: every take with its fit, what failed and why, where to look."""
    lines = [take_line(record) for record in outcome.takes]
    for failure in outcome.failures:
        lines.append(f"  ! cue {failure.cue}: {failure.error}")
    lines += [f"  ! {note}" for note in outcome.notes]
    lines.append(f"{len(outcome.takes)} takes in {outcome.seconds:.0f} s -> {outcome.output}")
    return "\n".join(lines)


def take_line(record: TakeRecord) -> str:
    """One take in one line."""
    fit = f"a human recording, {float(record.duration):.2f} s"
    if record.fit is not None:
        fit = f"{record.fit.spoken:.2f} s for {record.fit.wanted:.2f} s, pace {record.fit.scale:.2f}"
        if record.fit.excess > 0:
            fit += f", {record.fit.excess:.2f} s too long: lose {record.fit.syllables_over} syllables"
    scores = ", ".join(f"{name} {value:.2f}" for name, value in record.scores.items())
    pictures = sum(file.role.startswith("video") for file in record.files)
    shown = f"{pictures} picture{'s' if pictures != 1 else ''}" if pictures else "voice only"
    shown += " with the speaker's adapted face" if shows_adapted(record) else ""
    warned = "".join(f"\n    ! {said}" for said in warnings_of(record))
    name = f"  cue {record.cue} take {record.take} {record.speaker or '-'}"
    return f"{name}: {fit}; {shown}; {scores}  {record.text!r}{warned}"


def _planned(shot: Shot, project: DubProject) -> str:
    cue = shot.cue
    rate = project.plan.placement.rate
    clips = ", ".join(f"{part.clip.name} ({part.frame_count} frames)" for part in shot.parts) or "voice only"
    times = f"{timecode(cue.start, rate)}-{timecode(cue.end, rate)}"
    return f"  cue {cue.number} {times} {cue.speaker or '-'} [{clips}] {cue.text!r}"


def where_to_look(output: Path) -> str:
    """Paths of what a dub leaves behind."""
    return f"timeline {output}\ntakes    {takes_folder(output)}"
