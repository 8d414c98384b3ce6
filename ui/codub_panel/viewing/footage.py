"""What is seen and heard round a line, before and after the dub: which frames of which files, which sounds, where."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from codub.dubbing.record import AUDIO, TakeRecord, picture_role
from codub.dubbing.shots import AudioPart, ShotPart
from codub.dubbing.takes import TakesStore
from codub.timeline.placed import PlacedClip
from codub.timeline.playing import Playing
from codub.timeline.spans import Span, Spans, intersection, union
from codub.timing import frames_to_seconds
from codub_panel.project.session import Line, PanelSession
from codub_panel.shown_path import shown_path

ROLL = Fraction(1)  # s before and after a line that are shown with it
_ZERO = Fraction(0)
_HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Stretch:
    """Frames of the timeline round a line. Frame 0 is the first that shows during the cue; those before it are < 0.

    `start` is timeline second of frame 0, `frames` how many show during the cue, `first` and `end` bound all there is.
    """

    rate: Fraction
    start: Fraction
    frames: int
    first: int
    end: int

    def seconds(self, frame: int | Fraction) -> Fraction:
        """Timeline second at which a frame begins."""
        return self.start + frames_to_seconds(frame, self.rate)

    def frame(self, seconds: Fraction) -> int:
        """Frame that shows at a second of the timeline, be it in the stretch or not."""
        return math.floor((seconds - self.start) * self.rate)

    @property
    def span(self) -> Span:
        """Timeline seconds of all of it."""
        return self.seconds(self.first), self.seconds(self.end)


@dataclass(frozen=True)
class Shown:
    """Frames `first` to `end` (not included) of a stretch, shown from a file whose second `middle` is that of the
    middle of frame `first`; `rate` is the file's."""

    path: Path
    first: int
    end: int
    middle: Fraction
    rate: Fraction

    def number(self, frame: int, rate: Fraction) -> int:
        """Number in the file of the picture that a stretch at `rate` shows at its frame."""
        return math.floor((self.middle + frames_to_seconds(frame - self.first, rate)) * self.rate)


@dataclass(frozen=True)
class Heard:
    """A piece of a sound file: `start` and `duration` in it, heard from `at` of the timeline; seconds."""

    path: Path
    start: Fraction
    duration: Fraction
    at: Fraction


@dataclass(frozen=True)
class Reel:
    """One side of the viewer: what is shown and what is heard.

    dubbed    whether it is a take
    voice     the dubbed line; None where its file is gone, and for the original
    original  the original dialogue
    silenced  when the line replaces the original, or is it, in timeline seconds
    beside    lines dubbed before and after it
    bed       music and effects
    """

    label: str
    stretch: Stretch
    pictures: tuple[Shown, ...]
    original: tuple[Heard, ...]
    bed: tuple[Heard, ...]
    silenced: Spans
    voice: Heard | None = None
    beside: tuple[Heard, ...] = ()
    dubbed: bool = False

    def locate(self, frame: int) -> tuple[Path, int] | None:
        """File and number of the picture at a frame of the stretch; None where there is none."""
        for piece in self.pictures:
            if piece.first <= frame < piece.end:
                return piece.path, piece.number(frame, self.stretch.rate)
        return None


def stretch_of(session: PanelSession, line: Line, roll: Fraction = ROLL) -> Stretch:
    """The frames of a line with `roll` seconds round it, as far as the timeline reaches."""
    rate, cue = session.rate, line.cue
    first, end = math.floor(cue.start * rate), math.ceil(cue.end * rate)
    around = math.ceil(roll * rate)
    last = max(end, math.floor(max((clip.end for clip in _clips(session, line)), default=_ZERO) * rate))
    return Stretch(rate, first / rate, end - first, max(-around, -first), min(end + around, last) - first)


def original_reel(session: PanelSession, line: Line, roll: Fraction = ROLL, label: str = "original") -> Reel:
    """The original pictures and sounds of a line and `roll` seconds round it."""
    stretch = stretch_of(session, line, roll)
    clips = _clips(session, line)
    sounds = [clip for clip in clips if clip.kind == "audio" and not clip.bed]
    beds = [clip for clip in clips if clip.kind == "audio" and clip.bed]
    pictures = [clip for clip in clips if clip.kind == "video"]
    return Reel(
        label=label,
        stretch=stretch,
        pictures=tuple(piece for piece, _ in _placed(pictures, stretch)),
        original=tuple(_heard(sounds or pictures, stretch)),
        bed=tuple(_heard(beds, stretch)),
        silenced=((line.cue.start, line.cue.end),),
    )


