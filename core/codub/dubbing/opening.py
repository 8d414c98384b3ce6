"""Timeline and lines in, plan out: everything that is known before a model is loaded."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from codub.dubbing.footage import open_timeline
from codub.dubbing.marking import edited_since_written
from codub.dubbing.plan import lay_out, make_plan, narrowed_plan, shots_of
from codub.dubbing.request import DubRequest
from codub.dubbing.shots import Plan, Shot
from codub.dubbing.takes import takes_folder
from codub.errors import ProjectError
from codub.media.clock import media_clock
from codub.timeline.cues import Cue
from codub.timeline.pairing import pair_cues
from codub.timeline.placed import Placement
from codub.timeline.read import Project
from codub.timeline.relinks import read_relinks
from codub.timeline.subtitles import read_subtitles


@dataclass(frozen=True)
class DubProject:
    """An open project with the plan of what is to be dubbed; `notes` say what was wrong with the files."""

    project: Project
    language: str
    cues: tuple[Cue, ...]
    plan: Plan
    notes: tuple[str, ...]


@dataclass(frozen=True)
class OpenLines:
    """A project before any plan: what plays, the cues that lie on it, and `shoot`, which makes a shot of any cue.

    A feature's ten thousand cues are read in half the time that their plan takes.
    """

    language: str
    cues: tuple[Cue, ...]
    placement: Placement
    shoot: Callable[[Cue], Shot]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Files:
    project: Project
    language: str
    cues: Sequence[Cue]
    notes: tuple[str, ...]


def open_project(request: DubRequest) -> DubProject:
    """The project, its cues and the plan for those asked for.

    A dubbed timeline that was edited since is what is dubbed further, so that no edit is lost. Media that was linked
    again (`relinks`) is taken from where it was found.

    Raises:
        ProjectError: the timeline or the lines cannot be read, or hold no line.
        UsageError: a cue or track that does not exist, or a language that is not known.
    """
    files = _read(request)
    tracks = (request.track,) if request.track else ()
    plan = make_plan(files.project, files.cues, only=request.cues, tracks=tracks, clock_of=media_clock)
    notes = (*files.notes, *map(str, plan.problems))
    return DubProject(files.project, files.language, plan.cues, plan, notes)


def open_lines(request: DubRequest) -> OpenLines:
    """The project's cues and what plays under them, as `open_project` would plan them; all cues, on all tracks.

    Raises:
        ProjectError: the timeline or the lines cannot be read, or hold no line.
        UsageError: a language that is not known.
    """
    files = _read(request)
    laid = lay_out(files.project, files.cues, media_clock)
    notes = (*files.notes, *map(str, laid.problems), *map(str, laid.placement.problems))
    return OpenLines(files.language, laid.inside, laid.placement, shots_of(laid.placement), notes)


def _read(request: DubRequest) -> _Files:
    language = request.spoken_language()
    source, kept = _where_it_stands(request)
    folders = (request.project.absolute().parent, *request.media_folders)
    project, assumed = open_timeline(source, folders, read_relinks(takes_folder(request.output)))
    spoken = read_subtitles(request.lines, language)
    notes = [note for note in (kept, assumed) if note]
    notes += [f"{request.lines.name}, {problem}" for problem in spoken.problems]
    if not spoken.cues:
        raise ProjectError(f"'{request.lines}' holds no line.", cause=" ".join(notes[:3]))
    cues: Sequence[Cue] = spoken.cues
    if request.source_lines is not None:
        originals = read_subtitles(request.source_lines, "")
        notes += [f"{request.source_lines.name}, {problem}" for problem in originals.problems]
        cues = pair_cues(cues, originals.cues).cues
    return _Files(project, language, cues, tuple(notes))


def narrowed(project: DubProject, cues: Collection[int]) -> DubProject:
    """The project, opened for all cues, with the plan of some.

    Raises:
        UsageError: there is no such cue.
    """
    plan = narrowed_plan(project.plan, cues)
    others = {str(problem) for problem in project.plan.problems} - {str(problem) for problem in plan.problems}
    return replace(project, plan=plan, notes=tuple(note for note in project.notes if note not in others))


def _where_it_stands(request: DubRequest) -> tuple[Path, str]:
    """The timeline to put takes on: the project, unless somebody edited the dubbed one since codub wrote it."""
    if edited_since_written(request.output, takes_folder(request.output)):
        kept = f"'{request.output.name}' was edited since codub wrote it: it goes on from there"
        return request.output, f"{kept}, and '{request.project.name}' was not read."
    return request.project, ""
