"""What a plan is made of: shots of cues, the clips they lie on, and what cannot be done."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from codub.timeline.cues import Cue
from codub.timeline.placed import PlacedClip, Placement
from codub.timeline.spans import Span, Spans


@dataclass(frozen=True)
class ShotPart:
    """The frames of one clip that show during a cue.

    `first_frame` counts in the media file. `offset` is the time in seconds from the cue's start to the moment the
    first frame begins to show: negative when the cue starts in the middle of a frame.
    """

    clip: PlacedClip
    first_frame: int
    frame_count: int
    offset: Fraction

    @property
    def media(self) -> Path:
        """The media file."""
        return self.clip.media

    @property
    def rate(self) -> Fraction:
        """Picture rate in frames/s."""
        return self.clip.rate


@dataclass(frozen=True)
class AudioPart:
    """Original sound of one clip during a cue: `start` and `duration` in seconds of the media file.

    `offset` is the time in seconds from the start of the cue, whose number is `cue`, to the sound's start.
    """

    clip: PlacedClip
    start: Fraction
    duration: Fraction
    offset: Fraction
    cue: int = 0

    @property
    def media(self) -> Path:
        """The media file."""
        return self.clip.media


@dataclass(frozen=True)
class Shot:
    """A cue against its clips.

    `voice` names the speaker whose voice is used: cues with the same voice share one style. Without `parts` the line
    is spoken off screen and only its voice is dubbed. `audio_parts` is the original line, which the dub replaces.
    `rate` is the timeline's picture rate.
    """

    cue: Cue
    voice: str
    parts: tuple[ShotPart, ...]
    audio_parts: tuple[AudioPart, ...]
    rate: Fraction

    def whole_frames(self, start: Fraction, end: Fraction) -> Span:
        """The span of whole frames of the timeline that holds the given one; editors cut at frames only."""
        return math.floor(start * self.rate) / self.rate, math.ceil(end * self.rate) / self.rate

    @property
    def window(self) -> Fraction:
        """Seconds that the line has."""
        return self.cue.window

    @property
    def off_screen(self) -> bool:
        """Whether no picture belongs to the line."""
        return not self.parts


@dataclass(frozen=True)
class ClipJob:
    """A clip whose picture is dubbed, with all the cues on it in order of time, be they asked for or not.

    A take of the picture covers the clip's whole used part (`clip.first_frame`, `clip.frame_count`), so that it can
    stand in for the original media and the clip's source range stays as it is. Frame n of the media begins to show at
    `clip.frame_start(n)` on the timeline, that is `clip.frame_start(n) - cue.start` seconds into a cue's line.
    """

    clip: PlacedClip
    shots: tuple[Shot, ...]

    @property
    def cues(self) -> tuple[Cue, ...]:
        """The cues whose picture lies on this clip."""
        return tuple(shot.cue for shot in self.shots)


@dataclass(frozen=True)
class SoundJob:
    """An original audio clip that cues replace in part or whole: `silenced` in timeline seconds.

    Sound that belongs to no cue must survive the dub, so the clip is not simply switched off: its dubbed version is
    the original (`clip.media_start`, `clip.duration`) with the silenced spans faded out.
    """

    clip: PlacedClip
    silenced: Spans


@dataclass(frozen=True)
class PlanProblem:
    """What cannot be done for a cue, or in the project (`cue` None). `dubbed`: the cue still gets a voice."""

    cue: int | None
    reason: str
    dubbed: bool = True

    def __str__(self) -> str:
        return f"Cue {self.cue}: {self.reason}" if self.cue is not None else self.reason


@dataclass(frozen=True)
class Plan:
    """Everything to be done, seen by cue (`shots`), by picture clip (`clips`), by audio clip (`sounds`) and by voice.

    `cues` are all cues of the file, on the timeline's clock; `shots` those asked for. `clips` and `sounds` are the
    clips that those touch; other cues on the same clips are listed with them, since one file replaces the whole clip.
    `references` maps each voice to all original sound under that speaker's cues, longest first, without the stretches
    where another speaker has a cue; `seen` maps it to all clips that lie under them.
    """

    cues: tuple[Cue, ...]
    shots: tuple[Shot, ...]
    clips: tuple[ClipJob, ...]
    sounds: tuple[SoundJob, ...]
    references: Mapping[str, tuple[AudioPart, ...]]
    seen: Mapping[str, tuple[ClipJob, ...]]
    problems: tuple[PlanProblem, ...]
    placement: Placement
