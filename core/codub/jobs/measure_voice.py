"""The voice's quality figures that its model card states, on people that nothing was trained on."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import soxr
from numpy.typing import NDArray

from codub.dubbing.profile import Models, load_profile
from codub.errors import UsageError
from codub.evaluation.naturalness import load_naturalness
from codub.evaluation.recognition import load_recogniser
from codub.evaluation.voice import SpokenSample, VoiceReport, voice_report
from codub.media.audio import read_audio
from codub.speech.kokoro.voice import KokoroVoice
from codub.speech.phonemes import phonemize
from codub.speech.pitch import median_f0
from codub.speech.style import nearest_style
from codub.speech.style_fit import fit_style
from codub.timing import SPEECH_RATE

Progress = Callable[[float, str], None]
HELD_OUT_SPEAKERS = ("1998", "2414", "3005", "3331", "533")  # LibriSpeech test-other
REFERENCES = 3  # utterances a speaker's style is made of; the others say what it should sound like
ENGLISH = (
    "I left the keys on the kitchen table, next to the blue cup.",
    "Nobody told me that the meeting was moved to Thursday.",
    "Please close the window before the rain comes in.",
    "We could walk to the river and have lunch on the bridge.",
    "My brother bought a small boat, and now he wants a bigger one.",
    "It's only a map, but people have died for less.",
)


@dataclass(frozen=True)
class _Speaker:
    name: str
    reference: NDArray[np.float32]
    others: NDArray[np.float32]


def measure_voice(corpora: Path, fit_seconds: float, progress: Progress) -> str:
    """Word errors, naturalness and likeness of English lines in the voices of LibriSpeech test-other's people.

    The style comes from the first utterances of a speaker; likeness is measured against the others of the same one.

    Raises:
        UsageError: the recordings are not there.
        WeightsError: DistillMOS was not fetched (codub weights fetch distillmos).
    """
    models = Models(load_profile("embedded"))
    recogniser, meter, encoder = load_recogniser(), load_naturalness(), models.speaker_encoder
    voice = cast(KokoroVoice, models.voice)
    speakers = _speakers(corpora)
    heard = {speaker.name: encoder.embed(speaker.others) for speaker in speakers}
    reports: list[VoiceReport] = []
    for number, speaker in enumerate(speakers):
        progress(number / len(speakers), f"speaker {speaker.name}")
        style = nearest_style(encoder.embed(speaker.reference), median_f0(speaker.reference))
        if fit_seconds > 0:
            style = fit_style(speaker.reference, style, voice, encoder, limit_seconds=fit_seconds)
        for text in ENGLISH:
            latent = models.voice.ttv.speak(phonemize(text, "en"), style, None, 0).latent
            speech = models.voice.synthesizer.synthesize(latent, style)
            samples = soxr.resample(speech.samples, speech.sample_rate, SPEECH_RATE)
            sample = SpokenSample(samples, speaker.name, text, "en")
            reports.append(voice_report(sample, heard, encoder, recogniser, meter))
    return _voice_table(reports)


def _speakers(corpora: Path) -> list[_Speaker]:
    manifest = corpora / "speech" / "manifest.tsv"
    if not manifest.is_file():
        raise UsageError(f"There are no recordings in '{corpora}'.", cause=f"'{manifest}' does not exist.")
    with manifest.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["speaker"] in HELD_OUT_SPEAKERS]
    found = []
    for name in HELD_OUT_SPEAKERS:
        sounds = [read_audio(manifest.parent / r["file"], rate=SPEECH_RATE) for r in rows if r["speaker"] == name]
        found.append(_Speaker(name, np.concatenate(sounds[:REFERENCES]), np.concatenate(sounds[REFERENCES:])))
    return found


def _voice_table(reports: Sequence[VoiceReport]) -> str:
    lines = [f"{'speaker':10}{'SECS':>7}{'nearest other':>15}{'WER':>7}{'MOS':>7}"]
    for name in dict.fromkeys(report.speaker for report in reports):
        lines.append(_row(name, [report for report in reports if report.speaker == name]))
    lines.append(_row("all", reports))
    nearer = sum(report.nearer_to_own for report in reports)
    lines.append(f"nearer to the own speaker than to any other: {nearer} of {len(reports)} lines")
    return "\n".join(lines)


def _row(name: str, reports: Sequence[VoiceReport]) -> str:
    columns = [
        [value for report in reports if (value := getattr(report, field)) is not None]
        for field in ("secs", "other_secs", "word_error_rate", "naturalness")
    ]
    secs, other, errors, natural = (float(np.mean(values)) if values else float("nan") for values in columns)
    return f"{name:10}{secs:7.2f}{other:15.2f}{100 * errors:6.1f}%{natural:7.2f}"
