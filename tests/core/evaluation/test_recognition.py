"""Word errors on known pairs; transcripts of real speech."""

from pathlib import Path

import numpy as np
import pytest

from codub.errors import UsageError, WeightsError
from codub.evaluation.recognition import Recogniser, load_recogniser, word_error_rate
from codub.evaluation.wording import words


@pytest.mark.parametrize(
    ("reference", "hypothesis", "rate"),
    [
        ("bin blue at f two now", "Bin blue at F 2, now.", 0.0),
        ("one two three four", "one two four", 0.25),
        ("one two three four", "one too three for four", 0.5),
        ("a b", "c d e", 1.5),
        ("", "", 0.0),
        ("", "ghost", 1.0),
        ("word", "", 1.0),
        ("It's 42!", "it's forty two", 0.0),
    ],
)
def test_word_errors_of_known_pairs(reference: str, hypothesis: str, rate: float) -> None:
    assert word_error_rate(reference, hypothesis) == rate


def test_spanish_numbers_are_words() -> None:
    assert words("Tengo 22 años y 45 €", "es") == ["tengo", "veintidós", "años", "y", "cuarenta", "y", "cinco"]
    assert word_error_rate("veintiuno", "21", "es-419") == 0.0


def test_numbers_of_other_languages_and_long_ones_stay_digits() -> None:
    assert words("12 1,000 2024", "fr") == ["12", "1000", "2024"]
    assert words("1,000 007", "en") == ["1000", "007"]


def test_accents_and_case_are_normalised_but_not_dropped() -> None:
    assert words("E\u0301l ¿VIO?", "es") == ["él", "vio"]
    assert word_error_rate("él vio", "el vio", "es") == 0.5


def test_the_distance_is_symmetric_under_insertion_and_deletion() -> None:
    random = np.random.default_rng(1)
    for _ in range(50):
        a, b = (" ".join(random.choice(list("xyz"), random.integers(1, 7))) for _ in range(2))
        forth, back = word_error_rate(a, b) * len(a.split()), word_error_rate(b, a) * len(b.split())
        assert forth == pytest.approx(back)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"tokenizer\.json"):
        load_recogniser(tmp_path)


@pytest.fixture(scope="module")
def recogniser(weights_home: Path) -> Recogniser:
    return load_recogniser()


@pytest.mark.weights
def test_real_speech_is_understood(recogniser: Recogniser, corpora: Path) -> None:
    import soundfile

    samples, _ = soundfile.read(str(corpora / "speech/librispeech_test/1998-15444-0001.ogg"), dtype="float32")
    said = "he should make inquiries as to symptoms and time at which food or medicine was last taken"
    assert word_error_rate(said, recogniser.transcribe(samples)) < 0.15


@pytest.mark.weights
def test_an_unknown_language_is_refused(recogniser: Recogniser) -> None:
    with pytest.raises(UsageError, match="language"):
        recogniser.transcribe(np.zeros(16_000, dtype=np.float32), "tlh")
