"""What a dub says while it is at work."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from codub.dubbing.record import TakeRecord
from codub.dubbing.request import Failure

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Expected:
    """Seconds that the whole dub is expected to take from now, before anything of it was done."""

    seconds: float


@dataclass(frozen=True)
class Heard:
    """The voice of a cue is there as a sound file, before its picture is; the file goes when the take is kept."""

    cue: int
    path: Path


Told = Callable[[Expected | Heard | TakeRecord | Failure], None]
"""Called with what happens while a dub is at work: a `TakeRecord` is durable when it is told."""
