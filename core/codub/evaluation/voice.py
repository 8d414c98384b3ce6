"""How good a dubbed voice is: like its speaker, unlike the others, understood, natural."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codub.evaluation.naturalness import NaturalnessMeter
from codub.evaluation.recognition import Recogniser, word_error_rate
from codub.speech.speaker import SpeakerEncoder, similarity

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class SpokenSample:
    """One dubbed line as it is to be judged: 16 kHz mono sound, who should say what in which language."""

    samples: FloatArray
    speaker: str
    text: str
    language: str


@dataclass(frozen=True)
class VoiceReport:
    """Measures of one line; None where the means to measure it were not given.

    `secs` is the speaker encoder's cosine (SECS) to the own reference, `other` the speaker among the rest whose
    reference is nearest and `other_secs` the cosine to it; `heard` is what a recogniser understood,
    `word_error_rate` its share of wrong words, `naturalness` DistillMOS from 1 to 5.
    """

    speaker: str
    secs: float
    other: str | None
    other_secs: float | None
    heard: str | None
    word_error_rate: float | None
    naturalness: float | None

    @property
    def nearer_to_own(self) -> bool:
        """Whether the voice is nearer to its own speaker than to anybody else of the project."""
        return self.other_secs is None or self.secs > self.other_secs


def secs(encoder: SpeakerEncoder, a: FloatArray, b: FloatArray) -> float:
    """Speaker encoder cosine similarity of two sounds at 16 kHz: about 0.9 for one person, 0.5 for two."""
    return similarity(encoder.embed(a), encoder.embed(b))


def voice_report(
    line: SpokenSample,
    references: Mapping[str, FloatArray],
    encoder: SpeakerEncoder,
    recogniser: Recogniser | None = None,
    meter: NaturalnessMeter | None = None,
) -> VoiceReport:
    """Measures of a line; `references` holds the embedding of each speaker of the project, the line's own included."""
    embedding = encoder.embed(line.samples)
    cosines = {name: similarity(embedding, reference) for name, reference in references.items()}
    own = cosines.pop(line.speaker)
    other = max(cosines, key=lambda name: cosines[name], default=None)
    heard = recogniser.transcribe(line.samples, line.language) if recogniser else None
    return VoiceReport(
        speaker=line.speaker,
        secs=own,
        other=other,
        other_secs=cosines[other] if other is not None else None,
        heard=heard,
        word_error_rate=word_error_rate(line.text, heard, line.language) if heard is not None else None,
        naturalness=meter.score(line.samples) if meter else None,
    )
