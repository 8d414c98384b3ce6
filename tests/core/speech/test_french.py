# ruff: noqa: RUF001 (phonetic letters look like Latin ones)
"""French lines that espeak-ng alone misreads, as they are said."""

import pytest

from codub.speech.phonemes import phonemize
from codub.speech.written.french import respelled


@pytest.mark.parametrize(
    ("text", "ipa"),
    [
        ("Les enfants jouent, tu joues.", "lez ɑ̃fˈɑ̃ ʒˈu, ty ʒˈu."),
        ("Vas-y ! Allez-y, allons-y.", "vˈazˈi! alˈezˈi, alˈɔ̃zˈi."),
        ("Ils arrivent à Paris.", "ilz aʁˈiv a paʁˈi."),
        ("Ils disaient ici, souvent ici.", "il dizˈɛt isˈi, suvˈɑ̃ isˈi."),
        ("Les garçons et les filles", "le ɡaʁsˈɔ̃ e le fˈij"),
        ("vingt et un", "vˈɛ̃t e ˈœ̃"),
        ("Mes fils sont là.", "me fˈis sˈɔ̃ lˈa."),
        ("Eh ben, chut !", "ɛ bˈɛ̃, ʃˈyt!"),
    ],
)
def test_a_line_is_read_as_it_is_said(text: str, ipa: str) -> None:
    line = phonemize(text, "fr")
    assert "".join(line.symbols) == ipa
    assert line.text == text
    assert not line.notes


@pytest.mark.parametrize("text", ["Ben arrive.", "Les fils de fer", "Il y a un vent et une pluie fine."])
def test_other_words_stay(text: str) -> None:
    assert respelled(text, lambda word: word).replace("{", "") == text
