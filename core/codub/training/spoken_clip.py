"""What is seen, heard and said in a clip that a face can be trained on, and why a part of a film is no such clip."""

from dataclasses import dataclass
from typing import Protocol

from codub.latent import FloatArray


@dataclass(frozen=True)
class Word:
    """A word (`sil` for silence) with its start and end in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Line:
    """What is said between two moments of a film, in seconds from its first picture; its words' times are not known."""

    text: str
    start: float
    end: float
    language: str = "en"


@dataclass(frozen=True)
class LeftOut:
    """A part of a film, in seconds, that cannot be trained on: the kind of reason, and the reason."""

    film: str
    start: float
    end: float
    kind: str
    reason: str


class SpokenClip(Protocol):
    """A cut clip with what is heard and said in it: of this its latents are made."""

    @property
    def name(self) -> str:
        """Of the clip in the cache, and of its latents."""
        ...

    @property
    def person(self) -> str:
        """Who it shows."""
        ...

    def sound(self) -> FloatArray:
        """16 kHz mono, from the beginning of the first picture to the end of the last one."""
        ...

    def words(self) -> tuple[Word, ...]:
        """Words with their times in seconds of `sound`, silences among them; empty where they are not known."""
        ...

    def lines(self) -> tuple[Line, ...]:
        """What is said, in seconds of `sound`, where no more than that is known; lines may begin before and end after
        the clip."""
        ...

    def around(self, start: float, end: float) -> FloatArray:
        """16 kHz mono sound between two moments in seconds of `sound`, which may lie outside the clip."""
        ...
