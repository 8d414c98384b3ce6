"""The lines of one open project and who watches them: the ground that queue and edits stand on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from codub.dubbing.record import TakeRecord
from codub.dubbing.shots import Shot
from codub.dubbing.takes import TakesStore
from codub.media.clock import clock_timecode
from codub.timeline.cues import Cue
from codub.timeline.placed import Placement
from codub_panel.project.edits import UNTOUCHED, LineEdit, LineEdits
from codub_panel.project.journal import Journal, Remembered
from codub_panel.project.line import Line

Watcher = Callable[[int | None], None]
"""Called with the row that changed, or None when any may have."""

Reshoot = Callable[[Cue], Shot]
"""Pictures and sound of a cue whose times were changed."""


@dataclass(frozen=True)
class Job:
    """What is dubbed: files as the user named them; `language` of the lines, None: as their name says."""

    project: Path
    lines: Path
    output: Path
    language: str | None = None
    source_lines: Path | None = None
    profile: str = "embedded"


@dataclass(frozen=True)
class Ground:
    """What the lines stand on: the timeline's picture rate and the timecode of its start in seconds.

    `placement` is all that plays on the timeline, and what cannot; `notes` what was wrong with the files.
    """

    rate: Fraction
    start: Fraction = Fraction(0)
    placement: Placement | None = None
    reshoot: Reshoot | None = None
    notes: tuple[str, ...] = ()


class Board:
    """Lines, their takes and their edits, in step with the takes store and the disk."""

    def __init__(self, lines: Sequence[Line], store: TakesStore, job: Job, ground: Ground) -> None:
        self.store = store
        self.job = job
        self.rate = ground.rate
        self.start = ground.start
        self.notes = ground.notes
        self.placement = ground.placement
        self.edits = LineEdits(store.folder)
        self.language = lines[0].cue.language if lines else job.language or ""
        self._original = {line.cue.number: line for line in lines}
        self._rows = {line.cue.number: row for row, line in enumerate(lines)}
        self._reshoot = ground.reshoot
        self._journal = Journal(store.folder, self.language)
        self._remembered = self._journal.read()
        self._watchers: list[Watcher] = []
        self._revision = -1
        self.lines = [self._edited(line.cue.number, line) for line in lines]
        self.refresh()

    def watch(self, watcher: Watcher) -> None:
        """Tell `watcher` of every change from now on."""
        self._watchers.append(watcher)

    def row(self, number: int) -> int:
        """Row of a cue."""
        return self._rows[number]

    def line(self, number: int) -> Line:
        """The line of a cue as it stands now."""
        return self.lines[self._rows[number]]

    def original(self, number: int) -> Cue:
        """The cue as the subtitles have it."""
        return self._original[number].cue

    def timecode(self, seconds: Fraction) -> str:
        """Timeline time as the editor's clock shows it."""
        return clock_timecode(self.start + seconds, self.rate)

    def spoken_lines(self) -> Path:
        """The subtitles to dub: the user's, or a copy beside the takes where texts or times were edited."""
        lines = self.job.lines
        return self.edits.write_subtitles(lines.stem, [line.cue for line in self.lines]) if self.edits else lines

    def refresh(self) -> None:
        """Take in what other processes put into the store since the last call; cheap when that is nothing."""
        revision = self.store.revision()
        if revision == self._revision:
            return
        self._revision = revision
        takes: dict[tuple[int, str], list[TakeRecord]] = {}
        for record in self.store.list():
            takes.setdefault((record.cue, record.language), []).append(record)
        chosen = self.store.selections()
        changed = []
        for row, line in enumerate(self.lines):
            key = (line.cue.number, line.cue.language)
            if self._take_in(row, tuple(takes.get(key, ())), chosen.get(key)):
                changed.append(row)
        if changed:
            self._tell(changed[0] if len(changed) == 1 else None)

    def clean_up(self) -> None:
        """Remove what a worker that died has left half made; its finished takes stay."""
        self.store.sweep()

    def _take_in(self, row: int, takes: tuple[TakeRecord, ...], chosen: TakeRecord | None) -> bool:
        line = self.lines[row]
        if line.takes == takes and line.chosen == chosen:
            return False
        heard = line.heard if len(takes) <= len(line.takes) else None
        self.lines[row] = replace(line, takes=takes, chosen=chosen, heard=heard)
        return True

    def _changed(self, number: int) -> None:
        """Look again at one line's takes after this process changed them."""
        row, language = self.row(number), self.line(number).cue.language
        self._take_in(row, self.store.list(number, language), self.store.selected(number, language))
        self._tell(row)

    def _put_edit(self, number: int, edit: LineEdit) -> None:
        """Make an edit the one that counts: on the disk first, then in the row."""
        self.edits.put(self.original(number), edit)
        row = self.row(number)
        self.lines[row] = replace(self._edited(number, self.lines[row]), problem="")
        self._tell(row)

    def _edited(self, number: int, line: Line) -> Line:
        came = self._original[number]
        edit = self.edits.of(came.cue)
        if edit is UNTOUCHED and line is came and str(number) not in self._remembered.marks:
            return line
        cue, parts, sounds = edit.applied(came.cue), came.parts, came.sounds
        if "window" in edit.changes() and self._reshoot is not None:
            if (cue.start, cue.end) == (line.cue.start, line.cue.end):
                parts, sounds = line.parts, line.sounds
            else:
                shot = self._reshoot(cue)
                parts, sounds = shot.parts, shot.audio_parts
        marks = self._remembered.marks.get(str(number), (0, 0))
        return replace(
            line,
            cue=cue,
            parts=parts,
            sounds=sounds,
            delivery=edit.delivery,
            comment=edit.comment,
            edited=edit.changes(),
            marks=(marks[0] or None, marks[1] or None),
        )

    def _remember(self, **changes: Any) -> None:
        remembered: Remembered = replace(self._remembered, **changes)
        if remembered != self._remembered:
            self._journal.write(remembered)
            self._remembered = remembered

    def _set(self, number: int, **changes: Any) -> None:
        """Other values for a row; the watchers are not told."""
        row = self.row(number)
        self.lines[row] = replace(self.lines[row], **changes)

    def _tell(self, row: int | None) -> None:
        for watcher in self._watchers:
            watcher(row)
