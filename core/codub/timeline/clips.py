"""Flattens a timeline: every clip that plays, on the timeline's own clock, by exact arithmetic.

Tracks lie on top of each other: of the pictures at one instant the topmost is seen, all sound is heard. Generators
(titles, bars) are taken to be transparent; a clip whose media is missing still hides what lies below it.
"""

import dataclasses
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from codub.errors import CodubError, MediaError, ProjectError
from codub.timeline.metadata import is_bed, is_dub, original_key, speaker_of, was_enabled
from codub.timeline.placed import Address, ClipProblem, Kind, PlacedClip, Placement
from codub.timeline.read import Project
from codub.timeline.sources import ClockOf, no_clock, original_reference, picture_rate, used_part
from codub.timeline.spans import Span, Spans, difference, intersection, union
from codub.timeline.times import exact_seconds
from codub.timing import timecode

MAX_DEPTH = 50
_ZERO = Fraction(0)
_UNKNOWN_LENGTH = (
    "its length is stated nowhere, so nothing after it on its track can be placed; "
    "give it a source range, or its media an available range"
)


class _UnknownLengthError(ValueError):
    """An item's length is stated nowhere."""


@dataclass(frozen=True)
class _Slot:
    """Where an item goes: its own zero of time on the timeline, the span it plays in, and what is still uncovered."""

    item: otio.core.Item
    address: Address
    track: str
    kind: Kind
    start: Fraction  # of the item's trimmed range, on the timeline
    span: Span  # what of it plays, transition handles included
    free: Spans
    obstacle: str = ""  # why nothing inside can be dubbed
    bed: bool = False


@dataclass
class _Found:
    clips: list[PlacedClip] = field(default_factory=list)
    problems: list[ClipProblem] = field(default_factory=list)


def place_clips(project: Project, clock_of: ClockOf = no_clock) -> Placement:
    """Every clip of the project that plays, and every one that cannot be used, with the reason.

    The original media counts, whichever take is active; dubbed tracks of an earlier run are left out, and original
    dialogue that such a run switched off counts as on. `clock_of` is asked about media whose available range the
    timeline does not state.

    Raises:
        ProjectError: the timeline itself states an impossible time, or is nested too deep.
    """
    try:
        return _placement(project, clock_of)
    except (ValueError, RecursionError) as error:
        raise ProjectError(
            f"The timeline '{project.path}' cannot be laid out.",
            cause=str(error),
            fix="Export it again from the editor.",
        ) from error


def _placement(project: Project, clock_of: ClockOf) -> Placement:
    tracks = project.timeline.tracks
    start = project.timeline.global_start_time
    rate = picture_rate(project.timeline)
    global_start = exact_seconds(start) if start is not None else _ZERO
    placing = _Placing(project, clock_of, rate, global_start)
    duration = placing.length(tracks)
    span = (_ZERO, duration)
    placing.stack(_Slot(tracks, (), "", "video", _ZERO, span, (span,) if duration else ()))
    return Placement(
        tuple(sorted(placing.found.clips, key=lambda clip: (clip.visible[0], clip.address))),
        tuple(sorted(placing.found.problems, key=lambda problem: problem.start)),
        rate,
        duration,
        global_start,
    )


def item_at(timeline: otio.schema.Timeline, address: Address) -> otio.core.Item:
    """The item of a timeline that lies at an address."""
    item = timeline.tracks
    for index in address:
        item = item[index]
    return item


