"""Known truth: a voice that gives every sound one length, one pitch and one loudness: what differs was asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from codub.errors import CueError, UsageError
from codub.latent import EMBEDDED, SILENCE, PhonemeSpan, SpeechLatent
from codub.speech.activity import Interval
from codub.speech.model import PLAIN, Delivery, Fit, PhonemeLine, Speech, SpokenLine, Style
from codub.speech.performance import Performance
from codub.speech.saying import Reading, read, say
from codub.speech.shaping import Manner
from codub.speech.word_delivery import WordDelivery

STYLE = Style(EMBEDDED, np.zeros(256, np.float32))
SYMBOLS = tuple("mama, mama mama")
LINE = PhonemeLine("mama, mama mama", "en", SYMBOLS)
OWNERS = {i: 0 for i in range(4)} | {i: 1 for i in range(6, 10)} | {i: 2 for i in range(11, 15)}
STEP = 0.025


class FlatTtv:
    """Four frames a sound, eight a comma, none a space; set durations are kept, a window scales the other sounds."""

    space = EMBEDDED

    def __init__(self) -> None:
        self.asked: list[Delivery] = []

    def speak(
        self, line: PhonemeLine, style: Style, window: float | None, seed: int, delivery: Delivery = PLAIN
    ) -> SpokenLine:
        self.asked.append(delivery)
        own = [0 if symbol == " " else 8 if symbol == "," else 4 for symbol in line.symbols]
        wanted = delivery.durations or (None,) * len(own)
        frames = [n if w is None else round(w / STEP) for n, w in zip(own, wanted, strict=True)]
        spans, at = [], 0.0
        for symbol, count in zip(line.symbols, frames, strict=True):
            if count:
                spans.append(PhonemeSpan(SILENCE if symbol == "," else symbol, at, at + count * STEP))
                at += count * STEP
        total = sum(frames)
        flat = np.full(2 * total, np.log1p(150), np.float32)
        latent = SpeechLatent(EMBEDDED, np.zeros((512, total), np.float32), flat, 0 * flat, tuple(spans))
        return SpokenLine(latent, Fit(at, window or at, at, 1.0), tuple(n * STEP for n in frames))

    def silence_vector(self) -> np.ndarray:
        return np.zeros(512, np.float32)


class FlatSynthesizer:
    space = EMBEDDED
    sample_rate = 24_000

    def synthesize(self, latent: SpeechLatent, style: Style) -> Speech:
        return Speech(np.full(round(float(latent.duration) * 24_000), 0.1, np.float32), 24_000)

    def synthesize_many(self, latents: Sequence[SpeechLatent], styles: Sequence[Style]) -> list[Speech]:
        return [self.synthesize(latent, style) for latent, style in zip(latents, styles, strict=True)]

    def stream(self, latent: SpeechLatent, style: Style) -> Iterator[Speech]:
        yield self.synthesize(latent, style)


@dataclass(frozen=True)
class Said:
    spoken: SpokenLine
    speech: Speech


def say_one(reading: Reading) -> Said:
    return Said(reading.spoken, *say(FlatSynthesizer(), [reading]))


def said(delivery: Delivery, *, emphasis: dict[int, float] | None = None, original: Performance | None = None) -> Said:
    manner = Manner(OWNERS, emphasis or {}, original)
    return say_one(read(FlatTtv(), LINE, STYLE, None, 0, (delivery, manner)))


def semitones(one: Said) -> np.ndarray:
    return 12 * np.log2(np.expm1(one.spoken.latent.log_f0.astype(float)) / 150)


def level(one: Said, at: float) -> float:
    return float(20 * np.log10(one.speech.samples[round(at * 24_000)] / 0.1))


def test_a_plain_delivery_changes_nothing_and_reads_once() -> None:
    ttv = FlatTtv()
    one = say_one(read(ttv, LINE, STYLE, None, 0, (PLAIN, Manner())))
    assert len(ttv.asked) == 1
    assert np.all(semitones(one) == pytest.approx(0, abs=1e-4))
    assert np.all(one.speech.samples == np.float32(0.1))


def test_a_word_lasts_as_long_as_asked_and_no_other_changes() -> None:
    plain = said(PLAIN).spoken.durations
    longer = said(Delivery(words=(WordDelivery(2, duration=0.6),))).spoken.durations
    assert sum(longer[6:10]) == pytest.approx(0.6)
    assert longer[:6] == plain[:6]
    assert longer[10:] == plain[10:]
    stretched = said(Delivery(words=(WordDelivery(3, stretch=1.5),))).spoken.durations
    assert sum(stretched[11:]) == pytest.approx(1.5 * sum(plain[11:]))


def test_pitch_of_a_word_and_a_contour_inside_it() -> None:
    found = semitones(said(Delivery(words=(WordDelivery(1, pitch=3), WordDelivery(3, contour=((0, -4), (1, 4)))))))
    assert found[16] == pytest.approx(3, abs=0.05)
    assert found[60] == pytest.approx(0, abs=0.05)
    last = found[-32:]
    assert last[16] == pytest.approx(0, abs=0.3)
    assert last[8] == pytest.approx(-2, abs=0.3)
    assert last[24] == pytest.approx(2, abs=0.3)


def test_pitch_of_a_single_sound() -> None:
    pitches: list[float | None] = [None] * len(SYMBOLS)
    pitches[7] = -5.0
    found = semitones(said(Delivery(pitches=tuple(pitches))))
    middle = (5 * 4 + 8 - 4) * 2 + 8 + 4  # half-frames: four sounds, the comma, one sound, half of the next
    assert found[middle] == pytest.approx(-5, abs=0.3)
    assert found[10] == pytest.approx(0, abs=0.01)
    with pytest.raises(CueError, match="of another line"):
        said(Delivery(pitches=(1.0,)))


def test_emphasis_raises_lengthens_and_loudens_its_word_alone() -> None:
    plain, one = said(PLAIN), said(PLAIN, emphasis={1: 1.0})
    assert sum(one.spoken.durations[6:10]) > 1.1 * sum(plain.spoken.durations[6:10])
    found = semitones(one)
    start = 0.6
    assert found[round((start + 0.2) * 80)] == pytest.approx(2.5, abs=0.05)
    assert level(one, start + 0.2) == pytest.approx(3, abs=0.05)
    assert level(one, 0.2) == pytest.approx(0, abs=0.01)
    assert found[16] == pytest.approx(0, abs=0.01)


def test_the_originals_melody_pauses_and_loudness_are_followed_by_strength() -> None:
    count = 200
    tune = 3 * np.sin(np.arange(count) / 8)
    loud = np.where(np.arange(count) < 60, 6.0, -6.0)
    original = Performance((Interval(0.0, 0.5), Interval(0.9, 2.0)), tune, loud)
    likeness, pauses, steps = [], [], []
    for strength in (0.0, 0.5, 1.0):
        one = said(Delivery(original=strength), original=original)
        found = semitones(one)
        second = found[-64:]  # the second phrase, 0.8 s
        wanted = np.interp(90 + (np.arange(64) + 0.5) / 64 * 110, np.arange(count), tune)
        likeness.append(float(np.dot(second, wanted) / np.dot(wanted, wanted)))
        pauses.append(one.spoken.durations[4])
        steps.append(level(one, 0.2) - level(one, float(one.spoken.latent.duration) - 0.2))
    assert likeness == pytest.approx([0.0, 0.5, 1.0], abs=0.05)
    assert pauses == pytest.approx([0.2, 0.3, 0.4])
    assert steps == pytest.approx([0.0, 6.0, 12.0], abs=0.5)


def test_a_pause_mark_sets_its_symbol() -> None:
    line = PhonemeLine(LINE.text, "en", SYMBOLS, held=((4, 0.5),))
    one = say_one(read(FlatTtv(), line, STYLE, None, 0, (PLAIN, Manner())))
    assert one.spoken.durations[4] == 0.5


def test_a_word_that_is_not_there_and_values_out_of_bounds_are_refused() -> None:
    with pytest.raises(CueError, match="no spoken word 7"):
        said(Delivery(words=(WordDelivery(7, pitch=1),)))
    for wrong in ({"word": 0}, {"word": 1, "pitch": 40}, {"word": 1, "contour": ((1, 0), (0, 0))}):
        with pytest.raises(UsageError):
            WordDelivery(**wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="two deliveries"):
        Delivery(words=(WordDelivery(1), WordDelivery(1)))
    with pytest.raises(UsageError, match="original"):
        Delivery(original=1.5)
