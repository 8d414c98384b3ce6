"""How one word of a line is to be said, addressed by its number."""

import math
from dataclasses import dataclass

from codub.errors import UsageError

LONGEST_WORD = 5.0  # s
STRETCH = (0.4, 2.5)
WORD_PITCH = (-12.0, 12.0)  # semitones
WORD_ENERGY = (-12.0, 12.0)  # dB
EMPHASIS = (0.0, 2.0)


@dataclass(frozen=True)
class WordDelivery:
    """What differs for the word with the number `word`, counted from 1 in the line without its marks.

    `duration` are seconds (None: the voice's own), `stretch` a factor on it; `pitch` semitones, `contour` further ones
    as points `(place in the word from 0 to 1, semitones)`, straight lines between them; `energy` dB; `emphasis` 1 is
    what `*word*` gives, 2 what `**word**` gives.

    Raises:
        UsageError: a value is out of its bounds.
    """

    word: int
    duration: float | None = None
    stretch: float = 1.0
    pitch: float = 0.0
    contour: tuple[tuple[float, float], ...] = ()
    energy: float = 0.0
    emphasis: float = 0.0

    def __post_init__(self) -> None:
        if self.word < 1:
            raise UsageError(f"There is no word {self.word}.", fix="The first word of a line is number 1.")
        self._require("duration", self.duration or 1.0, (0.025, LONGEST_WORD))
        self._require("stretch", self.stretch, STRETCH)
        self._require("pitch", self.pitch, WORD_PITCH)
        self._require("energy", self.energy, WORD_ENERGY)
        self._require("emphasis", self.emphasis, EMPHASIS)
        if {len(point) for point in self.contour} - {2}:
            raise UsageError(
                f"The contour of word {self.word} has a point that is no pair.", fix="Write [place 0 to 1, semitones]."
            )
        for point in self.contour:
            self._require("place of a contour's point", point[0], (0.0, 1.0))
            self._require("point of a contour", point[1], WORD_PITCH)
        places = [point[0] for point in self.contour]
        if places != sorted(places):
            raise UsageError(f"The contour of word {self.word} goes back in time.", fix="Order its points by place.")

    def _require(self, name: str, value: float, bounds: tuple[float, float]) -> None:
        if not (math.isfinite(value) and bounds[0] <= value <= bounds[1]):
            raise UsageError(
                f"A {name} of {value:g} for word {self.word} is out of bounds.",
                fix=f"Use {bounds[0]:g} to {bounds[1]:g}.",
            )
