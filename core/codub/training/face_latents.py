"""Latents of the films that train the face: of their real sound, and of their words at the film's own timing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from codub.latent import EMBEDDED, SILENCE, PhonemeSpan, SpeechLatent
from codub.media.audio import read_audio
from codub.speech.model import Style
from codub.timing import SPEECH_RATE
from codub.training.alignment import RATE, Aligned, SpokenWord, align_grid
from codub.training.face_cache import FaceCache
from codub.training.grid import PICTURE_RATE, GridClip

Progress = Callable[[float, str], None]

VOICE = "af_heart"  # whose natural durations start the alignment; features do not depend on the voice
FRAMES = 75  # of every GRID film
SILENCE_NAME = "silence"  # under which the TTV's silence is kept among the films' texts


def hear(films: Sequence[GridClip], cache: FaceCache, progress: Progress) -> None:
    """The speech encoder's features of each film's sound, the paper's first stage.

    Raises:
        WeightsError: the speech encoder's weights are missing.
    """
    missing = [film for film in films if not cache.latent("sound", film.name).is_file()]
    if not missing:
        return
    from codub.speech.encoder import load_speech_encoder

    encoder = load_speech_encoder()
    for number, film in enumerate(missing):
        progress(number / len(missing), f"hearing {film.name}")
        cache.save_latent("sound", film.name, encoder.encode(_sound(film)).features)


def read_aloud(films: Sequence[GridClip], cache: FaceCache, progress: Progress) -> None:
    """The TTV's features of each film's words at the times they are spoken, the paper's second stage.

    Raises:
        WeightsError: the voice's or the speech encoder's weights are missing.
    """
    missing = [film for film in films if not cache.latent("text", film.name).is_file()]
    if not missing and cache.latent("text", SILENCE_NAME).is_file():
        return
    reader = AlignedReader()
    cache.save_latent("text", SILENCE_NAME, reader.silence()[:, None])
    for number, film in enumerate(missing):
        progress(number / len(missing), f"reading {film.name}")
        cache.save_latent("text", film.name, reader.read(film).features)


class AlignedReader:
    """Gives a film's words the TTV's features at the film's own timing."""

    def __init__(self) -> None:
        from codub.speech.encoder import load_speech_encoder
        from codub.speech.kokoro.voice import load_voice
        from codub.speech.kokoro.voices import stock_voice

        self._encoder = load_speech_encoder()
        self._ttv = load_voice().ttv
        self._style = Style(EMBEDDED, stock_voice(VOICE), origin=VOICE)

    def read(self, film: GridClip) -> SpeechLatent:
        """Latent of the film's words, with their phonemes' spans; no sound enters its features."""
        samples = _sound(film)
        aligned = align_grid(
            samples,
            [SpokenWord(word.text, word.start, word.end) for word in film.words()],
            ttv=self._ttv,
            style=self._style,
            posteriors=self._encoder.posteriors(samples),
        )
        features = self._ttv.features(aligned.symbols, aligned.durations)
        prosody = np.zeros(2 * features.shape[1], np.float32)
        return SpeechLatent(EMBEDDED, features, prosody, prosody, _spans(aligned))

    def silence(self) -> NDArray[np.float32]:
        """What the TTV gives where nothing is said, `(C,)`."""
        return self._ttv.silence_vector()

    def hear(self, film: GridClip) -> SpeechLatent:
        """Latent of the film's real sound, with the spans of its known words."""
        return replace(self._encoder.encode(_sound(film)), spans=self.read(film).spans)


def _spans(aligned: Aligned) -> tuple[PhonemeSpan, ...]:
    """Phonemes with their times; pads, spaces and marks count as silence."""
    spans, time = [], 0.0
    for symbol, count in zip(("", *aligned.symbols, ""), aligned.durations, strict=True):
        end = time + count / RATE
        if count:
            spans.append(PhonemeSpan(symbol if symbol.isalpha() else SILENCE, time, end))
        time = end
    return tuple(spans)


def _sound(film: GridClip) -> NDArray[np.float32]:
    return read_audio(film.film, duration=Fraction(FRAMES, PICTURE_RATE), rate=SPEECH_RATE)
