"""Sound of which we know, or can find out, the latent that it should be heard as.

Teacher clips were spoken by the voice model itself, so their phonemes, features, F0 and energy are known. Real
recordings have a text: the encoder of the first round aligns it, and the features follow from the alignment.
"""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from codub.errors import UsageError
from codub.latent import SILENT_ENERGY, FloatArray
from codub.media.audio import read_audio
from codub.speech.alignment import Aligned, align_text
from codub.speech.encoder import SAMPLES_PER_VECTOR, EarSpeechEncoder
from codub.speech.inventory import NUMBER, PAUSE, labels
from codub.speech.kokoro.spans import loud
from codub.speech.kokoro.ttv import KokoroTextToVec
from codub.speech.kokoro.voices import named_voice
from codub.speech.model import Style
from codub.timing import SPEECH_RATE
from codub.training import grid
from codub.training.alignment import SpokenWord, align_grid
from codub.training.speech_examples import Source, Target
from codub.training.spoken_clip import Word

# Voices, and blends in which they take part, that are only measured on; GRID's and LibriSpeech's own lists are theirs.
HELD_OUT_VOICES = ("af_heart", "bm_george", "am_puck", "em_alex", "if_sara", "pm_santa")
HELD_OUT_ORIGIN = "LibriSpeech test-other"
SILENCE_VECTORS = 160  # of a clip in which nothing is said: 4 s
PLAIN_VOICE = "af_heart"  # whose predicted durations give real speech its proportions


@dataclass(frozen=True)
class TeacherClip:
    """One synthesized clip; `durations` in 25 ms vectors belong to `[pad, *symbols, pad]`."""

    name: str
    language: str
    speaker: str
    text: str
    symbols: tuple[str, ...]
    durations: tuple[int, ...]
    sound: Path

    @property
    def held_out(self) -> bool:
        """Whether a voice that takes part in it is only measured on."""
        return any(voice in self.speaker for voice in HELD_OUT_VOICES)


@dataclass(frozen=True)
class Recording:
    """A real person's sentence; GRID's have word times. `pace` is how many times faster (and higher) it is heard."""

    name: str
    speaker: str
    text: str
    sound: Path
    words: tuple[Word, ...] = ()
    pace: float = 1.0

    def samples(self) -> FloatArray:
        """16 kHz mono, at its pace."""
        sound = read_sound(self.sound)
        if self.pace == 1.0:
            return sound
        return np.asarray(soxr.resample(sound, SPEECH_RATE * self.pace, SPEECH_RATE), dtype=np.float32)

    def at(self, pace: float) -> "Recording":
        """The same as a smaller or larger speaker would say it; it has another name."""
        return self if pace == 1.0 else replace(self, name=f"{self.name}@{pace:g}", pace=pace)


def teacher_clips(corpora: Path) -> list[TeacherClip]:
    """The synthesized clips listed in `corpora/teacher/clips.jsonl`.

    Raises:
        UsageError: the list is not there.
    """
    folder = corpora / "teacher"
    table = folder / "clips.jsonl"
    if not table.is_file():
        raise UsageError(f"There are no teacher clips in '{folder}'.", cause="It has no clips.jsonl.")
    rows = (json.loads(line) for line in table.read_text(encoding="utf-8").splitlines())
    return [
        TeacherClip(
            name=row["id"],
            language=row["lang"],
            speaker=row["speaker"],
            text=row["text"],
            symbols=tuple(row["phonemes"]),
            durations=tuple(row["durations_25ms"]),
            sound=folder / "audio" / f"{row['id']}.ogg",
        )
        for row in rows
    ]


