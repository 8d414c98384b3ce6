"""What differs between two states of one timeline, clip by clip, in the words of an editor."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import opentimelineio as otio

from codub.timeline.metadata import is_dub, original_key, ours
from codub.timeline.times import exact_seconds
from codub.timeline.voice_tracks import voice_tracks


class ChangeKind(StrEnum):
    """What sort of change it is."""

    PICTURE = "picture"  # another reference of a picture clip becomes active
    SOUND = "sound"  # another reference of a sound clip becomes active, or it is switched off or on
    TAKES = "takes"  # further references beside the active one
    TRACK = "track"  # a track is new, gone, on or off
    VOICE = "voice"  # a dubbed line is new, gone, moved, or another take of it plays
    MARKER = "marker"
    EDIT = "edit"  # a clip that is not ours was added, removed or trimmed
    RECORD = "record"  # only what codub notes for itself


@dataclass(frozen=True)
class TimelineChange:
    """One change: of what (`item` on `track`), from what to what, at which second of the timeline.

    `before` and `after` are "" where there is nothing. The original media is called "original".
    """

    kind: ChangeKind
    item: str
    track: str
    before: str
    after: str
    at: Fraction = Fraction(0)

    def __str__(self) -> str:
        where = f"{self.item} on {self.track}" if self.track else self.item
        if not self.before:
            return f"{where}: {self.after}"
        return f"{where}: {self.after or 'gone'} (was {self.before})"


def changes_between(before: otio.schema.Timeline, after: otio.schema.Timeline) -> tuple[TimelineChange, ...]:
    """Everything that differs, in order of time; empty only where the two are equivalent in OTIO's own sense."""
    found = [*_track_changes(before, after), *_clip_changes(before, after), *_voice_changes(before, after)]
    if not found and not before.is_equivalent_to(after):
        found.append(TimelineChange(ChangeKind.RECORD, "timeline", "", "", "codub's notes are brought up to date"))
    return tuple(sorted(found, key=lambda change: (change.kind is not ChangeKind.TRACK, change.at)))


# Tracks


def _track_changes(before: otio.schema.Timeline, after: otio.schema.Timeline) -> Iterator[TimelineChange]:
    old, new = _tracks(before), _tracks(after)
    for key in dict.fromkeys([*old, *new]):
        was, now = old.get(key), new.get(key)
        states = _track_state(was), _track_state(now)
        if states[0] != states[1]:
            name = next(track.name for track in (now, was) if track is not None)
            yield TimelineChange(ChangeKind.TRACK, name or f"track {key[1] + 1}", "", *states)


def _tracks(timeline: otio.schema.Timeline) -> dict[tuple[str, int], otio.schema.Track]:
    """The top tracks: those of a dub by their language and number, the others by their place."""
    found: dict[tuple[str, int], otio.schema.Track] = {}
    for place, track in enumerate(track for track in timeline.tracks if not is_dub(track)):
        found["", place] = track
    languages: dict[str, int] = {}
    for track in voice_tracks(timeline):
        language = str(ours(track).get("language", ""))
        found[language, languages.get(language, 0)] = track
        languages[language] = languages.get(language, 0) + 1
    return found


def _track_state(track: otio.schema.Track | None) -> str:
    if track is None:
        return ""
    return "on" if track.enabled else "off"


# Clips of the user's


@dataclass(frozen=True)
class _Placed:
    clip: otio.schema.Clip
    track: str
    picture: bool
    at: Fraction


def _clip_changes(before: otio.schema.Timeline, after: otio.schema.Timeline) -> Iterator[TimelineChange]:
    old, new = _clips(before), _clips(after)
    for address in sorted(old.keys() | new.keys()):
        was, now = old.get(address), new.get(address)
        if was is None or now is None or not _same_edit(was, now):
            placed = now or was
            assert placed is not None
            yield _change(placed, ChangeKind.EDIT, *("" if each is None else _edit(each) for each in (was, now)))
        if was is not None and now is not None:
            yield from _switches(was, now)


def _switches(was: _Placed, now: _Placed) -> Iterator[TimelineChange]:
    plays = _plays(was.clip), _plays(now.clip)
    if plays[0] != plays[1]:
        yield _change(now, ChangeKind.PICTURE if now.picture else ChangeKind.SOUND, *plays)
    old, new = was.clip.media_references(), now.clip.media_references()
    added = sorted(key for key in new if key not in old)
    gone = sorted(key for key in old if key not in new)
    altered = sorted(key for key in new if key in old and not old[key].is_equivalent_to(new[key]))
    if added:
        yield _change(now, ChangeKind.TAKES, "", f"+ {', '.join(added)}")
    if gone:
        yield _change(now, ChangeKind.TAKES, ", ".join(gone), "")
    if altered:
        yield _change(now, ChangeKind.TAKES, "", f"record of {', '.join(altered)}")
    yield from _marker_changes(now, was.clip, now.clip)


