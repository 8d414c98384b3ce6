"""A line said by a voice as its delivery wants it: read once, timed, given its melody, spoken, given its loudness."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from codub.speech.marks import emphasised
from codub.speech.model import Delivery, PhonemeLine, Speech, SpokenLine, Style, Synthesizer, TextToVec
from codub.speech.performance import Performance
from codub.speech.shaping import Manner, loudened, melodised, set_durations, timed
from codub.speech.words import Reader, symbol_words


@dataclass(frozen=True)
class Reading:
    """A line that a voice has read and not yet said: in which style, as what latent, and what was asked of it."""

    line: PhonemeLine
    style: Style
    spoken: SpokenLine
    told: tuple[Delivery, Manner]


def read(
    ttv: TextToVec, line: PhonemeLine, style: Style, window: float | None, seed: int, told: tuple[Delivery, Manner]
) -> Reading:
    """The line in `style`, fitted to `window` seconds, in the manner told.

    Where words or pauses are to last other than the voice would have it, the line is read twice: the second reading
    holds what was asked for and fits the rest round it, so that the window is kept.

    Raises:
        CueError: the delivery is of another line.
    """
    delivery, manner = told
    first = replace(delivery, durations=set_durations(line, delivery))
    spoken = ttv.speak(line, style, window, seed, first)
    if len(spoken.durations) == len(line.symbols):
        durations = timed(line, spoken.latent, spoken.durations, delivery, manner)
        if durations != first.durations:
            spoken = ttv.speak(line, style, window, seed, replace(delivery, durations=durations))
    return Reading(line, style, replace(spoken, latent=melodised(line, spoken.latent, delivery, manner)), told)


def say(synthesizer: Synthesizer, readings: Sequence[Reading]) -> list[Speech]:
    """The sound of each reading, as long as its latent; a voice on a GPU says them all at once."""
    latents, styles = [reading.spoken.latent for reading in readings], [reading.style for reading in readings]
    speeches = synthesizer.synthesize_many(latents, styles)
    return [
        loudened(reading.line, reading.spoken.latent, speech, *reading.told)
        for reading, speech in zip(readings, speeches, strict=True)
    ]


def say_in_pieces(synthesizer: Synthesizer, reading: Reading) -> Iterator[Speech]:
    """As `say`, each piece as soon as it is made; the loudness of words is left out, which is known of a whole line."""
    yield from synthesizer.stream(reading.spoken.latent, reading.style)


def manner_of(
    line: PhonemeLine, language: str, read: Reader, delivery: Delivery, original: Callable[[], Performance | None]
) -> Manner:
    """What the line's delivery and the marks in its text refer to; `original` is heard only where it is followed."""
    emphasis = emphasised(line.text)
    owners = symbol_words(line.symbols, line.text, language, read) if emphasis or delivery.words else {}
    return Manner(owners, emphasis, original() if delivery.original else None)
