"""The preview of a dubbed timeline: what the original shows on the left, what the dub shows on the right."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio

from codub.dubbing.record import AUDIO, TakeRecord
from codub.dubbing.takes import TakesStore, takes_folder
from codub.export.mix import Mix
from codub.export.preview import Preview, render_preview
from codub.export.programme import Caption, PlacedSound, Segment
from codub.timeline.clips import item_at, place_clips
from codub.timeline.media_links import MediaFolders
from codub.timeline.metadata import ours
from codub.timeline.placed import PlacedClip, Placement
from codub.timeline.read import Project, read_timeline
from codub.timeline.references import bed_key, takes_in
from codub.timing import seconds_to_frames

Progress = Callable[[float, str], None]


def render(dubbed: Path, target: Path, progress: Progress, *, media_folders: Sequence[Path] = ()) -> None:
    """Write the preview (.mp4) of a dubbed timeline; it lasts as long as the timeline, frame for frame.

    Raises:
        ProjectError: the timeline cannot be read.
        TakesError: it was never dubbed.
        MediaError: media cannot be read or written.
    """
    project = read_timeline(dubbed, allow_media=(*media_folders, takes_folder(dubbed)))
    placement = place_clips(project)
    language = str(ours(project.timeline).get("shown", ""))
    with TakesStore.open(takes_folder(dubbed), read_only=True) as store:
        playing = _playing(store, language)
        lines = tuple(_line(record, store) for record in playing)
    preview = Preview(
        original=tuple(_segments(placement, lambda clip: (clip.media, clip.first_frame))),
        dub=tuple(_segments(placement, lambda clip: _dubbed(clip, project, language))),
        captions=tuple(_caption(record, project, language) for record in playing),
        mix=_mix(project, placement, language, lines),
        start=placement.global_start,
    )
    render_preview(target, preview, progress)


def _playing(store: TakesStore, language: str) -> list[TakeRecord]:
    chosen = [store.selected(cue, language) for cue in sorted({r.cue for r in store.list(language=language)})]
    return [record for record in chosen if record is not None]


def _segments(placement: Placement, shown: Callable[[PlacedClip], tuple[Path, int]]) -> Iterator[Segment]:
    """The whole timeline as pieces of media; `shown` names the file and the number of the clip's first frame in it."""
    spans = sorted((span, clip) for clip in placement.of_kind("video") for span in clip.visible)
    at = 0
    for (start, end), clip in spans:
        first, last = (seconds_to_frames(second, placement.rate) for second in (start, end))
        if first > at:
            yield Segment(None, 0, first - at)
        media, offset = shown(clip)
        into = seconds_to_frames(start - clip.start, clip.rate)
        yield Segment(media, offset + into, last - max(first, at))
        at = max(last, at)
    total = seconds_to_frames(placement.duration, placement.rate)
    if total > at:
        yield Segment(None, 0, total - at)


def _dubbed(clip: PlacedClip, project: Project, language: str) -> tuple[Path, int]:
    """The take that plays on a clip, whose first frame stands for the clip's; else the original."""
    reference = item_at(project.timeline, clip.address).media_reference
    if not takes_in(reference, language):
        return clip.media, clip.first_frame
    return _file(reference, project.media), 0


def _mix(project: Project, placement: Placement, language: str, lines: tuple[PlacedSound, ...]) -> Mix:
    beds: list[PlacedSound] = []
    originals: list[PlacedSound] = []
    for clip in placement.of_kind("audio"):
        item = item_at(project.timeline, clip.address)
        if not clip.bed and item.active_media_reference_key == bed_key(language):
            beds.append(PlacedSound(_file(item.media_reference, project.media), clip.start, clip.duration))
        elif item.enabled:
            (beds if clip.bed else originals).append(
                PlacedSound(clip.media, clip.start, clip.duration, clip.media_start)
            )
    return Mix(placement.duration, tuple(beds), tuple(originals), lines)


def _line(record: TakeRecord, store: TakesStore) -> PlacedSound:
    store.verify(record)
    file = store.path(record, AUDIO)
    assert file is not None, "every take has a voice"
    return PlacedSound(file, record.start, record.duration)


def _caption(record: TakeRecord, project: Project, language: str) -> Caption:
    cue = ours(project.timeline).get("cues", {}).get(language, {}).get(str(record.cue), {})
    end = Fraction(str(cue["end"])) if "end" in cue else record.start + record.duration
    return Caption(record.start, end, str(cue.get("source_text", "")), record.text)


def _file(reference: otio.schema.ExternalReference, media: MediaFolders) -> Path:
    return media.locate(reference.target_url)
