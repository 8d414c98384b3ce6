"""The voice's quality on people that nothing was trained on: every goal with its interval, met or missed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import cast

import numpy as np
import soxr
import torch
from numpy.typing import NDArray

from codub.dubbing.profile import Models, load_profile
from codub.dubbing.speak import with_words
from codub.dubbing.target import moved_to
from codub.errors import UsageError
from codub.evaluation.naturalness import load_naturalness
from codub.evaluation.recognition import edit_distance, load_recogniser, sounds
from codub.evaluation.second_ear import equal_error_rate, load_second_ear
from codub.evaluation.voice_goals import ALONE, AS_HEARD, FITTED, KNOWN, UNDERSTOOD, SpokenFigures, as_json, goals_table
from codub.evaluation.voice_lines import LINES
from codub.evaluation.voice_people import Person, held_out_people
from codub.evaluation.wording import words
from codub.jobs.measure_face import save_json
from codub.speech.accent import accented
from codub.speech.heard_reference import HeardReference, hear
from codub.speech.kokoro.voice import KokoroVoice
from codub.speech.model import Style
from codub.speech.phonemes import phonemize
from codub.speech.pitch import median_f0
from codub.speech.speaker import similarity
from codub.speech.style_file import load_style, save_style
from codub.speech.style_fit import fit_style
from codub.speech.style_gains import drawn_style
from codub.timeline.cues import Cue
from codub.timing import SPEECH_RATE

FloatArray = NDArray[np.float32]
Progress = Callable[[float, str], None]

FIT_UNITS = 8  # lines that take as long as a fit
WAYS = (KNOWN, UNDERSTOOD, AS_HEARD)  # in which each recording is said again


@dataclass(frozen=True)
class VoiceTest:
    """How much is measured: `speakers` people with `lines` English lines each, as drawn and as fitted; `further_lines`
    of each further language in `languages`, each in the fitted voices of `voices_a_line` of them by turns; `recordings`
    of each converted into another's voice, as a dub does it.

    `styles` keeps the fitted styles, so that the same need not be fitted twice.
    """

    corpora: Path
    fit_seconds: float = 60.0
    speakers: int = 5
    lines: int = 6
    languages: tuple[str, ...] = ("es", "pt", "fr", "it")
    further_lines: int = 48
    recordings: int = 2
    styles: Path | None = None
    voices_a_line: int = 1

    def voices(self, people: int) -> int:
        """In how many voices a further line is said, where there are those of so many people."""
        return min(self.voices_a_line, people)


def measure_voice(test: VoiceTest, progress: Progress, json: Path | None = None) -> str:
    """A table of word errors, naturalness and likeness, of lines and of converted recordings, held to their goals.

    A style comes from the first utterances of a speaker; likeness is measured against the others of the same one.

    Raises:
        UsageError: the recordings are not there, or a language has no lines.
        WeightsError: DistillMOS or CAM++ was not fetched (codub weights fetch distillmos campplus).
    """
    if unknown := [name for name in test.languages if name not in LINES]:
        raise UsageError(f"There are no lines in '{unknown[0]}'.", fix=f"There are: {', '.join(LINES)}.")
    progress(0.0, "loading the models")
    bench = _Bench(test, progress)
    figures: list[SpokenFigures] = []
    for group in bench.groups():
        figures += group
        if json is not None:  # what is measured stays, whatever ends the rest
            save_json(json, as_json(figures) | {"equal_error_rates": bench.equal_error_rates})
    rates = ", ".join(f"by {name} {rate:.1%}" for name, rate in bench.equal_error_rates.items())
    told = f"equal error rate of single utterances of these people: {rates}"
    return f"{goals_table(figures).plain()}\n{told}"


class _Bench:
    """The models, and the speakers as both measures hear them."""

    def __init__(self, test: VoiceTest, progress: Progress) -> None:
        self._recogniser, self._meter, self._ear = load_recogniser(), load_naturalness(), load_second_ear()
        self._models = Models(load_profile("embedded"), threads=torch.get_num_threads())
        self._voice, self._encoder = cast(KokoroVoice, self._models.voice), self._models.speaker_encoder
        self._people, self._test = held_out_people(test.corpora, test.speakers), test
        self._tell = _Share(progress, test, len(self._people))
        self._heard = {person.name: self._encoder.embed(person.others) for person in self._people}
        self._heard_again = {person.name: self._ear.embed(person.others) for person in self._people}

    def groups(self) -> Iterator[list[SpokenFigures]]:
        """The lines of the test, as they are made: of a person, of a language, of a person's recordings."""
        test, people = self._test, self._people
        fitted: list[Style] = []
        for person in people:
            heard = hear(person.reference, self._encoder.embed(person.reference), self._models.speech_encoder)
            drawn = drawn_style(heard, self._voice, self._encoder)
            fitted.append(self._fitted(person, heard, drawn))
            yield [
                self._spoken(person, style, text, "en", how)
                for text in LINES["en"][: test.lines]
                for style, how in ((drawn, ALONE), (fitted[-1], FITTED))
            ]
        for language in test.languages:
            told = enumerate(LINES[language][: test.further_lines])
            turns = [((n + k) % len(people), text) for n, text in told for k in range(test.voices(len(people)))]
            yield [self._spoken(people[turn], fitted[turn], text, language, FITTED) for turn, text in turns]
        for number, person in enumerate(people if len(people) > 1 else ()):
            target = (number + 1) % len(people)
            recordings = person.utterances[: test.recordings]
            yield [said for one in recordings for said in self._converted(person, one, people[target], fitted[target])]

    @cached_property
    def equal_error_rates(self) -> dict[str, float]:
        """How well the speaker encoder and the second measure tell single utterances of these people apart."""
        embed = {"the speaker encoder": self._encoder.embed, "CAM++": self._ear.embed}
        return {name: self._equal_error_rate(by) for name, by in embed.items()}

    def _equal_error_rate(self, embed: Callable[[FloatArray], FloatArray]) -> float:
        heard = [(p.name, embed(sound)) for p in self._people for sound, _ in p.utterances]
        pairs = list(combinations(heard, 2))
        return equal_error_rate([similarity(a, b) for (_, a), (_, b) in pairs], [p == q for (p, _), (q, _) in pairs])

    def _fitted(self, person: Person, heard: HeardReference, drawn: Style) -> Style:
        limit = self._test.fit_seconds
        self._tell.doing(f"the voice of {person.name}", FIT_UNITS)
        if limit <= 0:
            return drawn
        kept = None if self._test.styles is None else self._test.styles / f"{person.name}-{limit:g}.safetensors"
        if kept is not None and kept.is_file():
            return load_style(kept)
        style = fit_style(
            heard,
            drawn,
            self._voice,
            self._encoder,
            limit_seconds=limit,
            progress=lambda done, what: self._tell.within(f"fitting the voice of {person.name}", done, what),
            kept=None if kept is None else kept.with_suffix(".fit"),
        )
        if kept is not None:
            save_style(kept, style)
        return style

    def _spoken(self, person: Person, style: Style, text: str, language: str, how: str) -> SpokenFigures:
        self._tell.doing(f"{person.name}, {how}: {text}")
        style = accented(style, language)
        latent = self._voice.ttv.speak(phonemize(text, language), style, None, 0).latent
        speech = self._voice.synthesizer.synthesize(latent, style)
        samples = soxr.resample(speech.samples, speech.sample_rate, SPEECH_RATE)
        return self._judged(samples, person.name, text, language, how)

    def _converted(
        self, source: Person, recording: tuple[FloatArray, str], target: Person, style: Style
    ) -> list[SpokenFigures]:
        """The recording in the target's voice: where the cue has its text, where it has another, and as it is heard."""
        sound, text = recording
        heard = self._models.speech_encoder.encode(sound)
        cue = Cue(1, text, "en", source.name, Fraction(0), Fraction(len(sound), SPEECH_RATE))
        other = replace(cue, text=LINES["en"][0])
        told = {
            KNOWN: lambda: with_words(heard, sound, cue, self._models, style)[0],
            UNDERSTOOD: lambda: with_words(heard, sound, other, self._models, style)[0],
            AS_HEARD: lambda: heard,
        }
        errors = edit_distance(words(text), words(self._recogniser.transcribe(sound)))
        made = []
        for how in WAYS:
            self._tell.doing(f"a recording of {source.name} in the voice of {target.name}, {how}")
            latent = moved_to(told[how](), median_f0(target.reference))
            speech = self._voice.synthesizer.synthesize(latent, style)
            samples = soxr.resample(speech.samples, speech.sample_rate, SPEECH_RATE)
            nearness = similarity(self._encoder.embed(samples), self._heard[source.name])
            judged = self._judged(samples, target.name, text, "en", how)
            made.append(replace(judged, source_secs=nearness, source_errors=errors))
        return made

    def _judged(self, samples: FloatArray, speaker: str, text: str, language: str, how: str) -> SpokenFigures:
        cosines, seconds = (
            {name: similarity(embedding, own) for name, own in known.items()}
            for embedding, known in (
                (self._encoder.embed(samples), self._heard),
                (self._ear.embed(samples), self._heard_again),
            )
        )
        wanted, heard = words(text, language), self._recogniser.transcribe(samples, language)
        said = sounds(text, language)
        return SpokenFigures(
            how,
            speaker,
            language,
            len(wanted),
            edit_distance(wanted, words(heard, language)),
            self._meter.score(samples),
            cosines.pop(speaker),
            max(cosines.values(), default=float("nan")),
            seconds.pop(speaker),
            max(seconds.values(), default=float("nan")),
            heard=heard,
            sounds=len(said),
            sound_errors=edit_distance(said, sounds(heard, language)),
        )


class _Share:
    """How far the test is, in lines; a fit counts as `FIT_UNITS` of them."""

    def __init__(self, progress: Progress, test: VoiceTest, people: int) -> None:
        further = sum(len(LINES[language][: test.further_lines]) for language in test.languages)
        lines = test.lines * 2 * people + further * test.voices(people)
        lines += len(WAYS) * test.recordings * people * (people > 1)
        self._progress, self._total, self._done, self._next = progress, lines + FIT_UNITS * people, 0, 0

    def doing(self, what: str, units: int = 1) -> None:
        """What is begun, and of how many lines it is worth; what was begun before is done."""
        self._done, self._next = self._done + self._next, units
        self._progress(min(self._done / self._total, 1.0), what)

    def within(self, what: str, done: float, said: str) -> None:
        """How far the thing that was begun is."""
        self._progress(min((self._done + done * self._next) / self._total, 1.0), f"{what}: {said}")