class _Placing:
    """One walk over a timeline."""

    def __init__(self, project: Project, clock_of: ClockOf, rate: Fraction, global_start: Fraction) -> None:
        self.project = project
        self.clock_of = clock_of
        self.rate = rate
        self.global_start = global_start
        self.found = _Found()
        self._located: dict[str, Path] = {}

    def length(self, item: otio.core.Composable) -> Fraction:
        """Exact length of an item; 0 for what takes no time."""
        if isinstance(item, otio.schema.Transition):
            return _ZERO
        if item.source_range is not None:
            return exact_seconds(item.source_range.duration)
        if isinstance(item, otio.schema.Track):
            return sum((self._length_or_nothing(child) for child in item), _ZERO)
        if isinstance(item, otio.schema.Stack):
            return max((self._length_or_nothing(child) for child in item if not is_dub(child)), default=_ZERO)
        reference = original_reference(item)
        if reference is not None and reference.available_range is not None:
            return exact_seconds(reference.available_range.duration)
        try:
            clock = self.clock_of(self._media(item, reference))
        except CodubError as error:
            raise _UnknownLengthError from error
        if clock is None:
            raise _UnknownLengthError
        return clock.duration

    def _length_or_nothing(self, item: otio.core.Composable) -> Fraction:
        try:
            return self.length(item)
        except ValueError:
            return _ZERO

    def item(self, slot: _Slot) -> Spans:
        """Place whatever the slot holds; what of the free spans it hides."""
        item = slot.item
        if not was_enabled(item) or is_dub(item) or isinstance(item, otio.schema.Gap) or slot.span[0] >= slot.span[1]:
            return ()
        if len(slot.address) > MAX_DEPTH:
            raise ProjectError("The timeline is refused.", cause=f"It is nested more than {MAX_DEPTH} deep.")
        obstacle = slot.obstacle or _time_effect(item)
        if obstacle != slot.obstacle:
            slot = dataclasses.replace(slot, obstacle=obstacle)
        if isinstance(item, otio.schema.Track):
            return self.track(dataclasses.replace(slot, bed=slot.bed or is_bed(item)))
        if isinstance(item, otio.schema.Stack):
            return self.stack(slot)
        return self.clip(slot)

    def stack(self, slot: _Slot) -> Spans:
        """Place the children on top of each other, the last one topmost."""
        zero = slot.start - _source_start(slot.item)
        covered: Spans = ()
        for index, child in reversed(list(enumerate(slot.item))):
            kind = _kind(child, slot.kind)
            if kind is None:
                continue
            length = self._length_or_nothing(child)
            span = (max(slot.span[0], zero), min(slot.span[1], zero + length))
            free = difference(slot.free, covered) if kind == "video" else (slot.span,)
            hidden = self.item(
                dataclasses.replace(
                    slot,
                    item=child,
                    address=(*slot.address, index),
                    track=slot.track or _track_name(child, index, kind),
                    kind=kind,
                    start=zero,
                    span=span,
                    free=intersection(free, (span,)),
                )
            )
            if kind == "video":
                covered = union((*covered, *hidden))
        return covered

    def track(self, slot: _Slot) -> Spans:
        """Place the children one after the other; transitions lend them handles and take no time."""
        at = slot.start - _source_start(slot.item)
        covered: list[Span] = []
        children = list(slot.item)
        for index, child in enumerate(children):
            if isinstance(child, otio.schema.Transition):
                continue
            address = (*slot.address, index)
            try:
                length = self.length(child)
                head, tail = _handles(children, index)
            except ValueError:
                slot = dataclasses.replace(slot, address=address)
                self._report(slot, child, (at, slot.span[1]), _UNKNOWN_LENGTH, self._media_named(child))
                break
            span = (max(slot.span[0], at - head), min(slot.span[1], at + length + tail))
            free = intersection(slot.free, (span,))
            inner = dataclasses.replace(slot, item=child, address=address, start=at, span=span, free=free)
            covered.extend(self.item(inner))
            at += length
        return union(covered)

    def clip(self, slot: _Slot) -> Spans:
        """Place one clip, or say why not."""
        item = slot.item
        reference = original_reference(item)
        if not slot.free or isinstance(reference, otio.schema.GeneratorReference):
            return ()
        reason, media = slot.obstacle or _unusable(reference), ""
        if not reason:
            try:
                self._place(slot, reference)
            except CodubError as error:
                reason, media = str(error), self._media_named(item)
            except ValueError as error:
                reason = f"its times are unusable: {error}"
        if reason:
            self._report(slot, item, slot.span, reason, media)
        return slot.free

    def _place(self, slot: _Slot, reference: Any) -> None:
        clip = slot.item
        media = self._media(clip, reference)
        available = reference.available_range
        clock = self.clock_of(media) if available is None else None
        part = used_part(clip, available, clock, slot.kind, slot.start, slot.span)
        visible = intersection(slot.free, ((part.start, part.end),))
        if visible:
            self.found.clips.append(
                PlacedClip(
                    address=slot.address,
                    name=clip.name or media.stem,
                    track=slot.track,
                    kind=slot.kind,
                    media=media,
                    reference=original_key(clip),
                    rate=part.rate,
                    media_start=part.media_start,
                    source_start=part.source_start,
                    start=part.start,
                    end=part.end,
                    visible=visible,
                    speaker=speaker_of(clip),
                    bed=slot.bed,
                )
            )

    def _media(self, clip: otio.schema.Clip, reference: Any) -> Path:
        if isinstance(reference, otio.schema.ExternalReference):
            url = reference.target_url
            if url not in self._located:  # a film is cut into many clips, and following its links takes 0.1 ms
                self._located[url] = self.project.media.locate(url)
            return self._located[url]
        found = self.project.media.find(clip.name)
        if found is None:
            raise MediaError("its media is missing.", fix="Link it again in the editor.")
        return found

    def _media_named(self, item: otio.core.Item) -> str:
        """The file that an item's media should be, by the name that it can be linked again under."""
        reference = original_reference(item)
        if isinstance(reference, otio.schema.ExternalReference):
            return self.project.media.named(reference.target_url)
        return str(item.name) if isinstance(reference, otio.schema.MissingReference) else ""

    def _report(self, slot: _Slot, item: otio.core.Item, span: Span, reason: str, media: str = "") -> None:
        at = timecode(self.global_start + span[0], self.rate)
        name = item.name or f"number {slot.address[-1] + 1}"
        self.found.problems.append(ClipProblem(name, slot.track, slot.kind, *span, at, reason, media))


