"""One row of the panel: a line as it stands now, with all that is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from codub.dubbing.record import ReviewState, TakeRecord, delivery_of
from codub.dubbing.shots import AudioPart, ShotPart
from codub.speech.model import PLAIN, Delivery
from codub.timeline.cues import Cue
from codub_panel.project.fit import misfit


class LineState(StrEnum):
    """Where a line stands."""

    NEW = "new"
    QUEUED = "queued"
    RUNNING = "running"
    REVIEW = "review"
    APPROVED = "approved"
    NEEDS_WORK = "needs work"


_OF_TAKE = {
    ReviewState.REVIEW: LineState.REVIEW,
    ReviewState.APPROVED: LineState.APPROVED,
    ReviewState.REJECTED: LineState.NEEDS_WORK,
}


@dataclass(frozen=True)
class Line:
    """A cue (text and times as edited), whose voice, its pictures and sound, its takes, and what was decided.

    `takes` are of the cue's language, oldest first; `chosen` is one of them. `pending` is the queue's word,
    QUEUED or RUNNING. `problem` says what went wrong last. `delivery` is how the next take is to be said, `comment`
    a remark on the line (takes have their own). `heard` is a sound file of a take in the making, playable before its
    picture exists; it goes when the take arrives. `marks` are the numbers of the takes marked A and B to compare.
    `edited` names what differs from the subtitles: "text", "window", "delivery".
    """

    cue: Cue
    voice: str = ""
    parts: Sequence[ShotPart] = ()
    sounds: Sequence[AudioPart] = ()
    takes: tuple[TakeRecord, ...] = ()
    chosen: TakeRecord | None = None
    pending: LineState | None = None
    problem: str = ""
    delivery: Delivery = PLAIN
    comment: str = ""
    heard: Path | None = None
    marks: tuple[int | None, int | None] = (None, None)
    edited: frozenset[str] = frozenset()

    @property
    def state(self) -> LineState:
        """Queue first, then what the reviewer made of the chosen take."""
        if self.pending is not None:
            return self.pending
        return LineState.NEW if self.chosen is None else _OF_TAKE[self.chosen.state]

    @cached_property
    def stale(self) -> bool:
        """Whether text, window or delivery were changed since the chosen take was spoken."""
        take = self.chosen
        if take is None:
            return False
        if take.text != self.cue.text:
            return True
        if take.fit is None:  # a human recording is said as it was said
            return False
        moved = Fraction(str(take.settings.get("spoken_from", self.cue.start))) != self.cue.start
        resized = abs(take.fit.wanted - float(self.cue.window)) > 0.0005
        return moved or resized or delivery_of(take) != self.delivery

    @property
    def misfit(self) -> float:
        """Seconds too long (above 0) or too short: measured on the chosen take, else estimated from the text."""
        if self.chosen is not None and self.chosen.fit is not None and not self.stale:
            return self.chosen.fit.excess
        return misfit(self.cue.text, self.cue.language, self.cue.window, self.delivery.pace)

    @property
    def compared(self) -> tuple[TakeRecord | None, TakeRecord | None]:
        """The takes marked A and B."""
        a, b = (next((take for take in self.takes if take.take == mark), None) for mark in self.marks)
        return a, b

    def take(self, number: int) -> TakeRecord | None:
        """The take with that number."""
        return next((take for take in self.takes if take.take == number), None)
