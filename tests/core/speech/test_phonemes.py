# ruff: noqa: RUF001 (phonetic letters look like Latin ones)
import threading

import pytest

from codub.errors import CueError, UsageError
from codub.speech.kokoro.vocabulary import IDS
from codub.speech.phonemes import base_language, espeak_language, phonemize, read_aloud


def spoken(text: str, language: str) -> str:
    return "".join(phonemize(text, language).symbols)


# What espeak-ng 1.52 says; the voice was measured with these.
GOLDEN = [
    ("en", "Author of the danger trail, Philip Steels, etc.", "ˈɔːθɚɹ ʌvðə dˈeɪndʒɚ tɹˈeɪl, fˈɪlɪp stˈiːlz, ɛtsˈɛtɹə."),
    ("en-GB", "The bath is hot.", "ðə bˈaθ ɪz hˈɒt."),
    ("es", "¿Qué hora es? ¡Bueno!", "kˈe ˈoɾa ˈes? bwˈeno!"),
    ("es-MX", "Cinco zapatos", "sˈinko sapˈatos"),
    ("fr", "Un bon vin blanc ?", "œ̃ bˈɔ̃ vˈɛ̃ blˈɑ̃?"),
    ("it", "L'amico è qui", "lamˈiko e kwˈi"),
    ("pt-BR", "Não, vocês têm irmã?", "nˈɐ̃ʊ̃, vosˌes tAŋ iɾəmˈɐ̃?"),
    ("hi", "नमस्ते, आप कैसे हैं?", "nəmˈʌsteː, ˌaːp kˈɛːseː hɛ̃?"),
]


@pytest.mark.parametrize(("language", "text", "ipa"), GOLDEN)
def test_golden_lines(language: str, text: str, ipa: str) -> None:
    assert spoken(text, language) == ipa


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("EN", "en-us"),
        ("en_AU", "en-gb"),
        ("es-419", "es-419"),
        ("spa", "es"),
        ("pt", "pt-br"),
        ("pt-PT", "pt"),
        ("fr-CA", "fr-fr"),
    ],
)
def test_tags_find_their_voice(tag: str, name: str) -> None:
    assert espeak_language(tag) == name


def test_a_language_the_voice_lacks_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match=r"'de'.*en, es, fr, it, pt, hi"):
        base_language("de")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("It cost $3.50.", "It cost three dollars fifty."),
        ("In 1984 and 1905", "In nineteen eighty four and nineteen oh five"),
        ("at 3:45", "at three forty five"),
        ("3.14", "three point one four"),
        ("<i>Mr. Smith</i>", "mister Smith"),
        ("{\\an8}Wait -- what?", "Wait — what?"),
        ("«Yes» [no] {so}", "“Yes” (no) (so)"),
        ("Hi...there", "Hi… there"),
        ("don’t", "don't"),
    ],
)
def test_written_forms_are_read_as_words(written: str, read: str) -> None:
    assert spoken(written, "en").replace(" ", "") == spoken(read, "en").replace(" ", "")


def test_every_symbol_is_in_the_vocabulary() -> None:
    nasty = "— “A” (b) [c] {d} <e> 50% & #1 @x ½ ² € ~ | \\ / ^ = + 😀 ß þ ž ő\u200b\ufeff"
    for language in ("en", "en-GB", "es", "fr", "it", "pt", "hi"):
        assert set(phonemize(nasty, language).symbols) <= set(IDS)


def test_no_flag_of_a_language_switch_is_left() -> None:
    assert spoken("Le week-end au parking", "fr") == "lə wˈiːkˈɛnd o pˈɑːkɪŋ"


@pytest.mark.parametrize("text", ["", "   ", "…", "?!", "😀", "<i></i>", "[0.4s]", "*", "\u200b"])
def test_a_line_without_words_is_an_error(text: str) -> None:
    with pytest.raises(CueError, match="nothing to speak"):
        phonemize(text, "en")


def test_what_is_not_spoken_is_said() -> None:
    assert read_aloud("Hello there", "en").notes == ()
    pictures, foreign = phonemize("Hello 😀 Привет", "en").notes
    assert "😀" in pictures
    assert "Привет" in foreign
    assert "Russian" in foreign


def test_long_lines_are_read_whole() -> None:
    words = "We walked along the river and talked about the old days. "
    long = "".join(phonemize(words * 12, "en").symbols)
    assert long.count("ɹˈɪvɚ") == long.count(".") == 12


def test_threads_do_not_mix_lines() -> None:
    lines = {"en": "Three grey geese", "es": "Tres tristes tigres", "fr": "Trois gros rats gris", "it": "Tre tigri"}
    truth = {language: spoken(text, language) for language, text in lines.items()}
    wrong: list[str] = []

    def read(language: str) -> None:
        wrong.extend(language for _ in range(20) if spoken(lines[language], language) != truth[language])

    threads = [threading.Thread(target=read, args=(language,)) for language in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    ("language", "text", "ipa"),
    [
        ("es", "Hay mucho, [coche](/ˈkotʃe/)", "ˈI mˈuʧo, ˈkoʧe"),
        ("it", "oggi, grazie, autunno", "ˈɔʤːɪ, ɡrˈaʦje, aʊtˈunno"),
        ("pt", "gente e pai", "ʒˈAŋʧj i pˈI"),
        ("fr", "un budget de foot", "œ̃ byʤˈɛ də fˈʊt"),
        ("en", "My choice", "maɪ tʃˈɔɪs"),
    ],
)
def test_what_espeak_ties_is_one_symbol_but_in_english(language: str, text: str, ipa: str) -> None:
    assert spoken(text, language) == ipa