def recordings(corpora: Path, *, of_one_speaker: int = 300) -> list[Recording]:
    """Real sentences to train on: LibriSpeech, the ARCTIC voice and GRID, without the people kept for tests.

    At most `of_one_speaker` of one person, spread over all of that person's.

    Raises:
        UsageError: a corpus is not in that folder.
    """
    by_speaker: dict[str, list[Recording]] = {}
    for recording in (*_speech_corpus(corpora), *_grid_corpus(corpora)):
        by_speaker.setdefault(recording.speaker, []).append(recording)
    return [one for own in by_speaker.values() for one in own[:: -(-len(own) // of_one_speaker)]]


def _speech_corpus(corpora: Path) -> Iterator[Recording]:
    manifest = corpora / "speech" / "manifest.tsv"
    if not manifest.is_file():
        raise UsageError(f"There are no recordings in '{corpora}'.", cause=f"'{manifest}' does not exist.")
    with manifest.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if not row["origin"].startswith(HELD_OUT_ORIGIN):
                path = manifest.parent / row["file"]
                yield Recording(path.stem, row["speaker"], row["text"], path)


def _grid_corpus(corpora: Path) -> Iterator[Recording]:
    for clip in grid.read_grid(corpora):
        if clip.person in grid.TRAINING_PEOPLE:
            yield Recording(clip.name, clip.person, clip.text, clip.film, clip.words())


def read_sound(path: Path) -> FloatArray:
    """16 kHz mono sound of a corpus file, film or not."""
    return np.asarray(read_audio(path, rate=SPEECH_RATE), dtype=np.float32)


def teacher_sources(clips: Sequence[TeacherClip], ttv: KokoroTextToVec) -> list[Source]:
    """The clips with what the voice model itself says of them."""
    return [
        Source(clip.name, lambda clip=clip: read_sound(clip.sound), lambda clip=clip: teacher_target(clip, ttv))  # type: ignore[misc]
        for clip in clips
    ]


def teacher_target(clip: TeacherClip, ttv: KokoroTextToVec) -> Target:
    """Features, labels, F0 and energy of a clip at its stored durations."""
    style = Style(ttv.space, named_voice(clip.speaker))
    f0, energy = ttv.prosody(clip.symbols, clip.durations, style)
    row = label_row(clip.symbols, clip.durations, energy)
    return Target(ttv.features(clip.symbols, clip.durations), row, f0, energy)


def recording_sources(items: Sequence[Recording], ttv: KokoroTextToVec, encoder: EarSpeechEncoder) -> list[Source]:
    """The recordings with what the voice model would have made of their words at their own timing."""
    return [
        Source(
            item.name,
            lambda item=item: item.samples(),  # type: ignore[misc]
            lambda item=item: recording_target(item, ttv, encoder),  # type: ignore[misc]
        )
        for item in items
    ]


def recording_target(recording: Recording, ttv: KokoroTextToVec, encoder: EarSpeechEncoder) -> Target:
    """Features and labels by alignment; F0 and energy are not known."""
    found = aligned(recording, ttv, encoder)
    count = sum(found.durations)
    unknown = np.zeros(2 * count, dtype=np.float32)
    features = ttv.features(found.symbols, found.durations)
    return Target(features, label_row(found.symbols, found.durations), unknown, unknown, has_prosody=False)


def silence_sources(ttv: KokoroTextToVec, count: int) -> list[Source]:
    """Noises of many colours and levels, in which nothing is said."""
    silence = Target(
        np.repeat(ttv.silence_vector()[:, None], SILENCE_VECTORS, axis=1),
        np.full(SILENCE_VECTORS, NUMBER[PAUSE], dtype=np.uint8),
        np.zeros(2 * SILENCE_VECTORS, dtype=np.float32),
        np.full(2 * SILENCE_VECTORS, SILENT_ENERGY, dtype=np.float32),
    )
    return [
        Source(f"silence-{number:02d}", lambda number=number: coloured_noise(number), lambda: silence)  # type: ignore[misc]
        for number in range(count)
    ]


def coloured_noise(seed: int) -> FloatArray:
    """Four seconds of white to brown noise, 70 to 10 dB below full scale."""
    random = np.random.default_rng(seed)
    samples = SILENCE_VECTORS * SAMPLES_PER_VECTOR
    shape = np.maximum(np.fft.rfftfreq(samples, 1 / SPEECH_RATE), 50.0) ** -random.uniform(0, 1.2)
    noise = np.fft.irfft(np.fft.rfft(random.standard_normal(samples)) * shape, samples)
    return np.asarray(noise / np.abs(noise).max() * 10 ** (random.uniform(-70, -10) / 20), dtype=np.float32)


def aligned(recording: Recording, ttv: KokoroTextToVec, encoder: EarSpeechEncoder) -> Aligned:
    """Symbols of a recording with the vectors that each of them lasts."""
    samples = recording.samples()
    style = Style(ttv.space, named_voice(PLAIN_VOICE))
    posteriors = encoder.posteriors(samples)
    if recording.words:
        return align_grid(samples, _words(recording), ttv=ttv, style=style, posteriors=posteriors)
    return align_text(recording.text, "en", posteriors, ttv=ttv, style=style)


def _words(recording: Recording) -> list[SpokenWord]:
    pace = recording.pace
    return [SpokenWord(word.text, word.start / pace, word.end / pace) for word in recording.words]


def label_row(symbols: Sequence[str], durations: Sequence[int], energy: FloatArray | None = None) -> NDArray[np.uint8]:
    """Inventory number of every vector, for durations of `[pad, *symbols, pad]`.

    The voice keeps the silence after a line in its last sound; where `energy` (2T,) tells of it, it is a pause.
    """
    row = np.repeat(np.array(labels([PAUSE, *symbols, PAUSE]), dtype=np.uint8), durations)
    if energy is not None:
        heard = np.flatnonzero(loud(energy))
        if len(heard):
            row[: heard[0]] = NUMBER[PAUSE]
            row[heard[-1] + 1 :] = NUMBER[PAUSE]
    return row
