"""A predicted line shaped as its delivery wants it: how long its sounds last, their melody, their loudness.

Works on what every voice gives, symbols with seconds and a latent with spans, and so for every voice alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from codub.errors import CueError
from codub.latent import SILENCE, SpeechLatent
from codub.speech import performance as performing
from codub.speech.boundaries import spans_symbols
from codub.speech.fitting import round_to_sum
from codub.speech.model import LONGEST_SYMBOL, Delivery, PhonemeLine, Speech
from codub.speech.performance import Performance
from codub.speech.word_delivery import WordDelivery

Floats = NDArray[np.float64]

# What an emphasis of 1 does to a word.
EMPHASIS_STRETCH = 0.18  # of its length
EMPHASIS_PITCH = 2.5  # semitones
EMPHASIS_ENERGY = 3.0  # dB
EDGE = 0.02  # s over which melody and loudness pass from one sound to the next
MOST_LOUDER = 9.0  # dB that a performance may lift or sink a stretch
VOICED = float(np.log1p(10.0))  # ln(F0 + 1) above which a value is voiced


@dataclass(frozen=True)
class Manner:
    """What a line's delivery refers to: each symbol's word (from 0), emphasis by marks, the original."""

    owners: Mapping[int, int] = field(default_factory=dict)
    emphasis: Mapping[int, float] = field(default_factory=dict)
    performance: Performance | None = None

    def words(self, delivery: Delivery) -> dict[int, WordDelivery]:
        """What differs for each word (from 0): of the delivery, with the emphasis of marks added."""
        found = {word.word - 1: word for word in delivery.words}
        for number, strength in self.emphasis.items():
            word = found.get(number, WordDelivery(number + 1))
            found[number] = replace(word, emphasis=min(word.emphasis + strength, 2.0))
        return found

    def symbols(self, word: int) -> list[int]:
        """Indexes of the symbols of a word."""
        return [symbol for symbol, owner in self.owners.items() if owner == word]


def set_durations(line: PhonemeLine, delivery: Delivery) -> tuple[float | None, ...]:
    """Seconds for each symbol that are set before anything is predicted: by the delivery and by pauses in the text."""
    if not line.held:
        return delivery.durations
    durations = list(delivery.durations) or [None] * len(line.symbols)
    for symbol, seconds in line.held:
        if symbol < len(durations) and durations[symbol] is None:
            durations[symbol] = seconds
    return tuple(durations)


def timed(
    line: PhonemeLine, latent: SpeechLatent, given: Sequence[float], delivery: Delivery, manner: Manner
) -> tuple[float | None, ...]:
    """Seconds for each symbol so that words and pauses last as asked; `given` are those of a first reading.

    Empty where nothing is asked for. Words are kept to the latent's own step, to its nearest whole number.

    Raises:
        CueError: a word that the line does not have.
    """
    words = manner.words(delivery)
    known = set(manner.owners.values())
    unknown = sorted(set(words) - known)
    if unknown:
        raise CueError(
            f"The line {line.text!r} has no spoken word {unknown[0] + 1}.",
            cause=f"It has words 1 to {max(known, default=-1) + 1}.",
            fix="Take the word out of the line's delivery, or name another.",
        )
    step = float(1 / latent.space.rate)
    set_before = set_durations(line, delivery)
    durations = list(set_before) or [None] * len(line.symbols)
    for number, word in words.items():
        factor = word.stretch * (1 + EMPHASIS_STRETCH * word.emphasis)
        symbols = [i for i in manner.symbols(number) if given[i] > 0 and durations[i] is None]
        if not symbols or (word.duration is None and factor == 1):
            continue
        steps = np.array([given[i] / step for i in symbols])
        wanted = (steps.sum() * step if word.duration is None else word.duration) * factor
        total = max(round(float(wanted) / step), len(symbols))
        lengths = round_to_sum(steps * total / steps.sum(), total) * step
        for i, seconds in zip(symbols, lengths.tolist(), strict=True):
            durations[i] = round(min(seconds, LONGEST_SYMBOL), 6)
    for symbol, seconds in _paused(line, latent, given, delivery, manner).items():
        if durations[symbol] is None:
            durations[symbol] = seconds
    return tuple(durations) if any(duration is not None for duration in durations) else ()


def melodised(line: PhonemeLine, latent: SpeechLatent, delivery: Delivery, manner: Manner) -> SpeechLatent:
    """The latent with its F0 as asked: by symbol, by word, by emphasis, and after the original's melody."""
    shift = _by_sound(line, latent, delivery, manner)
    voiced = latent.log_f0 > VOICED
    if delivery.original and manner.performance is not None and voiced.any():
        shift = shift + delivery.original * _melody_apart(latent, voiced, manner.performance)
    if not np.any(shift) or not voiced.any():
        return latent
    moved = np.log1p(np.expm1(latent.log_f0.astype(np.float64)) * 2 ** (shift / 12))
    return replace(latent, log_f0=np.where(voiced, moved, latent.log_f0).astype(np.float32))


def loudened(line: PhonemeLine, latent: SpeechLatent, speech: Speech, delivery: Delivery, manner: Manner) -> Speech:
    """The sound with words louder or softer as asked, and after the original's loudness; as long as it was."""
    rate = float(latent.space.f0_rate)
    gain = np.zeros(len(latent.log_f0))
    places = _places(line, latent, manner)
    for number, word in manner.words(delivery).items():
        louder = word.energy + EMPHASIS_ENERGY * word.emphasis
        if louder and number in places:
            gain[_frames(places[number], rate, len(gain))] += louder
    gain = gaussian_filter1d(gain, EDGE * rate, mode="nearest")
    if delivery.original and manner.performance is not None:
        gain = gain + delivery.original * _level_apart(latent, speech, manner.performance)
    if not np.any(gain):
        return speech
    at = (np.arange(len(speech.samples)) + 0.5) / speech.sample_rate * rate - 0.5
    factor = 10 ** (np.interp(at, np.arange(len(gain)), gain) / 20)
    return replace(speech, samples=(speech.samples * factor).astype(np.float32))


