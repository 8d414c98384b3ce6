"""What mouths do in which sounds: shut in p, b, m and in silence, wide in a, round in o and u.

A sound's frames are taken from the spans of the latent; true and made mouths are read off the mesh.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from codub.evaluation.mouths import MouthTrack, Values
from codub.latent import SILENCE, PhonemeSpan

# Mouth shapes by IPA symbol. What is in none of them is not counted, reduced vowels neither: they have no shape.
SHAPES = {"a": "aɑæʌ", "e": "eɛɜ", "i": "iɪ", "o": "oɔɒ", "u": "uʊw", "pbm": "pbm"}  # noqa: RUF001
VOWELS = "aɑæʌeɛɜəɐoɔɒiɪuʊ"  # noqa: RUF001
GLIDES, LENGTH, STRESS = "ɪʊ", "ː", "ˈˌ"  # noqa: RUF001
SHUT = 0.035  # opening over the distance of the eyes below which a mouth counts as closed
PAUSE = 0.15  # seconds of silence from which lips have time to close


@dataclass(frozen=True)
class Sound:
    """One occurrence: its opening (widest frame of a vowel, most closed one of p, b, m, median of a silence, one frame
    either side) and mean width over the distance of the eyes, in the film and made."""

    true_opening: float
    made_opening: float
    true_width: float
    made_width: float


@dataclass(frozen=True)
class MouthShapes:
    """A clip's sounds by shape ("a", "pbm", "silence" ...), and its frames of silence."""

    sounds: Mapping[str, tuple[Sound, ...]]
    silent_true_shut: int = 0  # frames of silence in which the film's mouth is shut
    silent_both_shut: int = 0  # of these, frames in which the made one is shut too


def mouth_shapes(spans: Sequence[PhonemeSpan], rate: Fraction, true: MouthTrack, made: MouthTrack) -> MouthShapes:
    """Shapes of a clip whose frames follow at `rate` from the spans' zero on."""
    found: dict[str, list[Sound]] = {}
    shut, both = 0, 0
    for span in joined(spans):
        name = shape_of(span)
        frames = _frames_of(span, rate, len(true))
        if name is None or not len(frames):
            continue
        found.setdefault(name, []).append(_sound(name, frames, true, made))
        if name == "silence":
            closed = true.opening[frames] < SHUT
            shut += int(closed.sum())
            both += int((closed & (made.opening[frames] < SHUT)).sum())
    return MouthShapes({name: tuple(own) for name, own in found.items()}, shut, both)


def joined(spans: Iterable[PhonemeSpan]) -> list[PhonemeSpan]:
    """Spans without stress marks, in which a vowel keeps its length mark and its off-glide (the end of a diphthong)."""
    result: list[PhonemeSpan] = []
    after = False  # whether the span before this one, stress marks not counted, is the last of `result`
    for span in spans:
        symbol = span.phoneme.strip()
        if symbol and symbol[0] in STRESS:
            after = False
            continue
        follows_vowel = after and bool(result[-1].phoneme) and result[-1].phoneme[0] in VOWELS
        if symbol and follows_vowel and symbol[0] in LENGTH + GLIDES:
            last = result.pop()
            span = PhonemeSpan(last.phoneme + symbol, last.start, span.end)
        result.append(span)
        after = True
    return result


def closure(clips: Iterable[MouthShapes]) -> tuple[int, int]:
    """Of all p, b, m: how many the film closes, and how many of these are closed in the made one too."""
    sounds = [sound for clip in clips for sound in clip.sounds.get("pbm", ())]
    closed = [sound for sound in sounds if sound.true_opening < SHUT]
    return len(closed), sum(sound.made_opening < SHUT for sound in closed)


def _sound(name: str, frames: NDArray[np.int64], true: MouthTrack, made: MouthTrack) -> Sound:
    def opening(values: Values) -> float:
        own = values[frames]
        return float(own.min() if name == "pbm" else np.median(own) if name == "silence" else own.max())

    widths = (float(track.width[frames].mean()) for track in (true, made))
    return Sound(opening(true.opening), opening(made.opening), *widths)


def shape_of(span: PhonemeSpan) -> str | None:
    """Name of a sound's shape, "silence" for a pause; None for what has none."""
    symbol = span.phoneme.strip()
    if symbol == SILENCE:
        return "silence" if span.duration > PAUSE else None
    return next((name for name, symbols in SHAPES.items() if symbol[0] in symbols), None)


def _frames_of(span: PhonemeSpan, rate: Fraction, count: int) -> NDArray[np.int64]:
    margin = 0 if span.phoneme.strip() == SILENCE else 1
    # A span that ends with a frame, but for the last bit of its number, does not reach into the next one.
    first = math.floor(span.start * rate + 1e-6) - margin
    last = math.ceil(span.end * rate - 1e-6) + margin
    return np.arange(max(0, first), min(count, last))
