"""Takes onto the timeline: everything the store holds, on the timeline as the user has it now."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio

from codub.dubbing.beds import write_bed
from codub.dubbing.marking import mark_written
from codub.dubbing.opening import DubProject
from codub.dubbing.record import AUDIO, TakeRecord, line_name, picture_clip_name, picture_role
from codub.dubbing.takes import TakesStore
from codub.errors import CodubError
from codub.timeline.cues import Cue
from codub.timeline.placed import PlacedClip, Placement
from codub.timeline.references import rebase
from codub.timeline.spans import Spans, difference, intersection, union
from codub.timeline.write import Bed, Detail, Dub, PictureTake, VoiceTake, add_dub, save_timeline
from codub.timing import DELIVERY_RATE, seconds_to_samples

WriteBed = Callable[[Path, PlacedClip, Spans], None]
"""Makes the file of a bed, or only finds out whether it could be made; see `write_bed`."""


@dataclass(frozen=True)
class _Language:
    """The takes of one language, and which of them is chosen for each cue."""

    code: str
    records: tuple[TakeRecord, ...]
    selected: dict[int, int]

    @property
    def playing(self) -> list[TakeRecord]:
        """The chosen takes."""
        return [r for r in self.records if self.selected.get(r.cue) == r.take]


@dataclass(frozen=True)
class _Sources:
    """What a dub is put together from."""

    project: DubProject
    store: TakesStore
    bed: WriteBed


def write_timeline(project: DubProject, store: TakesStore, output: Path) -> list[str]:
    """Write the project's timeline with all takes of the store, the chosen ones active; returns what needs saying.

    Raises:
        ProjectError: the timeline cannot be written.
    """
    timeline, notes = compose_timeline(project, store, output, write_bed)
    save_timeline(timeline, output)
    mark_written(output, store.folder)
    return notes


def compose_timeline(
    project: DubProject, store: TakesStore, output: Path, bed: WriteBed
) -> tuple[otio.schema.Timeline, list[str]]:
    """The timeline as it is to be written to `output`, and what needs saying; `bed` makes the files of beds."""
    notes: list[str] = []
    timeline = project.project.timeline.clone()
    rebase(timeline, project.project.media.base, output.absolute().parent)
    for language in _languages(store, last=project.language):
        add_dub(timeline, _dub(language, _Sources(project, store, bed), notes), output.absolute().parent)
    return timeline, notes


def _languages(store: TakesStore, last: str) -> Iterator[_Language]:
    """All languages that have takes; the one that shall be shown comes last."""
    codes = {record.language for record in store.list()}
    for code in sorted(codes, key=lambda code: (code == last, code)):
        records = store.list(language=code)
        selected = {}
        for cue in {record.cue for record in records}:
            chosen = store.selected(cue, code)
            if chosen is not None:
                selected[cue] = chosen.take
        yield _Language(code, records, selected)


def _dub(language: _Language, sources: _Sources, notes: list[str]) -> Dub:
    project, store = sources.project, sources.store
    placement = project.plan.placement
    cues = {cue.number: cue for cue in project.cues if cue.language == language.code}
    voices = tuple(_voice(record, cues.get(record.cue), store) for record in language.records)
    pictures = tuple(_pictures(language, placement, store, notes))
    kept = union((cue.start, cue.end) for cue in cues.values() if cue.number not in language.selected)
    beds, muted = _beds(language, sources, difference(_silenced(language), kept), notes)
    back = frozenset(record.cue for record in language.records) - language.selected.keys()
    return Dub(language.code, voices, pictures, beds, muted, language.selected, back)


def _voice(record: TakeRecord, cue: Cue | None, store: TakesStore) -> VoiceTake:
    end = record.start + record.duration
    spoken = cue or Cue(record.cue, record.text, record.language, record.speaker, record.start, end)
    details: dict[str, Detail] = {"seed": record.seed, "profile": record.profile, "text": record.text, **record.scores}
    samples = seconds_to_samples(record.duration, DELIVERY_RATE)
    file = store.path(record, AUDIO)
    assert file is not None, "every take has a voice"
    state = record.state.value
    return VoiceTake(spoken, record.take, file, record.start, samples, DELIVERY_RATE, state, details)


def _pictures(language: _Language, placement: Placement, store: TakesStore, notes: list[str]) -> Iterator[PictureTake]:
    clips = {picture_role(clip.address): clip for clip in placement.of_kind("video")}
    names = {line_name(record): record for record in language.records}
    for record in language.records:
        for file in record.files:
            if not file.role.startswith("video"):
                continue
            clip = clips.get(file.role)
            if clip is None or record.settings.get(f"{file.role}.clip") != picture_clip_name(clip):
                notes.append(
                    f"The picture of cue {record.cue} take {record.take} is not on the timeline: "
                    "its clip was changed since. Dub the cue again."
                )
                continue
            shown = [names[name] for name in str(record.settings[f"{file.role}.lines"]).split() if name in names]
            takes = {r.cue: r.take for r in shown} | {record.cue: record.take}
            yield PictureTake(clip, store.folder / file.path, takes)


def _beds(
    language: _Language, sources: _Sources, spoken: Spans, notes: list[str]
) -> tuple[tuple[Bed, ...], tuple[PlacedClip, ...]]:
    """Original dialogue under the dubbed lines, without them; a clip that cannot be read is switched off."""
    beds: list[Bed] = []
    muted: list[PlacedClip] = []
    for clip in sources.project.plan.placement.of_kind("audio"):
        silenced = intersection(spoken, ((clip.start, clip.end),))
        if clip.bed or not silenced:
            continue
        path = sources.store.folder / "beds" / f"{'-'.join(map(str, clip.address))}_{language.code}.wav"
        try:
            sources.bed(path, clip, silenced)
            beds.append(Bed(clip, path))
        except CodubError as error:
            notes.append(f"The sound of clip '{clip.name}' is switched off in the dub: {error}")
            muted.append(clip)
    return tuple(beds), tuple(muted)


def _silenced(language: _Language) -> Spans:
    """When the original is not heard: while the original line of a chosen take, or the take, is spoken."""
    return union(_span(record) for record in language.playing)


def _span(record: TakeRecord) -> tuple[Fraction, Fraction]:
    stated = record.settings.get("silenced")
    if isinstance(stated, str) and stated:
        start, end = stated.split()
        return Fraction(start), Fraction(end)
    return record.start, record.start + record.duration
