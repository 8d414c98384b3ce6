import numpy as np
import pytest

from codub.evaluation.naturalness import NaturalnessMeter
from codub.evaluation.recognition import Recogniser
from codub.evaluation.voice import SpokenSample, secs, voice_report
from codub.speech.speaker import SpeakerEncoder


class FirstValues(SpeakerEncoder):
    """A made encoder: the direction of the first two samples."""

    def __init__(self) -> None:
        pass

    def embed(self, samples: np.ndarray) -> np.ndarray:
        return np.asarray(samples[:2] / np.linalg.norm(samples[:2]), np.float32)


class Deaf(Recogniser):
    def __init__(self) -> None:
        pass

    def transcribe(self, samples: np.ndarray, language: str = "en") -> str:
        return "good mourning everyone" if language == "en" else "?"


class Indifferent(NaturalnessMeter):
    def __init__(self) -> None:
        pass

    def score(self, samples: np.ndarray) -> float:
        return 3.5


LINE = SpokenSample(np.array([1, 0, 0], np.float32), "ANNA", "Good morning, everyone!", "en")
REFERENCES = {
    "ANNA": np.array([0.8, 0.6], np.float32),
    "BEN": np.array([0.6, 0.8], np.float32),
    "CY": np.array([0.0, 1.0], np.float32),
}


def test_secs_is_the_cosine() -> None:
    assert secs(FirstValues(), LINE.samples, np.array([3, 4], np.float32)) == pytest.approx(0.6)


def test_a_line_is_compared_with_everybody() -> None:
    report = voice_report(LINE, REFERENCES, FirstValues())
    assert (report.secs, report.other, report.other_secs) == (pytest.approx(0.8), "BEN", pytest.approx(0.6))
    assert report.nearer_to_own
    assert report.heard is report.word_error_rate is report.naturalness is None


def test_a_voice_nearer_to_somebody_else_is_told() -> None:
    swapped = {"ANNA": REFERENCES["CY"], "BEN": REFERENCES["ANNA"]}
    assert not voice_report(LINE, swapped, FirstValues()).nearer_to_own


def test_a_project_of_one_speaker_has_no_other() -> None:
    report = voice_report(LINE, {"ANNA": REFERENCES["ANNA"]}, FirstValues())
    assert report.other is None
    assert report.nearer_to_own


def test_words_and_naturalness_are_measured_when_asked() -> None:
    report = voice_report(LINE, REFERENCES, FirstValues(), Deaf(), Indifferent())
    assert report.word_error_rate == pytest.approx(1 / 3)
    assert report.naturalness == 3.5
