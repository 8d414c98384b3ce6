"""A cue becomes a line: text to latent, latent to sound, sound to its place."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import soxr
from numpy.typing import NDArray

from codub.dubbing.mouth import mouth_span
from codub.dubbing.place import PlacedLine, match_gain, place_line
from codub.dubbing.profile import KOKORO, Models
from codub.dubbing.recordings import heard_performance
from codub.dubbing.shots import AudioPart, Shot
from codub.dubbing.target import Target, moved_to
from codub.errors import CueError
from codub.latent import SpeechLatent
from codub.media.audio import read_audio
from codub.speech.lexicon import NO_WORDS, Words
from codub.speech.model import PLAIN, Delivery, Fit, PhonemeLine, Speech, Style
from codub.speech.performance import Performance, hear
from codub.speech.saying import Reading, manner_of, read, say_in_pieces
from codub.speech.shaping import Manner
from codub.timeline.cues import Cue
from codub.timeline.spans import Span
from codub.timing import DELIVERY_RATE, SPEECH_RATE

if TYPE_CHECKING:
    from codub.speech.kokoro.ttv import KokoroTextToVec
    from codub.speech.model import PhonemeEar


@dataclass(frozen=True)
class Line:
    """A cue that was spoken: its latent begins at timeline second `at`; `fit` is None for a human recording.

    `notes` say what of the text could not be spoken as it is written, `symbols` are what was spoken; `delivery` is how
    it was asked to be said, and `durations` are the seconds each symbol got (empty for a human recording).
    """

    shot: Shot
    latent: SpeechLatent
    at: Fraction
    placed: PlacedLine
    fit: Fit | None
    notes: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    delivery: Delivery = PLAIN
    durations: tuple[float, ...] = ()

    @property
    def end(self) -> Fraction:
        """Timeline second at which the latent ends."""
        return self.at + self.latent.duration

    @cached_property
    def mouth(self) -> Span:
        """When its speaker's mouth belongs to the line, in timeline seconds; listens to the original sound once."""
        return mouth_span(self.shot, self.at, self.end)


@dataclass(frozen=True)
class ReadCue:
    """A cue whose text was read for its window; it becomes a line when its sound is there. `notes` as a line's."""

    shot: Shot
    reading: Reading
    notes: tuple[str, ...]


def read_cue(
    shot: Shot, style: Style, models: Models, seed: int, delivery: Delivery = PLAIN, words: Words = NO_WORDS
) -> ReadCue:
    """The cue's text, read to be spoken in `style`, fitted to the cue's window and said as `delivery` wants it.

    `words` are pronunciations of the project's own.

    Raises:
        CueError: there is nothing to say in the text.
    """
    written, manner = _asked(shot, models, delivery, words)
    reading = read(models.voice.ttv, written, style, float(shot.cue.window), seed, (delivery, manner))
    notes = written.notes
    if delivery.original and manner.performance is None:
        notes = (*notes, "Nothing is heard of the original line: its delivery could not be followed.")
    return ReadCue(shot, reading, notes)


def spoken_line(cue: ReadCue, speech: Speech) -> Line:
    """The line that a cue becomes with the sound that was made of its reading.

    Raises:
        CueError: nothing is heard of it.
    """
    text, reading = cue.shot.cue.text, cue.reading
    if not np.any(speech.samples):
        raise CueError(f"The line {text!r} was spoken as silence.", fix="Make another take: --seed N.")
    delivery, _ = reading.told
    line = _line(cue.shot, reading.spoken.latent, speech, reading.spoken.fit, delivery.energy)
    return dataclasses.replace(
        line,
        notes=cue.notes,
        symbols=reading.line.symbols,
        delivery=delivery,
        durations=reading.spoken.durations,
    )


def speak_in_pieces(
    shot: Shot, style: Style, models: Models, seed: int, delivery: Delivery = PLAIN, words: Words = NO_WORDS
) -> Iterator[Speech]:
    """As a dub speaks the cue, for hearing it at once: each piece as soon as it is made, in the voice's own level.

    Raises:
        CueError: there is nothing to say in the text.
    """
    return say_in_pieces(models.voice.synthesizer, read_cue(shot, style, models, seed, delivery, words).reading)


