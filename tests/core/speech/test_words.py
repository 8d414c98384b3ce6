# ruff: noqa: RUF001 - IPA looks like Latin letters
"""Written words are found in the sounds, also where they are read as fewer or as more words than are written."""

import numpy as np
import pytest

from codub.dubbing.profile import load_profile
from codub.errors import CueError
from codub.latent import EMBEDDED, SILENCE, PhonemeSpan, SpeechLatent
from codub.speech.notation import MARKS, PAUSES
from codub.speech.phonemes import phonemize
from codub.speech.words import Reader, word_spans

STEP = 0.05


def take(text: str, language: str, read: Reader = phonemize) -> SpeechLatent:
    """Every sound of the text, 50 ms each, silence round it."""
    sounds = [s for s in read(text, language).symbols if s not in PAUSES and s not in MARKS]
    names = [SILENCE, *sounds, SILENCE]
    spans = tuple(PhonemeSpan(name, i * STEP, (i + 1) * STEP) for i, name in enumerate(names))
    curve = np.zeros(4 * len(names), np.float32)
    return SpeechLatent(EMBEDDED, np.zeros((512, 2 * len(names)), np.float32), curve, curve, spans)


def heard(text: str, language: str = "en") -> dict[str, str]:
    latent = take(text, language)
    words = word_spans(latent, text, language)
    assert [w.first for w in words[1:]] == [w.last + 1 for w in words[:-1]]  # running speech without gaps
    for word in words:
        assert (word.start, word.end) == (latent.spans[word.first].start, latent.spans[word.last].end)
    return {word.word: "".join(s.phoneme for s in latent.spans[word.first : word.last + 1]) for word in words}


def test_words_follow_each_other() -> None:
    assert heard("We can't stay.") == {"We": "wi", "can't": "kænt", "stay.": "steɪ"}
    assert heard("¿Qué tal, señora?", "es") == {"¿Qué": "ke", "tal,": "tal", "señora?": "seɲoɾa"}


def test_words_that_are_spoken_as_one_have_each_their_share() -> None:
    # espeak reads "one of the" as two words
    assert heard("It is one of the best.") == {
        "It": "ɪɾ", "is": "ɪz", "one": "wʌn", "of": "ʌv", "the": "ðə", "best.": "bɛst",
    }  # fmt: skip


def test_a_number_is_one_word_however_long_it_is() -> None:
    found = heard("Tengo 25 años y 1500 días.", "es")
    assert list(found) == ["Tengo", "25", "años", "y", "1500", "días."]
    assert found["25"].endswith("Antiθinko")  # A is the voice's letter for this diphthong
    assert found["1500"].startswith("mil")


def test_what_has_no_sound_is_not_listed() -> None:
    assert list(heard("No - nada.", "es")) == ["No", "nada."]


def test_a_voice_that_reads_in_its_own_notation_has_words_too() -> None:
    text, read = "Mr. Smith, we can't stay.", load_profile("hierspeechpp").phonemize
    words = word_spans(take(text, "en", read), text, "en", read)
    assert [word.word for word in words] == text.split()


def test_another_text_is_refused() -> None:
    with pytest.raises(CueError, match="another text"):
        word_spans(take("Hola.", "es"), "Adiós.", "es")
