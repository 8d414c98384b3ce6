"""The voice's test on a made corpus with made ears: what is measured, what is told and what is kept on the way."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from codub.errors import UsageError, WeightsError
from codub.evaluation.voice_goals import SpokenFigures
from codub.evaluation.voice_lines import LINES
from codub.evaluation.voice_people import REFERENCES, held_out_people
from codub.jobs import measure_voice
from codub.jobs.measure_voice import VoiceTest
from codub.latent import EMBEDDED
from codub.speech.model import Speech, Style
from codub.timeline.cues import Cue

RATE = 16_000


def sound(seed: int, seconds: float = 1.0) -> np.ndarray:
    """A person's noise: its colour is the person's."""
    white = np.fft.rfft(np.random.default_rng(seed).standard_normal(int(seconds * RATE)))
    tilt = np.linspace(1, 5, len(white)) ** (-(seed % 7) / 3)
    return (0.1 * np.fft.irfft(white * tilt)).astype(np.float32)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpora" / "speech"
    folder.mkdir(parents=True)
    rows = [("cy", "cy.wav", "not held out", "LibriSpeech train-clean-100, CC BY 4.0")]
    for person in ("ann", "ben"):
        rows += [(person, f"{person}{n}.wav", "a word", "LibriSpeech test-other, CC BY 4.0") for n in range(6)]
    for number, row in enumerate(rows):
        soundfile.write(folder / row[1], sound(number, 1.2 + 0.1 * (number % 3)), RATE)
    lines = ["\t".join(("speaker", "sex", "file", "text", "origin"))]
    lines += ["\t".join((name, "F", file, text, origin)) for name, file, text, origin in rows]
    (folder / "manifest.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path / "corpora"


class Ear:
    def embed(self, samples: np.ndarray) -> np.ndarray:
        return np.array([0.6, 0.8], np.float32)


class Listener:
    def transcribe(self, samples: np.ndarray, language: str = "en") -> str:
        return ""


class Meter:
    def score(self, samples: np.ndarray) -> float:
        return 4.0


class Mouth:
    """Speaks a second of noise, whatever the line."""

    def speak(self, *_: object) -> SimpleNamespace:
        return SimpleNamespace(latent=None)

    def synthesize(self, *_: object) -> Speech:
        return Speech(sound(3), RATE)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The models; gives the texts of cues that recordings were held to."""
    asked: list[str] = []

    def with_words(latent: object, heard: np.ndarray, cue: Cue, *_: object) -> tuple[object, tuple[str, ...]]:
        asked.append(cue.text)
        return latent, ()

    voice = SimpleNamespace(ttv=Mouth(), synthesizer=Mouth())
    models = SimpleNamespace(voice=voice, speaker_encoder=Ear(), speech_encoder=SimpleNamespace(encode=lambda _: None))
    style = Style(EMBEDDED, np.zeros(256, np.float32))

    def fit(*_: object, progress: Callable[[float, str], None], **__: object) -> Style:
        progress(0.5, "half way")
        return style

    made_by = {
        "Models": lambda *_, **__: models,
        "load_recogniser": Listener,
        "load_naturalness": Meter,
        "load_second_ear": Ear,
        "drawn_style": lambda *_: style,
        "fit_style": fit,
        "moved_to": lambda latent, _: latent,
        "phonemize": lambda text, _: text,
        "with_words": with_words,
    }
    for name, value in made_by.items():
        monkeypatch.setattr(measure_voice, name, value)
    return asked


def test_every_line_is_measured_and_what_is_done_is_told_and_kept(
    corpus: Path, tmp_path: Path, made: list[str]
) -> None:
    told: list[tuple[float, str]] = []
    kept = tmp_path / "figures.json"
    seen: list[int] = []

    def tell(done: float, what: str) -> None:
        told.append((done, what))
        seen.append(len(json.loads(kept.read_text(encoding="utf-8"))["spoken"]) if kept.is_file() else 0)

    test = VoiceTest(corpus, speakers=2, lines=2, languages=("es",), further_lines=3, recordings=1, styles=tmp_path)
    table = measure_voice.measure_voice(test, tell, kept)
    spoken = json.loads(kept.read_text(encoding="utf-8"))["spoken"]
    assert len(spoken) == 2 * 2 * 2 + 3 + 2 * len(measure_voice.WAYS)
    assert made == ["a word", LINES["en"][0]] * 2  # each recording with its cue's text, and with another
    assert "SECS, fitted" in table
    assert "nearer by CAM++, fitted" in table
    shares = [done for done, _ in told]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert 0.8 < shares[-1] <= 1
    assert any("fitting the voice of ann: half way" in what for _, what in told)
    assert any(LINES["es"][1] in what for _, what in told)
    assert 0 < seen[-2] < len(spoken)  # the figures of the first people were kept before the last was heard
    assert (tmp_path / "ann-60.safetensors").is_file()


@pytest.mark.parametrize(("voices", "each"), [(1, [2, 1]), (2, [3, 3]), (5, [3, 3])])
def test_a_further_line_is_said_in_as_many_voices_as_are_asked_for(
    corpus: Path, tmp_path: Path, made: list[str], voices: int, each: list[int]
) -> None:
    kept = tmp_path / "figures.json"
    test = VoiceTest(corpus, speakers=2, lines=1, languages=("es",), further_lines=3, recordings=1, styles=tmp_path)
    shares: list[float] = []
    measure_voice.measure_voice(replace(test, voices_a_line=voices), lambda done, _: shares.append(done), kept)
    spoken = json.loads(kept.read_text(encoding="utf-8"))["spoken"]
    people = [one["speaker"] for one in spoken if one["language"] == "es"]
    assert sorted(people.count(name) for name in set(people)) == sorted(each)
    assert 0.8 < shares[-1] <= 1


def test_without_the_meter_nothing_else_is_begun(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> SpokenFigures:
        raise WeightsError("The weights 'distillmos' are not on this machine.")

    monkeypatch.setattr(measure_voice, "load_recogniser", Listener)
    monkeypatch.setattr(measure_voice, "load_naturalness", missing)
    told: list[str] = []
    with pytest.raises(WeightsError, match="distillmos"):
        measure_voice.measure_voice(VoiceTest(corpus), lambda _, what: told.append(what))
    assert told == ["loading the models"]


def test_a_style_is_made_of_other_utterances_than_it_is_held_to(corpus: Path) -> None:
    ann = held_out_people(corpus, 1)[0]
    assert ann.name == "ann"
    assert len(ann.utterances) == 6 - REFERENCES
    lengths = [len(samples) for samples, _ in ann.utterances]
    assert lengths == sorted(lengths)
    assert len(ann.others) == sum(lengths)
    assert not any(samples.tobytes() in ann.reference.tobytes() for samples, _ in ann.utterances)


def test_no_recordings_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no recordings"):
        held_out_people(tmp_path, 1)