def _marker_changes(place: _Placed, was: otio.schema.Clip, now: otio.schema.Clip) -> Iterator[TimelineChange]:
    old, new = ([f"{marker.name} ({marker.color})" for marker in clip.markers] for clip in (was, now))
    if old != new:
        yield _change(place, ChangeKind.MARKER, ", ".join(old), ", ".join(new))


def _change(placed: _Placed, kind: ChangeKind, before: str, after: str) -> TimelineChange:
    return TimelineChange(kind, placed.clip.name or "clip", placed.track, before, after, placed.at)


def _plays(clip: otio.schema.Clip) -> str:
    if not clip.enabled:
        return "off"
    active = clip.active_media_reference_key
    return "original" if active == original_key(clip) else str(active)


def _same_edit(was: _Placed, now: _Placed) -> bool:
    return (was.clip.name, was.at, _edit(was)) == (now.clip.name, now.at, _edit(now))


def _edit(placed: _Placed) -> str:
    used = placed.clip.source_range
    if used is None:
        return "its whole media"
    return f"{float(exact_seconds(used.start_time)):.3f} s + {float(exact_seconds(used.duration)):.3f} s"


def _clips(timeline: otio.schema.Timeline) -> dict[tuple[int, ...], _Placed]:
    """All clips that are not a dub's, by their address."""
    found: dict[tuple[int, ...], _Placed] = {}
    places = [track for track in timeline.tracks if not is_dub(track)]
    for place, track in enumerate(places):
        picture = getattr(track, "kind", "") != otio.schema.TrackKind.Audio
        at = Fraction(0)
        for number, child in enumerate(track):
            clips = [child] if isinstance(child, otio.schema.Clip) else _inside(child)
            for inner, clip in enumerate(clips):
                found[place, number, inner] = _Placed(clip, track.name or f"track {place + 1}", picture, at)
            at += _length(child)
    return found


def _inside(child: otio.core.Composable) -> list[otio.schema.Clip]:
    return list(child.find_clips()) if isinstance(child, otio.core.Composition) else []


def _length(child: otio.core.Composable) -> Fraction:
    if isinstance(child, otio.schema.Transition):
        return Fraction(0)
    if child.source_range is not None:
        return exact_seconds(child.source_range.duration)
    try:
        return exact_seconds(child.duration())
    except (ValueError, otio.exceptions.OTIOError):  # its length is stated nowhere
        return Fraction(0)


# Dubbed lines


@dataclass(frozen=True)
class _Voice:
    clip: otio.schema.Clip
    track: str
    at: Fraction

    @property
    def placed(self) -> _Placed:
        return _Placed(self.clip, self.track, False, self.at)

    @property
    def plays(self) -> str:
        if not self.clip.enabled:
            return "original"
        return f"{self.clip.active_media_reference_key} at {float(self.at):.3f} s"


def _voice_changes(before: otio.schema.Timeline, after: otio.schema.Timeline) -> Iterator[TimelineChange]:
    old, new = _voices(before), _voices(after)
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key), new.get(key)
        voice = now or was
        assert voice is not None
        plays = was.plays if was else "", now.plays if now else ""
        tracks = was and was.track, now and now.track
        if plays[0] != plays[1] or tracks[0] != tracks[1]:
            yield _change(voice.placed, ChangeKind.VOICE, *plays)
        if was and now:
            for change in _switches(was.placed, now.placed):
                if change.kind in (ChangeKind.TAKES, ChangeKind.MARKER):
                    yield change
        elif now:
            yield from _marker_changes(now.placed, otio.schema.Clip(), now.clip)


def _voices(timeline: otio.schema.Timeline) -> dict[tuple[str, int], _Voice]:
    found: dict[tuple[str, int], _Voice] = {}
    for track in voice_tracks(timeline):
        at = Fraction(0)
        for child in track:
            cue = ours(child).get("cue")
            if isinstance(child, otio.schema.Clip) and isinstance(cue, int):
                found[str(ours(track).get("language", "")), cue] = _Voice(child, track.name, at)
            at += _length(child)
    return found