def _by_sound(line: PhonemeLine, latent: SpeechLatent, delivery: Delivery, manner: Manner) -> Floats:
    rate, shift = float(latent.space.f0_rate), np.zeros(len(latent.log_f0))
    if delivery.pitches:
        if len(delivery.pitches) != len(line.symbols):
            raise CueError(
                f"The pitches set for the line {line.text!r} are of another line.",
                cause=f"It has {len(line.symbols)} symbols, and {len(delivery.pitches)} pitches were set.",
                fix="Set the line's delivery back to its default, or set the pitches anew.",
            )
        for span, group in zip(latent.spans, spans_symbols(latent.spans, line.symbols), strict=True):
            asked = [pitch for i in group if (pitch := delivery.pitches[i])]
            if asked and span.phoneme != SILENCE:
                shift[_frames((span.start, span.end), rate, len(shift))] += max(asked, key=abs)
    places = _places(line, latent, manner)
    for number, word in manner.words(delivery).items():
        if number not in places:
            continue
        frames = _frames(places[number], rate, len(shift))
        count = len(shift[frames])
        shift[frames] += word.pitch + EMPHASIS_PITCH * word.emphasis
        if word.contour and count:
            at, semitones = np.array(word.contour, dtype=np.float64).T
            shift[frames] += np.interp((np.arange(count) + 0.5) / count, at, semitones)
    return np.asarray(gaussian_filter1d(shift, EDGE * rate, mode="nearest")) if np.any(shift) else shift


def _melody_apart(latent: SpeechLatent, voiced: NDArray[np.bool_], performance: Performance) -> Floats:
    """Semitones from the line's own melody to the original's, both round their medians."""
    rate = float(latent.space.f0_rate)
    f0 = np.where(voiced, np.expm1(latent.log_f0.astype(np.float64)), 0)
    own = performing.melody(f0, float(np.median(f0[voiced])), rate)
    phrases, times = performing.phrases_of(latent), _times(latent)
    theirs = performing.mapped(performance.semitones, performance.phrases, phrases, times)
    inside = np.any([(times >= p.start) & (times <= p.end) for p in phrases], axis=0)
    return np.where(inside, theirs - own, 0.0)


def _level_apart(latent: SpeechLatent, speech: Speech, performance: Performance) -> Floats:
    """dB from the sound's own loudness to the original's, both round their medians, inside phrases."""
    rate, times = float(latent.space.f0_rate), _times(latent)
    phrases = performing.phrases_of(latent)
    inside = np.any([(times >= p.start) & (times <= p.end) for p in phrases], axis=0) if phrases else times < 0
    if not inside.any():
        return np.zeros(len(times))
    level = performing.loudness(speech.samples, speech.sample_rate)
    own = np.interp(times * performing.RATE - 0.5, np.arange(len(level)), level)
    own = np.maximum(own - float(np.median(own[inside])), performing.FLOOR)
    theirs = performing.mapped(performance.level, performance.phrases, phrases, times)
    apart = np.where(inside, np.clip(theirs - own, -MOST_LOUDER, MOST_LOUDER), 0.0)
    return np.asarray(gaussian_filter1d(apart, performing.SMOOTH_LEVEL * rate, mode="nearest"))


def _paused(
    line: PhonemeLine, latent: SpeechLatent, given: Sequence[float], delivery: Delivery, manner: Manner
) -> dict[int, float]:
    """Seconds of the symbols in the line's pauses, drawn towards the original's by the delivery's strength."""
    if not delivery.original or manner.performance is None:
        return {}
    phrases = performing.phrases_of(latent)
    groups = spans_symbols(latent.spans, line.symbols)
    found: dict[int, float] = {}
    # A pause of the original is followed where the line pauses too; no pause is put inside a phrase.
    for number, theirs in performing.matched_pauses(manner.performance, phrases).items():
        start, end = phrases[number].end, phrases[number + 1].start
        silent = [
            i
            for span, group in zip(latent.spans, groups, strict=True)
            if span.phoneme == SILENCE and span.start >= start - 1e-6 and span.end <= end + 1e-6
            for i in group
            if given[i] > 0
        ]
        if not silent:
            continue
        ours = sum(given[i] for i in silent)
        wanted = max(ours + delivery.original * (theirs - (end - start)), 0.05)
        for i in silent:
            found[i] = round(min(max(given[i] * wanted / ours, 0.025), LONGEST_SYMBOL), 6)
    return found


def _places(line: PhonemeLine, latent: SpeechLatent, manner: Manner) -> dict[int, tuple[float, float]]:
    """When each word sounds, in seconds from the latent's start."""
    if not manner.owners:
        return {}
    found: dict[int, tuple[float, float]] = {}
    for span, group in zip(latent.spans, spans_symbols(latent.spans, line.symbols), strict=True):
        owners = [manner.owners[i] for i in group if i in manner.owners]
        if owners and span.phoneme != SILENCE:
            start, _ = found.get(owners[0], (span.start, span.end))
            found[owners[0]] = (start, span.end)
    return found


def _times(latent: SpeechLatent) -> Floats:
    """The middle of each value of F0, in seconds."""
    return np.asarray((np.arange(len(latent.log_f0)) + 0.5) / float(latent.space.f0_rate), dtype=np.float64)


def _frames(place: tuple[float, float], rate: float, count: int) -> slice:
    return slice(max(0, round(place[0] * rate)), min(count, max(round(place[1] * rate), round(place[0] * rate) + 1)))
