"""Texts made comparable: lower case, no punctuation, numbers as words."""

import re
import unicodedata

from codub.evaluation.number_words import spelled

# Spellings of one word: British ones and titles that Whisper writes in its own way, numbers before a vowel.
_SAME = {
    "en": {"mr": "mister", "mrs": "missus", "dr": "doctor", "okay": "ok", "colour": "color", "grey": "gray"},
    "it": {"vent": "venti", "trent": "trenta"},
}
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_HOURS = {"fr": (r"(\d)\s?h(?![^\W_])", r"\1 heures")}  # "8h" is how a Frenchman writes "huit heures"
_ONE_WORD = r"\d+|[^\W\d_]+(?:'[^\W\d_]+)*"  # "don't" is one
_SPLIT = r"\d+|[^\W\d_]+"  # "l'homme", "c'è" and "d'água" are two


def words(text: str, language: str = "en") -> list[str]:
    """The words of a text in lower case, without punctuation; whole numbers of one or two digits are spelled out.

    In languages other than English an apostrophe parts two words. Numbers of more digits, and of languages other than
    English, Spanish, Portuguese, French and Italian, stay as they are.
    """
    base = language[:2].lower()
    plain = unicodedata.normalize("NFC", text).lower().replace("\u2019", "'").translate(_LIGATURES)
    plain = re.sub(r"(?<=\d)[.,](?=\d{3}\b)", "", plain)
    if base in _HOURS:
        plain = re.sub(*_HOURS[base], plain)
    found = re.findall(_ONE_WORD if base == "en" else _SPLIT, plain)
    same = _SAME.get(base, {})
    return [same.get(word, word) for token in found for word in spelled(token, base)]
