"""A line said by a voice as its delivery wants it: read once, timed, given its melody, spoken, given its loudness."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from codub.speech.marks import emphasised
from codub.speech.model import Delivery, PhonemeLine, Speech, SpokenLine, Style, Synthesizer, TextToVec
from codub.speech.performance import Performance
from codub.speech.shaping import Manner, loudened, melodised, set_durations, timed
from codub.speech.words import Reader, symbol_words


@dataclass(frozen=True)
class Said:
    """What a voice made of a line: its latent with the account of its timing, and the sound, as long as the latent."""

    spoken: SpokenLine
    speech: Speech


def say(
    voice: tuple[TextToVec, Synthesizer],
    line: PhonemeLine,
    style: Style,
    window: float | None,
    seed: int,
    told: tuple[Delivery, Manner],
) -> Said:
    """The line in `style`, fitted to `window` seconds, in the manner told.

    Where words or pauses are to last other than the voice would have it, the line is read twice: the second reading
    holds what was asked for and fits the rest round it, so that the window is kept.

    Raises:
        CueError: the delivery is of another line.
    """
    spoken = _read_out(voice[0], line, style, window, seed, told)
    speech = loudened(line, spoken.latent, voice[1].synthesize(spoken.latent, style), *told)
    return Said(spoken, speech)


def say_in_pieces(
    voice: tuple[TextToVec, Synthesizer],
    line: PhonemeLine,
    style: Style,
    window: float | None,
    seed: int,
    told: tuple[Delivery, Manner],
) -> Iterator[Speech]:
    """As `say`, each piece as soon as it is made; the loudness of words is left out, which is known of a whole line.

    Raises:
        CueError: the delivery is of another line.
    """
    yield from voice[1].stream(_read_out(voice[0], line, style, window, seed, told).latent, style)


def _read_out(
    ttv: TextToVec, line: PhonemeLine, style: Style, window: float | None, seed: int, told: tuple[Delivery, Manner]
) -> SpokenLine:
    delivery, manner = told
    first = replace(delivery, durations=set_durations(line, delivery))
    spoken = ttv.speak(line, style, window, seed, first)
    if len(spoken.durations) == len(line.symbols):
        durations = timed(line, spoken.latent, spoken.durations, delivery, manner)
        if durations != first.durations:
            spoken = ttv.speak(line, style, window, seed, replace(delivery, durations=durations))
    return replace(spoken, latent=melodised(line, spoken.latent, delivery, manner))


def manner_of(
    line: PhonemeLine, language: str, read: Reader, delivery: Delivery, original: Callable[[], Performance | None]
) -> Manner:
    """What the line's delivery and the marks in its text refer to; `original` is heard only where it is followed."""
    emphasis = emphasised(line.text)
    owners = symbol_words(line.symbols, line.text, language, read) if emphasis or delivery.words else {}
    return Manner(owners, emphasis, original() if delivery.original else None)