def _unusable(reference: otio.core.MediaReference | None) -> str:
    if isinstance(reference, otio.schema.ImageSequenceReference):
        return "its media is an image sequence; make a movie file of it"
    if not isinstance(reference, otio.schema.ExternalReference | otio.schema.MissingReference):
        return f"its media is of a kind that cannot be read ({type(reference).__name__})"
    return ""


def _source_start(item: otio.core.Item) -> Fraction:
    return exact_seconds(item.source_range.start_time) if item.source_range is not None else _ZERO


def _handles(children: list[otio.core.Composable], index: int) -> tuple[Fraction, Fraction]:
    """Seconds that transitions show before a child's start and after its end."""
    before = children[index - 1] if index else None
    after = children[index + 1] if index + 1 < len(children) else None
    head = exact_seconds(before.in_offset) if isinstance(before, otio.schema.Transition) else _ZERO
    tail = exact_seconds(after.out_offset) if isinstance(after, otio.schema.Transition) else _ZERO
    return head, tail


def _kind(child: otio.core.Composable, outer: Kind) -> Kind | None:
    """What a stack's child is inside something that is seen or heard; None for what neither is."""
    if not isinstance(child, otio.schema.Track):
        return outer
    if child.kind == otio.schema.TrackKind.Audio:
        return "audio"
    return "video" if child.kind == otio.schema.TrackKind.Video and outer == "video" else None


def _track_name(child: otio.core.Composable, index: int, kind: Kind) -> str:
    return child.name or f"{kind} track {index + 1}"


def _time_effect(item: otio.core.Item) -> str:
    effects = item.effects
    for effect in effects if len(effects) else ():  # the end of OTIO's own iteration takes 50 µs
        if isinstance(effect, otio.schema.FreezeFrame):
            return "it is a freeze frame, which has no time of its own to dub"
        if isinstance(effect, otio.schema.LinearTimeWarp):
            if effect.time_scalar != 1:
                return f"it plays at {effect.time_scalar:g} times its speed; render it at its new speed first"
        elif isinstance(effect, otio.schema.TimeEffect):
            return f"it has the time effect '{effect.effect_name or effect.name}'; render it first"
    return ""