def _asked(shot: Shot, models: Models, delivery: Delivery, words: Words) -> tuple[PhonemeLine, Manner]:
    """The cue's text as the voice reads it, and what its delivery refers to."""
    cue, write = shot.cue, models.profile.phonemize
    written = write(cue.text, cue.language, words)
    manner = manner_of(written, cue.language, lambda text, tag: write(text, tag, words), delivery, lambda: _heard(shot))
    return written, manner


def _heard(shot: Shot) -> Performance | None:
    """The original speaker's performance of the cue; None where it has no sound or hardly a voice."""
    original = original_line(shot.audio_parts)
    if original is None:
        return None
    return hear(soxr.resample(original.samples, original.sample_rate, SPEECH_RATE).astype(np.float32))


def speak_recording(
    shot: Shot, recording: Path, models: Models, into: Target | None = None, words: Words = NO_WORDS
) -> Line:
    """A human performance of the cue: heard by the speech encoder for the face; for the ear as it is, or converted.

    `into`: the voice that says it instead, in the performance's own timing, tones and loudness. Where the performance
    says the cue's text (`words` are pronunciations of the project's own), the voice knows its words from there.

    Raises:
        MediaError: the recording has no sound or cannot be read.
        CueError: it cannot be used: silent, ruined, of another line, or without speech to convert.
    """
    heard = read_audio(recording, rate=SPEECH_RATE)
    window = float(shot.cue.window)
    performance = heard_performance(recording, heard, window, converted=into is not None)
    latent, notes = models.speech_encoder.encode(heard), performance.notes
    if into is None:
        speech = Speech(read_audio(recording, rate=DELIVERY_RATE), DELIVERY_RATE)
    else:
        latent, deviates = with_words(latent, heard, shot.cue, models, into.style, words)
        notes = (*notes, *(f"'{recording.name}' does not say the cue's text: {what}" for what in deviates))
        latent = moved_to(latent, into.median_f0_hz)
        speech = models.voice.synthesizer.synthesize(latent, into.style)
    return dataclasses.replace(_line(shot, latent, speech, None), notes=notes)


def with_words(
    latent: SpeechLatent,
    heard: NDArray[np.float32],
    cue: Cue,
    models: Models,
    style: Style,
    words: Words = NO_WORDS,
) -> tuple[SpeechLatent, tuple[str, ...]]:
    """The latent of a recording (16 kHz) with its words: the cue's if they are said, else those understood, else none.

    With what was done instead where the cue's were not said.
    """
    if models.profile.voice != KOKORO:
        return latent, ()  # the paper's voice says features of the sound itself
    from codub.speech.kokoro.known_words import worded

    ear, ttv = cast("PhonemeEar", models.speech_encoder), cast("KokoroTextToVec", models.voice.ttv)
    posteriors = ear.posteriors(heard)

    def saying(said: str) -> SpeechLatent | None:
        try:
            line = models.profile.phonemize(said, cue.language, words)
        except CueError:  # there is nothing in it to say
            return None
        return worded(latent, posteriors, line, ttv, style)

    if (known := saying(cue.text)) is not None:
        return known, ()
    understood = models.understood(heard, cue.language)
    if (known := saying(understood)) is not None:
        return known, (f"the voice says '{understood}'.",)
    return latent, ("the voice says the sounds that are heard.",)


def original_line(parts: tuple[AudioPart, ...]) -> Speech | None:
    """The original sound under a cue at 48 kHz, its pieces one after the other; None where there is none."""
    pieces = [read_audio(part.media, part.start, part.duration, DELIVERY_RATE) for part in parts if part.duration > 0]
    return Speech(np.concatenate(pieces), DELIVERY_RATE) if pieces else None


def _line(shot: Shot, latent: SpeechLatent, speech: Speech, fit: Fit | None, louder_db: float = 0.0) -> Line:
    cue = shot.cue
    gain = match_gain(speech, original_line(shot.audio_parts)) + louder_db
    start, end = shot.whole_frames(cue.start, max(cue.end, cue.start + latent.duration))
    placed = place_line(speech, start=start, end=end, at=cue.start, gain_db=gain)
    return Line(shot, latent, cue.start, placed, fit)
