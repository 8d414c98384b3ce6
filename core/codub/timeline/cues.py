"""Cues: the lines to be spoken, and the clock they are on."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Cue:
    """One line to be spoken.

    `number` is the cue's number in its subtitle file, unique there. `text` is one line of plain text without tags.
    `language` is a code such as "es"; `speaker` is "" where nobody said who speaks. `start` and `end` are exact
    seconds on the timeline's own clock: 0 is the timeline's first frame, whatever timecode it starts at.
    `source_text` is the original line, "" where it is not known. `on_screen` is False for a line that the subtitles
    mark as spoken off screen: its voice is dubbed and no picture.
    """

    number: int
    text: str
    language: str
    speaker: str
    start: Fraction
    end: Fraction
    source_text: str = ""
    on_screen: bool = True

    @property
    def window(self) -> Fraction:
        """Seconds that the line has."""
        return self.end - self.start

    def overlap(self, other: "Cue") -> Fraction:
        """Seconds that both cues last at the same time."""
        return max(Fraction(0), min(self.end, other.end) - max(self.start, other.start))


def on_timeline_clock(cues: Sequence[Cue], duration: Fraction, global_start: Fraction) -> tuple[Cue, ...]:
    """The cues with times relative to the timeline's first frame.

    Subtitle times count from the timeline's start, with one exception: when the timeline starts at a timecode
    (`global_start` seconds, e.g. 3600 for 01:00:00:00), no cue starts inside the `duration` seconds as written, and
    some do once `global_start` is taken off, then the file was written against the timecode, and it is taken off.
    """
    if not global_start or any(0 <= cue.start < duration for cue in cues):
        return tuple(cues)
    shifted = tuple(
        dataclasses.replace(cue, start=cue.start - global_start, end=cue.end - global_start) for cue in cues
    )
    return shifted if any(0 <= cue.start < duration for cue in shifted) else tuple(cues)
