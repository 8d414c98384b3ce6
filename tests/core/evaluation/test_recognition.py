"""Word errors on known pairs; transcripts of real speech."""

from pathlib import Path

import numpy as np
import pytest

from codub.errors import UsageError, WeightsError
from codub.evaluation.recognition import Recogniser, edit_distance, load_recogniser, sounds, word_error_rate
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


@pytest.mark.parametrize(
    ("language", "line", "heard", "wrong"),
    [
        ("fr", "Elle m'a appelé à huit heures.", "Elle ma appelée à 8 heures", 0),
        ("es", "Vino a ver la casa.", "Bino aber la casa", 0),
        ("fr", "La rue était vide.", "La rue était vite.", 1),
        ("es", "Hola", "", 3),
    ],
)
def test_what_sounds_alike_was_heard_right(language: str, line: str, heard: str, wrong: int) -> None:
    assert edit_distance(sounds(line, language), sounds(heard, language)) == wrong


def test_spanish_numbers_are_words() -> None:
    assert words("Tengo 22 años y 45 €", "es") == ["tengo", "veintidós", "años", "y", "cuarenta", "y", "cinco"]
    assert word_error_rate("veintiuno", "21", "es-419") == 0.0


@pytest.mark.parametrize(
    ("language", "digits", "said"),
    [
        ("pt", "5 16 20 21 99", "cinco dezesseis vinte vinte e um noventa e nove"),
        ("fr", "8 16 17 21 22 60 61", "huit seize dix-sept vingt et un vingt-deux soixante soixante et un"),
        ("fr", "70 71 75 80 81 90 99", "soixante-dix soixante et onze soixante-quinze quatre-vingts quatre-vingt-un "
         "quatre-vingt-dix quatre-vingt-dix-neuf"),
        ("it", "8 17 20 21 23 28 80 91", "otto diciassette venti ventuno ventitré ventotto ottanta novantuno"),
    ],
)  # fmt: skip
def test_numbers_are_words_in_every_language_measured(language: str, digits: str, said: str) -> None:
    assert words(digits, language) == words(said, language)


def test_hours_and_years_are_heard_however_they_are_written() -> None:
    assert word_error_rate("Le train part à huit heures.", "le train part à 8h", "fr") == 0.0
    assert word_error_rate("Vivo qui da vent'anni.", "Vivo qui da 20 anni.", "it") == 0.0


def test_what_is_elided_before_an_apostrophe_is_a_word() -> None:
    assert words("J\u2019ai vu l'homme de sa sœur.", "fr") == ["j", "ai", "vu", "l", "homme", "de", "sa", "soeur"]
    assert word_error_rate("C'è una lettera", "è una lettera", "it") == 0.25
    assert words("It's the dog's", "en") == ["it's", "the", "dog's"]


def test_long_numbers_and_those_of_other_languages_stay_digits() -> None:
    assert words("12 1,000", "de") == ["12", "1000"]
    assert words("1,000 2024", "fr") == ["1000", "2024"]
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
