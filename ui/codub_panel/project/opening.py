"""A project opened for the panel: what `codub dub` would do is what the rows show."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from codub.dubbing.opening import open_lines
from codub.dubbing.request import DubRequest
from codub.dubbing.shots import Shot
from codub.dubbing.takes import TakesStore, takes_folder
from codub.timeline.cues import Cue
from codub_panel.project.later import Later
from codub_panel.project.outlet import ProjectOutlet
from codub_panel.project.session import Ground, Job, Line, PanelSession


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
    with _undisturbed():
        opened = open_lines(request)
        placement = opened.placement
        session = PanelSession(
            [_line(cue, opened.shoot) for cue in opened.cues],
            TakesStore.open(takes_folder(output)),
            Job(project, lines, output, language, None if source_lines is None else source_lines.absolute()),
            Ground(placement.rate, placement.global_start, placement, opened.shoot, opened.notes),
        )
    return session, ProjectOutlet(request, session)


def _line(cue: Cue, shoot: Callable[[Cue], Shot]) -> Line:
    """A row; where its clips lie is worked out when somebody looks, unless they alone say who speaks."""
    if not cue.speaker:
        shot = shoot(cue)
        return Line(shot.cue, shot.voice, shot.parts, shot.audio_parts)
    shot_once = cache(lambda: shoot(cue))
    return Line(cue, cue.speaker, Later(lambda: shot_once().parts), Later(lambda: shot_once().audio_parts))


@contextmanager
def _undisturbed() -> Iterator[None]:
    """No garbage collection: of ten thousand lines it took a fifth of the time, looking at what is being made."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
