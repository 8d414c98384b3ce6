"""Clips as they lie on the timeline's clock, whatever tracks and stacks they were nested in."""

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from codub.errors import ProjectError
from codub.timeline.spans import Span, Spans
from codub.timing import frames_to_seconds, seconds_to_frames

Kind = Literal["video", "audio"]
Address = tuple[int, ...]
"""Where an item lies in a timeline: the number of the track, then of the child, and so on into nested items."""


@dataclass(frozen=True, order=True)
class PlacedClip:
    """The part of a media file that one clip uses, and where that part lies on the timeline.

    The used part is the clip's trimmed range plus the handles that transitions beside it show. A picture's used part
    covers whole frames of the media. All times are exact seconds.

    address       finds the clip in its timeline again
    reference     key of the original media reference
    rate          frames/s of the media as the timeline states it
    media_start   start of the used part, from the media file's first frame
    source_start  the same instant on the clip's own source clock, which may start at a timecode
    start, end    the used part on the timeline
    visible       where it is seen or heard on the timeline: what no track above hides
    speaker       who speaks in it, from its metadata; "" where they do not say
    bed           whether it lies on a track of music and effects, which holds no dialogue
    """

    address: Address
    name: str
    track: str
    kind: Kind
    media: Path
    reference: str
    rate: Fraction
    media_start: Fraction
    source_start: Fraction
    start: Fraction
    end: Fraction
    visible: Spans
    speaker: str = ""
    bed: bool = False

    @property
    def duration(self) -> Fraction:
        """Seconds in the used part."""
        return self.end - self.start

    @property
    def first_frame(self) -> int:
        """Number, in the media file, of the used part's first frame."""
        return seconds_to_frames(self.media_start, self.rate)

    @property
    def frame_count(self) -> int:
        """Frames in the used part."""
        return seconds_to_frames(self.duration, self.rate)

    def media_time(self, at: Fraction) -> Fraction:
        """Seconds from the media file's start that are shown at timeline time `at`."""
        return self.media_start + at - self.start

    def frame_start(self, frame: int) -> Fraction:
        """Timeline time at which a frame of the media file begins to show."""
        return self.start + frames_to_seconds(frame - self.first_frame, self.rate)

    def frames_during(self, span: Span) -> tuple[int, int]:
        """First frame of the media file and number of frames that show, even partly, during a timeline span."""
        low, high = max(span[0], self.start), min(span[1], self.end)
        if low >= high:
            return self.first_frame, 0
        first = math.floor((low - self.start) * self.rate)
        last = math.ceil((high - self.start) * self.rate)
        return self.first_frame + first, last - first


@dataclass(frozen=True)
class ClipProblem:
    """A clip that cannot be dubbed. It still hides what lies below it from `start` to `end` (timeline seconds).

    `media` names the file that is missing or cannot be used, as `MediaFolders.named` does: another one may be linked in
    its place. "" where that would not help.
    """

    clip: str
    track: str
    kind: Kind
    start: Fraction
    end: Fraction
    timecode: str
    reason: str
    media: str = ""

    def __str__(self) -> str:
        return f"Clip '{self.clip}' on track '{self.track}' at {self.timecode}: {self.reason}"


@dataclass(frozen=True)
class Placement:
    """Everything that plays, in order of time, and everything that cannot be used.

    `rate` is the timeline's picture rate, `duration` its length and `global_start` the timecode of its first frame,
    both in seconds.
    """

    clips: tuple[PlacedClip, ...]
    problems: tuple[ClipProblem, ...]
    rate: Fraction
    duration: Fraction
    global_start: Fraction

    def of_kind(self, kind: Kind) -> tuple[PlacedClip, ...]:
        """The clips of one kind."""
        return tuple(clip for clip in self.clips if clip.kind == kind)

    def at(self, address: Address) -> PlacedClip:
        """The clip at an address.

        Raises:
            ProjectError: nothing usable lies there.
        """
        for clip in self.clips:
            if clip.address == address:
                return clip
        raise ProjectError(f"There is no usable clip at {address} of the timeline.")
