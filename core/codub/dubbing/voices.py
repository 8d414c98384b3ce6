"""One style a speaker, worked out once from the original sound and kept beside the takes."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from codub.dubbing.plan import AudioPart, Plan
from codub.dubbing.profile import Models
from codub.errors import CodubError, CueError
from codub.media.audio import read_audio
from codub.speech.model import Speech, Style
from codub.speech.reference import LineSound, VoiceReference, voice_reference
from codub.speech.speaker import similarity
from codub.timing import SPEECH_RATE

Progress = Callable[[float, str], None]


class Voices:
    """The speakers' styles, from the cache where the same reference was fitted with the same limit before."""

    def __init__(self, plan: Plan, models: Models, folder: Path, fit_seconds: float) -> None:
        self._plan = plan
        self._models = models
        self._folder = folder
        self._fit_seconds = fit_seconds
        self._styles: dict[str, Style] = {}
        self._embeddings: dict[str, NDArray[np.float32]] = {}
        self.notes: list[str] = []

    def style(self, voice: str, progress: Progress) -> Style:
        """How the speaker sounds; fitted now if this is the first line of that voice.

        Raises:
            CueError: there is no usable original sound of the speaker.
        """
        if voice not in self._styles:
            self._styles[voice] = self._work_out(voice, progress)
        return self._styles[voice]

    def likeness(self, voice: str, speech: Speech) -> float:
        """Cosine of the speaker encoder between what was generated and the speaker's reference (SECS)."""
        embedding = self._models.speaker_encoder.embed(soxr.resample(speech.samples, speech.sample_rate, SPEECH_RATE))
        return similarity(embedding, self._embeddings[voice])

    def _work_out(self, voice: str, progress: Progress) -> Style:
        from codub.speech.style import nearest_style
        from codub.speech.style_file import load_style, save_style

        reference = self._reference(voice)
        path = self._folder / f"{_safe(voice)}-{self._key(reference)}.safetensors"
        embedding = self._embeddings[voice] = self._models.speaker_encoder.embed(reference.samples)
        if path.is_file():
            return load_style(path)
        style = nearest_style(embedding, reference.median_f0_hz)
        if self._fit_seconds > 0:
            style = self._fit(reference, style, progress)
        save_style(path, style)
        return style

    def _fit(self, reference: VoiceReference, start: Style, progress: Progress) -> Style:
        from codub.speech.style_fit import fit_style

        return fit_style(
            reference.samples,
            start,
            self._models.voice,
            self._models.speaker_encoder,
            limit_seconds=self._fit_seconds,
            progress=progress,
        )

    def _reference(self, voice: str) -> VoiceReference:
        parts = self._plan.references.get(voice, ())
        if not parts:
            raise CueError(
                f"There is no original sound of {voice or 'the speaker'}.",
                cause="No audio clip lies under that speaker's lines.",
                fix="Put the original dialogue on an audio track of the timeline.",
            )
        reference = voice_reference(_sounds(parts), voice or "the speaker")
        self.notes.extend(reference.warnings)
        return reference

    def _key(self, reference: VoiceReference) -> str:
        digest = hashlib.sha256(reference.samples.tobytes())
        digest.update(f"{self._models.profile.name} {self._fit_seconds}".encode())
        return digest.hexdigest()[:16]


def _sounds(parts: Iterable[AudioPart]) -> Iterable[LineSound]:
    for part in parts:
        try:
            samples = read_audio(part.media, part.start, part.duration, SPEECH_RATE)
        except CodubError:
            continue  # the cue over this clip reports it; another clip may hold the voice
        yield LineSound(part.clip.name, samples)


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.casefold())[:40] or "speaker"