def take_reel(session: PanelSession, line: Line, take: TakeRecord, roll: Fraction = ROLL, label: str = "take") -> Reel:
    """The same with a take of the line, and with the chosen takes of the lines beside it.

    A clip that no take has a picture of keeps its original picture.
    """
    reel = original_reel(session, line, roll, label)
    store, stretch = session.store, reel.stretch
    near = _takes_beside(session, line, stretch)
    films = _films(store, (take, *near), _clips(session, line))
    placed = _placed([clip for clip in _clips(session, line) if clip.kind == "video"], stretch)
    return replace(
        reel,
        pictures=tuple(_dubbed(piece, clip, films) for piece, clip in placed),
        voice=_take_sound(store, take),
        beside=tuple(filter(None, (_take_sound(store, other) for other in near))),
        silenced=union(_silenced(record) for record in (take, *near)),
        dubbed=True,
    )


def voice_reel(session: PanelSession, line: Line, voice: Path, roll: Fraction, label: str) -> Reel:
    """The voice of a take in the making, which begins with the line's first frame, over pictures as they are so far."""
    reel = (
        original_reel(session, line, roll, label)
        if line.chosen is None
        else take_reel(session, line, line.chosen, roll)
    )
    near = _takes_beside(session, line, reel.stretch)
    return replace(
        reel,
        label=label,
        voice=Heard(voice, _ZERO, reel.stretch.span[1] - reel.stretch.start, reel.stretch.start),
        beside=tuple(filter(None, (_take_sound(session.store, other) for other in near))),
        silenced=union([(line.cue.start, line.cue.end), *map(_silenced, near)]),
        dubbed=True,
    )


def obstacle(session: PanelSession, seconds: Fraction) -> str:
    """Why the timeline has no picture at a second, and what to do; "" where nothing is known to be wrong."""
    for problem in session.placement.problems if session.placement is not None else ():
        if problem.kind == "video" and problem.start <= seconds < problem.end:
            said = str(problem)
            shown = shown_path(problem.media, session.job.project.parent) if problem.media else ""
            return said.replace(problem.media, shown) if shown else said
    return ""


def _clips(session: PanelSession, line: Line) -> Sequence[PlacedClip]:
    if session.placement is not None:
        return session.placement.clips
    parts: tuple[ShotPart | AudioPart, ...] = (*line.parts, *line.sounds)
    return list(dict.fromkeys(part.clip for part in parts))


def _near(clips: Sequence[PlacedClip], stretch: Stretch) -> list[PlacedClip]:
    """Those that reach into the stretch: a programme has ten thousand others."""
    start, end = stretch.span
    return [clip for clip in clips if clip.start < end and clip.end > start]


def _placed(clips: Sequence[PlacedClip], stretch: Stretch) -> Iterator[tuple[Shown, PlacedClip]]:
    """Which frames of the stretch each clip shows: those whose middle falls into it."""
    for clip, (start, end) in Playing.of(_near(clips, stretch)).during(stretch.span, _ZERO):
        first = math.ceil((start - stretch.start) * stretch.rate - _HALF)
        until = math.ceil((end - stretch.start) * stretch.rate - _HALF)
        if first < until:
            middle = clip.media_time(stretch.seconds(first + _HALF))
            yield Shown(clip.media, first, until, middle, clip.rate), clip


def _films(
    store: TakesStore, takes: Sequence[TakeRecord], clips: Sequence[PlacedClip]
) -> dict[tuple[int, ...], tuple[Path, int]]:
    """Film of each clip that a take has one of, and the number in the clip's media of the film's first frame."""
    films: dict[tuple[int, ...], tuple[Path, int]] = {}
    for take in takes:
        for clip in clips:
            role = picture_role(clip.address)
            if clip.address in films or take.file(role) is None:
                continue
            path = store.path(take, role)
            if path is not None:
                films[clip.address] = (path, clip.first_frame)
    return films


def _dubbed(piece: Shown, clip: PlacedClip, films: dict[tuple[int, ...], tuple[Path, int]]) -> Shown:
    film = films.get(clip.address)
    if film is None:
        return piece
    return Shown(film[0], piece.first, piece.end, piece.middle - film[1] / piece.rate, piece.rate)


def _heard(clips: Sequence[PlacedClip], stretch: Stretch) -> Iterator[Heard]:
    for clip in clips:
        for start, end in intersection(clip.visible, (stretch.span,)):
            yield Heard(clip.media, clip.media_time(start), end - start, start)


def _takes_beside(session: PanelSession, line: Line, stretch: Stretch) -> list[TakeRecord]:
    """The chosen takes of other lines in the stretch."""
    low, high = stretch.span
    near = (other for other in session.lines if other.cue.start < high and other.cue.end > low)
    return [other.chosen for other in near if other.chosen is not None and other.cue.number != line.cue.number]


def _take_sound(store: TakesStore, take: TakeRecord) -> Heard | None:
    path = store.path(take, AUDIO)
    return None if path is None else Heard(path, _ZERO, take.duration, take.start)


def _silenced(record: TakeRecord) -> Span:
    stated = record.settings.get("silenced")
    if isinstance(stated, str) and stated:
        start, end = stated.split()
        return Fraction(start), Fraction(end)
    return record.start, record.start + record.duration
