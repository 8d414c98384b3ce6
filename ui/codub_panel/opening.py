"""A project opened for the panel: what `codub dub` would do is what the rows show."""

from pathlib import Path

from codub.dubbing.opening import open_project
from codub.dubbing.plan import shots_of
from codub.dubbing.request import DubRequest
from codub.dubbing.takes import TakesStore, takes_folder
from codub_panel.outlet import ProjectOutlet
from codub_panel.session import Job, Line, PanelSession


def dubbed_path(project: Path, language: str) -> Path:
    """Where the dub of a project goes unless somebody says otherwise: `FILM.otio` -> `FILM.es.dub.otio`."""
    return project.with_name(f"{project.stem}.{language}.dub.otio")


def open_session(
    project: Path, lines: Path, output: Path | None = None, source_lines: Path | None = None
) -> tuple[PanelSession, ProjectOutlet]:
    """The session, and where its timeline is written to with the takes as they are chosen.

    Raises:
        CodubError: the project or the lines cannot be read, or there is no place to keep takes.
    """
    project, lines = project.absolute(), lines.absolute()
    language = DubRequest(project, lines, project).spoken_language()
    output = dubbed_path(project, language) if output is None else output.absolute()
    request = DubRequest(project, lines, output, language=language, source_lines=source_lines)
    request.check()
    opened = open_project(request)
    placement = opened.plan.placement
    session = PanelSession(
        [Line(shot.cue, shot.voice, shot.parts, shot.audio_parts) for shot in opened.plan.shots],
        TakesStore.open(takes_folder(output)),
        Job(project, lines, output, language, None if source_lines is None else source_lines.absolute()),
        rate=placement.rate,
        start=placement.global_start,
        placement=placement,
        reshoot=shots_of(placement),
    )

    return session, ProjectOutlet(request, session)
