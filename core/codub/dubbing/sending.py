"""Sending a dub back to the editor: what writing the timeline will change, listed before and told after."""

from dataclasses import dataclass
from pathlib import Path

import opentimelineio as otio

from codub.dubbing.beds import check_bed, write_bed
from codub.dubbing.marking import mark_written
from codub.dubbing.opening import DubProject
from codub.dubbing.takes import TakesStore
from codub.dubbing.writing import compose_timeline
from codub.timeline.changes import TimelineChange, changes_between
from codub.timeline.read import read_timeline
from codub.timeline.references import rebase
from codub.timeline.write import save_timeline


@dataclass(frozen=True)
class Sending:
    """What is, or was, changed in the file `output`. `anew` says that the file was not there before."""

    output: Path
    anew: bool
    changes: tuple[TimelineChange, ...]
    notes: tuple[str, ...]


def list_changes(project: DubProject, store: TakesStore, output: Path) -> Sending:
    """What `send_back` would change now; nothing is written.

    A file that was never written is compared with the project's own timeline.
    """
    timeline, notes = compose_timeline(project, store, output, check_bed)
    before = _before(project, output)
    return Sending(output, not output.is_file(), changes_between(before, timeline), tuple(notes))


def send_back(project: DubProject, store: TakesStore, output: Path) -> Sending:
    """Write the project's timeline with the takes as they are chosen; what that changed.

    Raises:
        ProjectError: the timeline cannot be written.
    """
    before, anew = _before(project, output), not output.is_file()
    timeline, notes = compose_timeline(project, store, output, write_bed)
    save_timeline(timeline, output)
    mark_written(output, store.folder)
    return Sending(output, anew, changes_between(before, read_timeline(output).timeline), tuple(notes))


def _before(project: DubProject, output: Path) -> otio.schema.Timeline:
    if output.is_file():
        return read_timeline(output).timeline
    timeline = project.project.timeline.clone()
    rebase(timeline, project.project.media.base, output.absolute().parent)
    return timeline
