"""The voice's quality on people that nothing was trained on: every goal with its interval, met or missed."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import cast

import numpy as np
import soxr
from numpy.typing import NDArray

from codub.dubbing.profile import Models, load_profile
from codub.dubbing.target import moved_to
from codub.errors import UsageError
from codub.evaluation.naturalness import load_naturalness
from codub.evaluation.recognition import edit_distance, load_recogniser
from codub.evaluation.timbre import TimbreSpace, equal_error_rate, learn_timbre, parts
from codub.evaluation.voice_goals import ALONE, CONVERTED, FITTED, SpokenFigures, as_json, goals_table
from codub.evaluation.voice_lines import LINES
from codub.evaluation.wording import words
from codub.jobs.measure_face import save_json
from codub.media.audio import read_audio
from codub.speech.kokoro.voice import KokoroVoice
from codub.speech.model import Style
from codub.speech.phonemes import phonemize
from codub.speech.pitch import median_f0
from codub.speech.speaker import similarity
from codub.speech.style import nearest_style
from codub.speech.style_file import load_style, save_style
from codub.speech.style_fit import fit_style
from codub.timing import SPEECH_RATE

FloatArray = NDArray[np.float32]
Progress = Callable[[float, str], None]

HELD_OUT = "LibriSpeech test-other"
OTHERS = "LibriSpeech train-clean-100"  # from whom the second measure learns how people differ
REFERENCES = 3  # utterances a speaker's style is made of; the others say what it should sound like


@dataclass(frozen=True)
class VoiceTest:
    """How much is measured: `speakers` people with `lines` English lines each, as drawn and as fitted; as many lines of
    each further language in `languages` in their voices by turns; `recordings` of each converted into another's voice.

    `styles` keeps the fitted styles, so that the same need not be fitted twice.
    """

    corpora: Path
    fit_seconds: float = 60.0
    speakers: int = 5
    lines: int = 6
    languages: tuple[str, ...] = ("es", "pt", "fr", "it")
    recordings: int = 2
    styles: Path | None = None


@dataclass(frozen=True)
class _Speaker:
    """`reference` is what the style is made of; `utterances` are others, with their texts; shortest first."""

    name: str
    reference: FloatArray
    utterances: tuple[tuple[FloatArray, str], ...]

    @property
    def others(self) -> FloatArray:
        return np.concatenate([sound for sound, _ in self.utterances])


def measure_voice(test: VoiceTest, progress: Progress, json: Path | None = None) -> str:
    """A table of word errors, naturalness and likeness, of lines and of converted recordings, held to their goals.

    A style comes from the first utterances of a speaker; likeness is measured against the others of the same one.

    Raises:
        UsageError: the recordings are not there, or a language has no lines.
        WeightsError: DistillMOS was not fetched (codub weights fetch distillmos).
    """
    if unknown := [name for name in test.languages if name not in LINES]:
        raise UsageError(f"There are no lines in '{unknown[0]}'.", fix=f"There are: {', '.join(LINES)}.")
    progress(0.0, "learning how voices differ")
    timbre = learn_timbre(_people(test.corpora))
    bench = _Bench(Models(load_profile("embedded")), timbre, _speakers(test), test)
    figures = list(bench.figures(progress))
    if json is not None:
        save_json(json, as_json(figures) | {"second_measure_equal_error_rate": bench.equal_error_rate()})
    told = f"second measure: equal error rate of single utterances of these people {bench.equal_error_rate():.1%}"
    return f"{goals_table(figures).plain()}\n{told}"


class _Bench:
    """The models, and the speakers as both measures hear them."""

    def __init__(self, models: Models, timbre: TimbreSpace, speakers: Sequence[_Speaker], test: VoiceTest) -> None:
        self._voice = cast(KokoroVoice, models.voice)
        self._models, self._timbre, self._speakers, self._test = models, timbre, speakers, test
        self._recogniser, self._meter, self._encoder = load_recogniser(), load_naturalness(), models.speaker_encoder
        self._heard = {speaker.name: self._encoder.embed(speaker.others) for speaker in speakers}
        self._placed = {speaker.name: timbre.place(speaker.others) for speaker in speakers}

    def figures(self, progress: Progress) -> Iterator[SpokenFigures]:
        """Every line of the test, as it is made."""
        fitted: list[Style] = []
        for number, speaker in enumerate(self._speakers):
            progress(0.05 + 0.7 * number / len(self._speakers), f"speaker {speaker.name}")
            drawn = nearest_style(self._encoder.embed(speaker.reference), median_f0(speaker.reference))
            fitted.append(self._fitted(speaker, drawn))
            for text in LINES["en"][: self._test.lines]:
                yield self._spoken(speaker, drawn, text, "en", ALONE)
                yield self._spoken(speaker, fitted[-1], text, "en", FITTED)
        for language in self._test.languages:
            progress(0.8, f"lines in {language}")
            for number, text in enumerate(LINES[language][: self._test.lines]):
                turn = number % len(self._speakers)
                yield self._spoken(self._speakers[turn], fitted[turn], text, language, FITTED)
        for number, speaker in enumerate(self._speakers):
            progress(0.9, f"recordings of {speaker.name}")
            target = (number + 1) % len(self._speakers)
            for sound, text in speaker.utterances[: self._test.recordings if len(self._speakers) > 1 else 0]:
                yield self._converted(speaker, (sound, text), self._speakers[target], fitted[target])

    def equal_error_rate(self) -> float:
        """How well the second measure tells these people apart, utterance by utterance."""
        placed = [(s.name, self._timbre.place(sound)) for s in self._speakers for sound, _ in s.utterances]
        pairs = list(combinations(placed, 2))
        return equal_error_rate(
            [float(a @ b) for (_, a), (_, b) in pairs], [one == two for (one, _), (two, _) in pairs]
        )

    def _fitted(self, speaker: _Speaker, drawn: Style) -> Style:
        limit = self._test.fit_seconds
        if limit <= 0:
            return drawn
        kept = None if self._test.styles is None else self._test.styles / f"{speaker.name}-{limit:g}.safetensors"
        if kept is not None and kept.is_file():
            return load_style(kept)
        style = fit_style(
            speaker.reference,
            drawn,
            self._voice,
            self._encoder,
            limit_seconds=limit,
            kept=None if kept is None else kept.with_suffix(".fit"),
        )
        if kept is not None:
            save_style(kept, style)
        return style

    def _spoken(self, speaker: _Speaker, style: Style, text: str, language: str, how: str) -> SpokenFigures:
        latent = self._voice.ttv.speak(phonemize(text, language), style, None, 0).latent
        speech = self._voice.synthesizer.synthesize(latent, style)
        samples = soxr.resample(speech.samples, speech.sample_rate, SPEECH_RATE)
        return self._judged(samples, speaker.name, text, language, how)

    def _converted(
        self, source: _Speaker, recording: tuple[FloatArray, str], target: _Speaker, style: Style
    ) -> SpokenFigures:
        sound, text = recording
        latent = moved_to(self._models.speech_encoder.encode(sound), median_f0(target.reference))
        speech = self._voice.synthesizer.synthesize(latent, style)
        samples = soxr.resample(speech.samples, speech.sample_rate, SPEECH_RATE)
        judged = self._judged(samples, target.name, text, "en", CONVERTED)
        return replace(
            judged,
            source_secs=similarity(self._encoder.embed(samples), self._heard[source.name]),
            source_errors=edit_distance(words(text), words(self._recogniser.transcribe(sound))),
        )

    def _judged(self, samples: FloatArray, speaker: str, text: str, language: str, how: str) -> SpokenFigures:
        embedding, place = self._encoder.embed(samples), self._timbre.place(samples)
        cosines = {name: similarity(embedding, heard) for name, heard in self._heard.items()}
        timbres = {name: float(place @ own) for name, own in self._placed.items()}
        wanted = words(text, language)
        return SpokenFigures(
            how,
            speaker,
            language,
            len(wanted),
            edit_distance(wanted, words(self._recogniser.transcribe(samples, language), language)),
            self._meter.score(samples),
            cosines.pop(speaker),
            max(cosines.values(), default=float("nan")),
            timbres.pop(speaker),
            max(timbres.values(), default=float("nan")),
        )


def _rows(corpora: Path, origin: str) -> list[Mapping[str, str]]:
    manifest = corpora / "speech" / "manifest.tsv"
    if not manifest.is_file():
        raise UsageError(f"There are no recordings in '{corpora}'.", cause=f"'{manifest}' does not exist.")
    with manifest.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file, delimiter="\t") if row["origin"].startswith(origin)]


def _people(corpora: Path) -> dict[str, list[FloatArray]]:
    """Recordings of the others, in parts."""
    rows = _rows(corpora, OTHERS)
    return {row["speaker"]: parts(read_audio(corpora / "speech" / row["file"], rate=SPEECH_RATE)) for row in rows}


def _speakers(test: VoiceTest) -> list[_Speaker]:
    rows = _rows(test.corpora, HELD_OUT)
    found = []
    for name in sorted({row["speaker"] for row in rows})[: test.speakers]:
        own = [row for row in rows if row["speaker"] == name]
        sounds = [read_audio(test.corpora / "speech" / row["file"], rate=SPEECH_RATE) for row in own]
        rest = sorted(zip(sounds[REFERENCES:], (row["text"] for row in own[REFERENCES:]), strict=True), key=_length)
        found.append(_Speaker(name, np.concatenate(sounds[:REFERENCES]), tuple(rest)))
    return found


def _length(utterance: tuple[FloatArray, str]) -> int:
    return len(utterance[0])
