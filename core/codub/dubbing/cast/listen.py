"""A speaker's voice heard and tried: the reference as sound, the fitted voice saying lines of the dub, how alike."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from codub.dubbing.cast.casting import Cast
from codub.dubbing.cast.voice_card import HeardPiece, VoiceCard, card_sound, card_stem, read_card, write_card
from codub.dubbing.cast.voice_reference import described, speaker_reference
from codub.dubbing.consent import VOICE, ConsentLedger
from codub.dubbing.profile import Models
from codub.dubbing.shots import Plan
from codub.dubbing.voices import Voices
from codub.errors import CodubError, CueError
from codub.media.audio import write_wav
from codub.media.provenance import sound_comment
from codub.speech.reference import VoiceReference
from codub.timeline.cues import Cue
from codub.timing import DELIVERY_RATE, SPEECH_RATE

Progress = Callable[[float, str], None]

SAMPLE_SECONDS = 4.0  # of speech, about: the speaker encoder is unsure of less
SAMPLE_LINES = 3
PAUSE = 0.25  # seconds between the lines of a sample


@dataclass(frozen=True)
class Listener:
    """The plan, the cast and the models that listening needs; `folder` is the takes folder.

    `fit_seconds` is the limit of every fit; None: the cast's, else the profile's.
    """

    plan: Plan
    cast: Cast
    models: Models
    folder: Path
    fit_seconds: float | None = None

    @cached_property
    def voices(self) -> Voices:
        """The speakers' styles."""
        return Voices(self.plan, self.models, self.folder / "styles", self.fit_seconds, self.cast)

    @property
    def speakers(self) -> tuple[str, ...]:
        """Everybody who speaks in the plan, in order of the first line."""
        return tuple(dict.fromkeys(shot.voice for shot in self.plan.shots))

    def stem(self, speaker: str) -> str:
        """Name of the speaker's card as things are decided now."""
        limit = self.voices.limit(speaker)
        return card_stem(self.plan, self.cast.member(speaker), limit, self.models.profile.mark)

    def listen(self, speaker: str) -> VoiceCard:
        """The card of a speaker with the reference as it is heard now; kept.

        Raises:
            CastError: the cast names a line that this speaker does not say.
            CueError: there is no usable sound of the speaker.
        """
        reference = self._reference(speaker)
        stem = self.stem(speaker)
        known = read_card(self.folder, stem)
        heard = f"{stem}.heard.wav"
        write_wav(card_sound(self.folder, heard), reference.samples, SPEECH_RATE)
        card = VoiceCard(
            speaker=speaker,
            reference=described(self.cast.member(speaker)),
            fit_seconds=self.voices.limit(speaker),
            profile=self.models.profile.name,
            pieces=tuple(HeardPiece(s.name, round(s.start, 3), round(s.end, 3)) for s in reference.sources),
            seconds=round(reference.seconds, 3),
            snr_db=None if reference.snr_db is None else round(reference.snr_db, 1),
            warnings=reference.warnings,
            heard=heard,
        )
        if known is not None and known.fitted and known.pieces == card.pieces:
            kept = ("style", "origin", "sample", "text", "secs", "other", "other_secs")
            card = dataclasses.replace(card, **{name: getattr(known, name) for name in kept})
        write_card(self.folder, stem, card)
        return card

    def refit(self, speaker: str, ledger: ConsentLedger, progress: Progress) -> VoiceCard:
        """The card of a speaker whose style is fitted now, unless the same was fitted before, and tried; kept.

        Raises:
            ConsentError: nobody declared that the speaker agreed.
            CodubError: as `listen`, or nothing could be spoken.
        """
        ledger.require(speaker, scope=(VOICE,))
        card = self.listen(speaker)
        style = self.voices.style(speaker, lambda fraction, what: progress(0.8 * fraction, f"{speaker}: {what}"))
        progress(0.8, f"{speaker}: speaking a sample")
        samples, rate, text = self._sample(speaker)
        name = f"{self.stem(speaker)}.sample.wav"
        comment = sound_comment(speaker=speaker, profile=self.models.profile.name)
        spoken = np.asarray(soxr.resample(samples, rate, DELIVERY_RATE), np.float32)
        write_wav(card_sound(self.folder, name), spoken, DELIVERY_RATE, comment=comment)
        own, other, cosine = self._likenesses(speaker, np.asarray(soxr.resample(samples, rate, SPEECH_RATE)))
        card = dataclasses.replace(
            card,
            style=str(self.voices.used(speaker).get("voice.style", style.origin)),
            origin=style.origin,
            sample=name,
            text=text,
            secs=round(own, 4),
            other=other,
            other_secs=None if cosine is None else round(cosine, 4),
        )
        write_card(self.folder, self.stem(speaker), card)
        progress(1.0, f"{speaker}: tried")
        return card

    def _reference(self, speaker: str) -> VoiceReference:
        return speaker_reference(self.plan, self.cast.member(speaker))

    def _likenesses(self, speaker: str, sample: NDArray[np.float32]) -> tuple[float, str | None, float | None]:
        """The sample's cosine to its own reference, and the nearest other speaker's name and cosine."""
        from codub.evaluation.voice import SpokenSample, voice_report

        references = {}
        for name in self.speakers:
            try:
                references[name] = self.models.speaker_encoder.embed(self._reference(name).samples)
            except CodubError:
                if name == speaker:
                    raise
                continue  # who cannot be heard cannot be mistaken either
        report = voice_report(SpokenSample(sample, speaker, "", ""), references, self.models.speaker_encoder)
        return report.secs, report.other, report.other_secs

    def _sample(self, speaker: str) -> tuple[NDArray[np.float32], int, str]:
        """Some lines of the speaker at their natural pace: mono sound, its rate, the text."""
        pieces: list[NDArray[np.float32]] = []
        texts: list[str] = []
        rate = SPEECH_RATE
        for text, samples, rate in self._spoken(speaker):
            pieces += [samples, np.zeros(int(PAUSE * rate), np.float32)]
            texts.append(text)
            if sum(map(len, pieces)) >= SAMPLE_SECONDS * rate:
                break
        if not any(np.any(piece) for piece in pieces):
            raise CueError(f"'{speaker}' has no line that could be spoken as a sample.")
        return np.concatenate(pieces[:-1]), rate, " ".join(texts)

    def _spoken(self, speaker: str) -> Iterator[tuple[str, NDArray[np.float32], int]]:
        for cue in self._lines(speaker):
            style = self.voices.speaking(speaker, cue.language, lambda _fraction, _what: None)
            written = self.models.profile.phonemize(cue.text, cue.language)
            latent = self.models.voice.ttv.speak(written, style, None, 0).latent
            speech = self.models.voice.synthesizer.synthesize(latent, style)
            yield cue.text, speech.samples, speech.sample_rate

    def _lines(self, speaker: str) -> Iterable[Cue]:
        cues = [shot.cue for shot in self.plan.shots if shot.voice == speaker]
        return sorted(cues, key=lambda cue: -cue.window)[:SAMPLE_LINES]
