"""One style a speaker, worked out once from the original sound and kept beside the takes."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import soxr
from numpy.typing import NDArray

from codub.dubbing.cast.casting import NO_CAST, Cast
from codub.dubbing.cast.voice_card import fit_limit
from codub.dubbing.cast.voice_reference import described, speaker_reference
from codub.dubbing.memory import media_key
from codub.dubbing.profile import Models
from codub.dubbing.record import Setting
from codub.dubbing.shots import Plan
from codub.dubbing.target import Target
from codub.speech.model import Speech, Style
from codub.speech.reference import VoiceReference
from codub.speech.speaker import similarity
from codub.timing import SPEECH_RATE

if TYPE_CHECKING:
    from codub.speech.hierspeechpp.voice import HierspeechppVoice
    from codub.speech.kokoro.voice import KokoroVoice

Progress = Callable[[float, str], None]


class Voices:
    """The speakers' styles, from the cache where the same reference was fitted with the same limit before.

    The cast says what each voice is taken from. `fit_seconds` is the limit of every fit; None: the cast's, else the
    profile's.
    """

    def __init__(
        self, plan: Plan, models: Models, folder: Path, fit_seconds: float | None, cast: Cast = NO_CAST
    ) -> None:
        self._plan = plan
        self._models = models
        self._folder = folder
        self._fit_seconds = fit_seconds
        self._cast = cast
        self._files: dict[str, Path] = {}
        self._styles: dict[str, Style] = {}
        self._embeddings: dict[str, NDArray[np.float32]] = {}
        self._median_f0: dict[str, float | None] = {}
        self._warnings: dict[str, tuple[str, ...]] = {}
        self.notes: list[str] = []

    def style(self, voice: str, progress: Progress) -> Style:
        """How the speaker sounds; fitted now if this is the first line of that voice.

        Raises:
            CueError: there is no usable original sound of the speaker.
        """
        if voice not in self._styles:
            self._styles[voice] = self._work_out(voice, progress)
        return self._styles[voice]

    def speaking(self, voice: str, language: str, progress: Progress) -> Style:
        """The style as it speaks `language` (a tag); a voice that the cast names speaks all with its own accent.

        Raises:
            CueError: there is no usable original sound of the speaker.
        """
        style = self.style(voice, progress)
        if not self._models.profile.fits_voices or self._cast.member(voice).voice:
            return style
        from codub.speech.accent import accented

        return accented(style, language)

    def target(self, voice: str, language: str, progress: Progress) -> Target:
        """What a performance in `language` is converted into to be that voice.

        Raises:
            CueError: there is no usable original sound of the speaker.
        """
        return Target(self.speaking(voice, language, progress), self._median_f0.get(voice))

    def used(self, voice: str) -> dict[str, Setting]:
        """What the voice was taken from, the limit of its fit and its file, for a take's record."""
        found: dict[str, Setting] = {
            "voice.reference": described(self._cast.member(voice)),
            "voice.fit_seconds": self.limit(voice),
        }
        if voice in self._files:
            found["voice.style"] = self._files[voice].name
        if warnings := self._warnings.get(voice):
            found["voice.warnings"] = " ".join(warnings)
        return found

    def limit(self, voice: str) -> float:
        """Limit in seconds of a speaker's fit; 0 where the profile's voice fits none."""
        return fit_limit(self._models.profile, self._cast.member(voice), self._fit_seconds)

    def likeness(self, voice: str, speech: Speech) -> float | None:
        """Cosine of the speaker encoder between what was generated and the speaker's reference (SECS).

        None where the cast names another voice: that one is not meant to be like the speaker's.
        """
        if voice not in self._embeddings:
            return None
        embedding = self._models.speaker_encoder.embed(soxr.resample(speech.samples, speech.sample_rate, SPEECH_RATE))
        return similarity(embedding, self._embeddings[voice])

    def _work_out(self, voice: str, progress: Progress) -> Style:
        from codub.speech.style_file import load_style, save_style

        if (named := self._cast.member(voice).voice) and self._models.profile.fits_voices:
            from codub.speech.kokoro.chosen_voices import chosen_style

            return chosen_style(named)
        limit = self.limit(voice)
        reference, embedding = self._models.memory.recall(self._key(voice), lambda: self._listen(voice))
        self.notes.extend(reference.warnings)
        self._warnings[voice] = reference.warnings
        self._median_f0[voice] = reference.median_f0_hz
        path = self._files[voice] = self._folder / style_name(voice, reference, self._models.profile.mark, limit)
        self._embeddings[voice] = embedding
        if path.is_file():
            return load_style(path)
        if self._models.profile.fits_voices:
            style = self._fitted(reference, embedding, limit, progress, path.with_suffix(".fit"))
        else:
            style = cast("HierspeechppVoice", self._models.voice).style_of(reference.samples)
        save_style(path, style)
        path.with_suffix(".fit").unlink(missing_ok=True)
        return style

    def _listen(self, voice: str) -> tuple[VoiceReference, NDArray[np.float32]]:
        reference = speaker_reference(self._plan, self._cast.member(voice))
        return reference, self._models.speaker_encoder.embed(reference.samples)

    def _key(self, voice: str) -> tuple[object, ...]:
        """What the reference is made of: the same sound gives the same reference."""
        member, parts = self._cast.member(voice), self._plan.references.get(voice, ())
        files = {part.media: media_key(part.media) for part in parts}
        sounds = tuple((files[part.media], part.start, part.duration, part.cue) for part in parts)
        recording = media_key(Path(member.recording)) if member.recording else None
        return "reference", voice, member, recording, sounds

    def _fitted(
        self,
        reference: VoiceReference,
        embedding: NDArray[np.float32],
        limit: float,
        progress: Progress,
        kept: Path,
    ) -> Style:
        from codub.speech.heard_reference import hear
        from codub.speech.style_fit import fit_style
        from codub.speech.style_gains import drawn_style

        voice = cast("KokoroVoice", self._models.voice)
        heard = hear(reference.samples, embedding, self._models.speech_encoder)
        start = drawn_style(heard, voice, self._models.speaker_encoder)
        if limit <= 0:
            return start
        return fit_style(
            heard,
            start,
            voice,
            self._models.speaker_encoder,
            limit_seconds=limit,
            progress=progress,
            kept=kept,
        )


def style_name(voice: str, reference: VoiceReference, profile: str, limit: float) -> str:
    """Name of the file of a style: another one for another reference, profile or limit in seconds."""
    digest = hashlib.sha256(reference.samples.tobytes())
    digest.update(f"{profile} {limit}".encode())
    return f"{_safe(voice)}-{digest.hexdigest()[:16]}.safetensors"


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.casefold())[:40] or "speaker"
