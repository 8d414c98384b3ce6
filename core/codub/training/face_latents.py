"""Latents of the films that train the face: of their real sound, and of their words at the film's own timing."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from codub import imported
from codub.errors import CueError
from codub.latent import EMBEDDED, HIERSPEECHPP, SILENCE, FloatArray, LatentSpace, PhonemeSpan, SpeechLatent
from codub.speech.alignment import RATE, Aligned, align_text
from codub.speech.model import Style
from codub.speech.phonemes import phonemize
from codub.training.alignment import SpokenWord, align_grid
from codub.training.face_cache import FaceCache
from codub.training.homophenes import exchanged
from codub.training.line_latents import features_of_lines
from codub.training.processes import ALONE, Processes
from codub.training.spoken_clip import Line, SpokenClip

Progress = Callable[[float, str], None]

VOICE = "af_heart"  # whose natural durations start the alignment; features do not depend on the voice
# Of a film's text: the paper's TTV draws by chance; the embedded one gives a text the same features every time, and
# further drawings are of sounds that look alike.
DRAWINGS = {EMBEDDED.name: 4, HIERSPEECHPP.name: 3}
SILENCE_NAME = "silence"  # under which the TTV's silence is kept among the films' texts


class FilmReader(Protocol):
    """Gives films their latents in one space, with the speech models of that space."""

    def heard(self, film: SpokenClip) -> FloatArray:
        """Features `(C, T)` of the film's real sound: the paper's first stage."""
        ...

    def predicted(self, film: SpokenClip, drawing: int) -> FloatArray:
        """Features `(C, T)` that the TTV gives to what is said in the film, at its own timing: the second stage.

        Another `drawing` gives other ones that belong to the same picture.

        Raises:
            CueError: what is said is not known, or is not what is heard.
        """
        ...

    def silence(self) -> FloatArray:
        """What the TTV gives where nothing is said, `(C,)`."""
        ...


def film_reader(space: LatentSpace) -> FilmReader:
    """The reader of a space.

    Raises:
        WeightsError: the speech models of that space are not on this machine.
    """
    if space == HIERSPEECHPP:
        from codub.training.face_resynthesis import load_resynthesis

        return load_resynthesis()
    return AlignedReader()


def require_speech_models(space: LatentSpace) -> None:
    """Stop before hours of cutting if the space's speech models are not here.

    Raises:
        WeightsError: names all that are missing and where they come from.
    """
    if space == HIERSPEECHPP:
        imported.require(("ttv", "mms-300m"), "Latents of the films are made with the profile's own speech models.")


def fill(
    films: Sequence[SpokenClip],
    cache: FaceCache,
    progress: Progress,
    reader: FilmReader | None = None,
    processes: Processes = ALONE,
) -> None:
    """Every film's latents into the cache, of its sound and of its text, and the TTV's silence.

    Where a film's text cannot be used, the cache keeps the reason and the film is trained on by its sound alone.
    Several processes share the films.

    Raises:
        WeightsError: the space's speech models are missing.
    """
    missing = [
        (kind, drawing, film)
        for film in films
        for drawing, kind in enumerate(kinds(cache.space), -1)
        if not cache.latent(kind, film.name).is_file() and not cache.reason(kind, film.name)
    ][processes.rank :: processes.count]
    if missing or (processes.first and not cache.latent("text", SILENCE_NAME).is_file()):
        reader = reader or film_reader(cache.space)
        if processes.first:
            cache.save_latent("text", SILENCE_NAME, reader.silence()[:, None])
    for number, (kind, drawing, film) in enumerate(missing):
        assert reader is not None
        progress(number / len(missing), f"{'hearing' if kind == 'sound' else 'reading'} {film.name}")
        try:
            features = reader.heard(film) if kind == "sound" else reader.predicted(film, drawing)
        except CueError as error:
            cache.save_reason(kind, film.name, str(error))
        else:
            cache.save_latent(kind, film.name, features)
    processes.wait()


def kinds(space: LatentSpace) -> tuple[str, ...]:
    """Kinds of latents that films have: "sound", "text", and "text-2" and so on for further drawings of the text."""
    return ("sound", "text", *(f"text-{number}" for number in range(2, 1 + DRAWINGS[space.name])))


class AlignedReader:
    """The `embedded` space: Whisper hears; the TTV gives a film's words features, aligned to the film's own timing."""

    def __init__(self) -> None:
        from codub.speech.encoder import load_speech_encoder
        from codub.speech.kokoro.voice import load_voice
        from codub.speech.kokoro.voices import stock_voice

        self._encoder = load_speech_encoder()
        self._ttv = load_voice().ttv
        self._style = Style(EMBEDDED, stock_voice(VOICE), origin=VOICE)
        self._laid: tuple[SpokenClip, Aligned] | None = None  # the last film: its drawings follow one another

    def read(self, film: SpokenClip) -> SpeechLatent:
        """Latent of the film's words, with their phonemes' spans; no sound enters its features."""
        aligned = self._lay_words(film)
        features = self._ttv.features(aligned.symbols, aligned.durations)
        prosody = np.zeros(2 * features.shape[1], np.float32)
        return SpeechLatent(EMBEDDED, features, prosody, prosody, _spans(aligned))

    def say(self, text: str) -> SpeechLatent:
        """Latent of an English line that no film says, at the TTV's own pace."""
        return self._ttv.speak(phonemize(text, "en"), self._style, None, 0).latent

    def heard(self, film: SpokenClip) -> FloatArray:
        """Features `(C, T)` of the film's real sound."""
        return self._encoder.encode(film.sound()).features

    def predicted(self, film: SpokenClip, drawing: int = 0) -> FloatArray:
        """Features `(C, T)` of the film's words, or of its lines where the words' times are not known.

        Drawings after the first say sounds that look like the film's.
        """
        random = np.random.default_rng(zlib.crc32(f"{film.name} {drawing}".encode()))

        def features(aligned: Aligned) -> FloatArray:
            symbols = exchanged(aligned.symbols, random) if drawing else aligned.symbols
            return self._ttv.features(symbols, aligned.durations)

        if film.words():
            return features(self._lay_words(film))
        if not film.lines():
            raise CueError(f"Nobody wrote down what is said in '{film.name}'.")
        return features_of_lines(
            film,
            posteriors=self._encoder.posteriors,
            lay=self._lay,
            features=features,
            silence=self.silence(),
        )

    def silence(self) -> FloatArray:
        """What the TTV gives where nothing is said, `(C,)`."""
        return self._ttv.silence_vector()

    def hear(self, film: SpokenClip) -> SpeechLatent:
        """Latent of the film's real sound, with the spans of its known words."""
        return replace(self._encoder.encode(film.sound()), spans=self.read(film).spans)

    def _lay_words(self, film: SpokenClip) -> Aligned:
        if self._laid is None or self._laid[0] is not film:
            samples = film.sound()
            words = [SpokenWord(word.text, word.start, word.end) for word in film.words()]
            heard = self._encoder.posteriors(samples)
            laid = align_grid(samples, words, ttv=self._ttv, style=self._style, posteriors=heard)
            self._laid = (film, laid)
        return self._laid[1]

    def _lay(self, line: Line, posteriors: FloatArray) -> Aligned:
        return align_text(line.text, line.language, posteriors, ttv=self._ttv, style=self._style)


def _spans(aligned: Aligned) -> tuple[PhonemeSpan, ...]:
    """Phonemes with their times; pads, spaces and marks count as silence."""
    spans, time = [], 0.0
    for symbol, count in zip(("", *aligned.symbols, ""), aligned.durations, strict=True):
        end = time + count / RATE
        if count:
            spans.append(PhonemeSpan(symbol if symbol.isalpha() else SILENCE, time, end))
        time = end
    return tuple(spans)


def film_sound(film: SpokenClip) -> FloatArray:
    """The sound of a cut film, 16 kHz mono."""
    return film.sound()
