"""What drives the mouth in a speaker's own lines: the latent of the original sound, and of the original words."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import cast

import numpy as np

from codub.dubbing.profile import HIERSPEECHPP, Models
from codub.errors import CueError
from codub.jobs.own_line import OwnLine
from codub.jobs.own_lines import AROUND
from codub.latent import EMBEDDED, FloatArray, LatentSpace, SpeechLatent
from codub.speech.model import Style
from codub.timing import SPEECH_RATE
from codub.training.face_data import as_latent

TRIMMED = AROUND - Fraction(1, 5)  # s of a line's sound that are left out when words are laid onto it, at both ends


@dataclass(frozen=True)
class OwnLatents:
    """Latents of lines in a profile's space; `language` is that of the original words, "" where nobody knows."""

    models: Models
    language: str = ""

    def of(self, line: OwnLine) -> dict[str, FloatArray]:
        """Features `(C, T)` that begin with the line's sound, of the "sound" and, where it can be had, of its "text".

        What the TTV makes of the words is laid onto the sound's own timing; the paper's voice makes it of the sound.
        """
        found = {"sound": self.models.speech_encoder.encode(line.sound).features}
        text = self._resynthesized(line, found["sound"]) if self._published else self._read(line)
        return found if text is None else found | {"text": text}

    @cached_property
    def silence(self) -> FloatArray:
        """What the TTV gives where nothing is said, `(C,)`."""
        return self.models.voice.ttv.silence_vector()

    @property
    def _published(self) -> bool:
        return self.models.profile.voice == HIERSPEECHPP

    def _resynthesized(self, line: OwnLine, features: FloatArray) -> FloatArray:
        from codub.training.face_resynthesis import load_resynthesis

        return load_resynthesis().resynthesized(features, line.sound, line.cue)

    def _read(self, line: OwnLine) -> FloatArray | None:
        """Features of the line's words; None where they cannot be read, or do not fit into the sound."""
        from codub.speech.alignment import align_text
        from codub.speech.encoder import EarSpeechEncoder
        from codub.speech.kokoro.ttv import KokoroTextToVec
        from codub.speech.kokoro.voices import stock_voice
        from codub.training.face_latents import VOICE

        if not line.text or not self.language:
            return None
        encoder = cast("EarSpeechEncoder", self.models.speech_encoder)
        ttv = cast("KokoroTextToVec", self.models.voice.ttv)
        vectors = int(TRIMMED * EMBEDDED.rate)
        step = SPEECH_RATE // int(EMBEDDED.rate)
        posteriors = encoder.posteriors(line.sound[vectors * step : -vectors * step])
        try:
            aligned = align_text(
                line.text, self.language, posteriors, ttv=ttv, style=Style(EMBEDDED, stock_voice(VOICE), origin=VOICE)
            )
        except CueError:  # the sound of the line teaches all the same
            return None
        said = ttv.features(aligned.symbols, aligned.durations)
        edge = np.repeat(self.silence[:, None], vectors, axis=1)
        return np.concatenate([edge, said, edge], axis=1).astype(np.float32)


def latent_from(space: LatentSpace, features: FloatArray, seconds: Fraction) -> SpeechLatent:
    """Features as a latent that begins so many seconds later; between vectors they are interpolated."""
    skipped = seconds * space.rate
    if skipped.denominator == 1:
        return as_latent(space, features[:, int(skipped) :])
    count = features.shape[1] - int(skipped) - 1
    times = float(seconds) + (np.arange(count) + 0.5) / float(space.rate)
    return as_latent(space, as_latent(space, features).windows(times, 1)[:, :, 0].T)
