"""A profile: a voice model, a face model and the latent space in which they meet."""

import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from codub import config, imported, in_use, weights
from codub.dubbing.memory import Memory
from codub.errors import UsageError, WeightsError
from codub.latent import SPACES, LatentSpace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from codub.face.landmarks import LandmarkSource
    from codub.face.model import FaceGenerator, SilentFace
    from codub.speech.hierspeechpp.voice import HierspeechppVoice
    from codub.speech.kokoro.voice import KokoroVoice
    from codub.speech.lexicon import Words
    from codub.speech.model import PhonemeLine, SpeechEncoder
    from codub.speech.speaker import SpeakerEncoder

KOKORO = "kokoro"
WHISPER = "whisper"
LIGHT = "light"
HIERSPEECHPP = "hierspeechpp"


@dataclass(frozen=True)
class Profile:
    """What `configs/NAME.yaml` states; `fit_seconds` limits the fit of one speaker's style.

    `precision` is of the paper's voice on a GPU: "float32", "bfloat16" or "float16"; a CPU works in float32.
    `lines_at_once` are spoken together on a GPU.
    `needs` are weights that are fetched, `imports` those that a person imports from files; `languages` are those that
    the voice speaks (none named: every one that espeak-ng reads).
    """

    name: str
    space: str
    voice: str
    speech_encoder: str
    face: str
    needs: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    imports_for_recordings: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    fit_seconds: float = 60.0
    codec: str = "h264"
    precision: str = "float32"
    lines_at_once: int = 16

    @property
    def latent_space(self) -> LatentSpace:
        """The joint space of this profile's voice and face."""
        return SPACES[self.space]

    @property
    def fits_voices(self) -> bool:
        """Whether a speaker's style is fitted to the reference; the paper's voice hears it at once."""
        return self.voice == KOKORO

    def phonemize(self, text: str, language: str, words: "Words | None" = None) -> "PhonemeLine":
        """The line as this profile's voice reads it; every voice has a notation of its own.

        `words` are pronunciations of the project's own.

        Raises:
            CueError: there is nothing to speak in it.
            UsageError: the voice does not speak that language.
        """
        if self.voice == HIERSPEECHPP:
            from codub.speech.hierspeechpp.text import phonemize as read_published

            return read_published(text, language, words or {})
        from codub.speech.phonemes import phonemize

        return phonemize(text, language, words or {})

    def require_language(self, language: str) -> None:
        """Stop before any work is done if the voice does not speak the language.

        Raises:
            UsageError: it does not.
        """
        if self.languages and re.split("[-_]", language.lower())[0] not in self.languages:
            raise UsageError(
                f"The voice of the profile '{self.name}' does not speak '{language}'.",
                cause=f"It was trained on {', '.join(self.languages)}.",
                fix="Use the profile 'embedded' for that language, or give a human recording: --audio FILE --cue N.",
            )

    @property
    def mark(self) -> str:
        """Name for what depends on the profile's voice: another one for other imported weights."""
        sums = [imported.recorded_sha256(name)[:12] for name in self.imports if Path(self.face).stem != name]
        sums += [imported.sha256_of(chosen)[:12] for name in self.needs if (chosen := in_use.stand_in(name))]
        return " ".join([self.name, *sums])

    @property
    def face_file(self) -> Path:
        """The face weights: imported ones, or those that ship.

        Raises:
            WeightsError: they are not on this machine.
        """
        name = Path(self.face).stem
        return imported.find(name) if name in self.imports else weights.shipped(self.face)


def load_profile(name: str) -> Profile:
    """The profile of that name.

    Raises:
        UsageError: there is none, or its settings are wrong.
    """
    profile = config.load(Profile, name)
    if profile.space not in SPACES:
        raise UsageError(f"The profile '{name}' names an unknown latent space '{profile.space}'.")
    return profile


class Models:
    """The models of a profile, each loaded when it is first asked for and kept warm; `memory` holds what they found."""

    def __init__(self, profile: Profile, *, device: str | None = None, threads: int | None = None) -> None:
        self.profile = profile
        self.threads = threads or os.cpu_count() or 1
        self.device = device or _device()
        self.memory = Memory()

    @property
    def lines_at_once(self) -> int:
        """How many lines are spoken together: on a CPU each by itself, so that it is heard and kept the sooner."""
        return self.profile.lines_at_once if self.device.startswith("cuda") else 1

    @cached_property
    def voice(self) -> "KokoroVoice | HierspeechppVoice":
        """Text-to-Vec and synthesizer."""
        if self.profile.voice == KOKORO:
            from codub.speech.kokoro import voice as kokoro

            return kokoro.load_voice(threads=self.threads, device=self.device)
        self._require(self.profile.voice, "voice")
        from codub.speech.hierspeechpp import voice as hierspeechpp

        return hierspeechpp.load_voice(self.threads, self.device, self.profile.precision)

    @cached_property
    def speech_encoder(self) -> "SpeechEncoder":
        """Real sound into the joint space."""
        if self.profile.speech_encoder == WHISPER:
            from codub.speech.encoder import load_speech_encoder as load_whisper

            return load_whisper(threads=self.threads, device=self.device)
        if self.profile.speech_encoder == LIGHT:
            from codub.speech.encoder import load_light_encoder

            return load_light_encoder(threads=self.threads, device=self.device)
        self._require(self.profile.speech_encoder, "speech encoder")
        from codub.speech.hierspeechpp.voice import load_speech_encoder

        return load_speech_encoder(threads=self.threads, device=self.device)

    def understood(self, samples: "NDArray[np.float32]", language: str) -> str:
        """What Whisper understands of 16 kHz sound; "" of a language unknown to it, or where it is not at hand."""
        from codub.evaluation.recognition import load_recogniser
        from codub.speech.whisper import ASSET

        if ASSET not in self.profile.needs or not weights.present(weights.ASSETS[ASSET]):
            return ""
        try:
            return load_recogniser().transcribe(samples, language)
        except UsageError:  # the language
            return ""

    @cached_property
    def speaker_encoder(self) -> "SpeakerEncoder":
        """Who speaks, as a vector."""
        from codub.speech.speaker import load_speaker_encoder

        return load_speaker_encoder()

    @cached_property
    def face(self) -> "FaceGenerator":
        """The talking-face generator; refuses to be of another space than the voice."""
        from codub.face.loading import load_face_generator

        generator = load_face_generator(self.profile.face_file, device=self.device)
        if generator.space != self.profile.latent_space:
            raise WeightsError(
                f"The face weights '{self.profile.face}' are of the space '{generator.space.name}'.",
                cause=f"The profile '{self.profile.name}' speaks in the space '{self.profile.space}'.",
                fix=f"Train a face for it: codub train face --profile {self.profile.name}",
            )
        return generator

    @cached_property
    def silent_face(self) -> "SilentFace | None":
        """Shuts mouths where no picture of a person shows a shut one; None in an installation without its weights."""
        from codub.face.silent import load_silent_face, shipped

        return load_silent_face(device=self.device) if shipped().is_file() else None

    @cached_property
    def landmarks(self) -> "LandmarkSource":
        """Where faces are and how they are turned: face-alignment where it can run, else the mesh."""
        from codub.face.source import landmark_source

        return landmark_source(self.device, self.threads)

    def _require(self, named: str, what: str) -> None:
        if named != HIERSPEECHPP:
            raise UsageError(
                f"The {what} '{named}' cannot run in this version.", fix=f"There are: {KOKORO}, {HIERSPEECHPP}."
            )


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
