"""What can be moved in a line's sound: the cue's start and end, ends of words and of phonemes; and what comes of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from codub.errors import CueError
from codub.latent import SILENCE, PhonemeSpan
from codub.speech.model import Delivery
from codub.timeline.cues import Cue
from codub_panel.sound.sound_picture import SoundPicture

CUE_STEP = Fraction(1, 100)  # s by which a key moves the edge of a cue
_UNSEEN = 1e-4  # s


class Kind(StrEnum):
    """What a boundary bounds."""

    CUE_START = "start of the cue"
    CUE_END = "end of the cue"
    WORD = "word"
    PHONEME = "phoneme"


@dataclass(frozen=True)
class Boundary:
    """One boundary at a second of the timeline; of a word or phoneme its end, `sounds` its first and last span."""

    kind: Kind
    seconds: float
    label: str = ""
    sounds: tuple[int, int] = (-1, -1)
    edited: bool = False


@dataclass(frozen=True)
class Labelled:
    """A stretch of timeline seconds with what is heard in it."""

    label: str
    start: float
    end: float
    edited: bool


def expected_spans(picture: SoundPicture, durations: Sequence[float | None]) -> tuple[PhonemeSpan, ...]:
    """The take's spans as they will about be with durations set for its symbols: what follows a change moves with it.

    Spans without symbols of their own (silence round the line) keep their lengths. The voice fits what follows the
    last duration set into the rest of the window, which is only known when it speaks.
    """
    if picture.sounds is None:
        return ()
    spans = picture.sounds.spans
    if len(durations) != len(picture.given) or len(picture.groups) != len(spans):
        return spans
    moved, late = [], 0.0
    for span, group in zip(spans, picture.groups, strict=True):
        wanted = ((durations[i], picture.given[i]) for i in group)
        more = sum(seconds - given for seconds, given in wanted if seconds is not None and given > 0)
        more = 0.0 if abs(more) < _UNSEEN else max(more, -span.duration)
        moved.append(PhonemeSpan(span.phoneme, span.start + late, span.end + late + more))
        late += more
    return tuple(moved)


@dataclass(frozen=True)
class Marking:
    """The line's sounds and edges as they stand: those of the take, moved by what was edited since."""

    picture: SoundPicture
    cue: Cue
    spoken: tuple[float, float]  # the window that the take was made for, in timeline seconds
    delivery: Delivery
    made_so: bool = False  # the take was made with these durations

    @cached_property
    def spans(self) -> tuple[PhonemeSpan, ...]:
        """Phonemes as expected, in seconds from the latent's start."""
        durations = () if self.made_so else self.delivery.durations
        return expected_spans(self.picture, durations)

    @cached_property
    def phonemes(self) -> list[Labelled]:
        """The sounding spans."""
        return [self._labelled(span.phoneme, k, k) for k, span in enumerate(self.spans) if span.phoneme != SILENCE]

    @cached_property
    def words(self) -> list[Labelled]:
        """The written words."""
        sounds = self.picture.sounds
        return [] if sounds is None else [self._labelled(word.word, word.first, word.last) for word in sounds.words]

    @cached_property
    def boundaries(self) -> list[Boundary]:
        """All that can be moved, in order of time; of words and phonemes only where the take tells how."""
        return sorted(self._boundaries(), key=lambda boundary: (boundary.seconds, boundary.kind))

    def _boundaries(self) -> Iterator[Boundary]:
        yield Boundary(Kind.CUE_START, float(self.cue.start), edited=self._moved(0))
        yield Boundary(Kind.CUE_END, float(self.cue.end), edited=self._moved(1))
        sounds = self.picture.sounds
        if sounds is None or not self.picture.groups:
            return
        for word in sounds.words:
            at = self._labelled(word.word, word.first, word.last)
            yield Boundary(Kind.WORD, at.end, word.word, (word.first, word.last), at.edited)
        for k, span in enumerate(self.spans):
            if span.phoneme != SILENCE:
                at = self._labelled(span.phoneme, k, k)
                yield Boundary(Kind.PHONEME, at.end, span.phoneme, (k, k), at.edited)

    def dragged(self, boundary: Boundary, to: float) -> Delivery:
        """The delivery with which a word or phoneme ends at timeline second `to`.

        Raises:
            CueError: it cannot be moved, and why.
        """
        from codub.speech.boundaries import dragged

        sounds = self.picture.sounds
        if sounds is None or not self.picture.groups:
            raise CueError("The boundaries of this take cannot be moved.", fix="Dub the line again, then move them.")
        # What was set before stands, but for the moved sounds themselves: they are stretched from what they are in the
        # take, so that many small moves come to the same as one.
        own = {i for group in self.picture.groups[boundary.sounds[0] : boundary.sounds[1] + 1] for i in group}
        came, kept = self.picture.given, self.delivery.durations
        kept = kept if len(kept) == len(came) else (None,) * len(came)
        kept = tuple(None if i in own else seconds for i, seconds in enumerate(kept))
        given = [g if seconds is None or g <= 0 else seconds for seconds, g in zip(kept, came, strict=True)]
        latent = replace(sounds.latent, spans=expected_spans(self.picture, kept))
        delivery = replace(self.delivery, durations=kept)
        return dragged(latent, self.picture.symbols, given, boundary.sounds, to - float(sounds.at), delivery)

    def step(self, boundary: Boundary, frame: bool, rate: Fraction) -> float:
        """Seconds by which a key moves a boundary: a picture's frame, or the finest step.

        That is 10 ms for a cue. Sounds last whole steps of their voice (25 ms for the embedded one).
        """
        if frame:
            return float(1 / rate)
        if boundary.kind in (Kind.CUE_START, Kind.CUE_END) or self.picture.sounds is None:
            return float(CUE_STEP)
        return float(1 / self.picture.sounds.latent.space.rate)

    def _labelled(self, label: str, first: int, last: int) -> Labelled:
        sounds = self.picture.sounds
        assert sounds is not None
        at, spans = float(sounds.at), self.spans
        came = sounds.spans
        differs = abs((spans[last].end - spans[first].start) - (came[last].end - came[first].start)) > _UNSEEN
        return Labelled(label, at + spans[first].start, at + spans[last].end, differs)

    def _moved(self, edge: int) -> bool:
        now = (float(self.cue.start), float(self.cue.end))[edge]
        return self.picture.take is not None and abs(now - self.spoken[edge]) > 0.0005


def spoken_window(picture: SoundPicture, original: Cue) -> tuple[float, float]:
    """The window that the take was made for; the cue's own where there is no take, or a human recording."""
    take = picture.take
    if take is None or take.fit is None:
        return float(original.start), float(original.end)
    start = float(Fraction(str(take.settings.get("spoken_from", original.start))))
    return start, start + take.fit.wanted


def nearest(boundaries: Sequence[Boundary], kinds: Sequence[Kind], seconds: float, within: float) -> Boundary | None:
    """The boundary of one of the kinds that is nearest to a moment, if it is near enough."""
    near = [b for b in boundaries if b.kind in kinds and abs(b.seconds - seconds) <= within]
    return min(near, key=lambda b: abs(b.seconds - seconds), default=None)


def same(boundaries: Sequence[Boundary], wanted: Boundary | None) -> Boundary | None:
    """The boundary of the same thing among others, wherever it stands now."""
    if wanted is None:
        return None
    return next((b for b in boundaries if (b.kind, b.sounds) == (wanted.kind, wanted.sounds)), None)
