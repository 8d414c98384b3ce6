# ruff: noqa: RUF001 (phonetic letters look like Latin ones)
"""Text becomes what the voice reads: espeak-ng's IPA, in the symbols of Kokoro's vocabulary."""

import re
import unicodedata

from codub.errors import CueError, UsageError
from codub.speech.espeak import ipa as espeak_ipa
from codub.speech.kokoro.vocabulary import IDS
from codub.speech.model import PhonemeLine
from codub.speech.notation import MARKS, PAUSES
from codub.speech.reading import Reading, readable

# The base languages the voice was trained for, with the names ISO 639-2 gives them.
LANGUAGES = ("en", "es", "fr", "it", "pt", "hi")
_THREE_LETTERS = {"eng": "en", "spa": "es", "fra": "fr", "fre": "fr", "ita": "it", "por": "pt", "hin": "hi"}

# espeak-ng writes some sounds with characters the vocabulary lacks; these stand nearest.
_NEAREST = str.maketrans({"g": "ɡ", "ɫ": "l", "ɱ": "m", "ʕ": "ʔ", "ɵ": "ə", "ʉ": "u"})


def base_language(tag: str) -> str:
    """The two-letter language of a tag: "pt-BR", "por" and "PT" are all "pt".

    Raises:
        UsageError: the voice cannot speak that language.
    """
    first = re.split("[-_]", tag.strip().lower())[0]
    base = _THREE_LETTERS.get(first, first)
    if base not in LANGUAGES:
        raise UsageError(
            f"The language '{tag}' cannot be spoken.",
            cause="The voice was trained for other languages.",
            fix=f"Use one of {', '.join(LANGUAGES)}, with a region if you like (es-419, pt-BR, en-GB).",
        )
    return base


def espeak_language(tag: str) -> str:
    """espeak-ng's name for a language tag, by region: "es-MX" is "es-419", "en-AU" is "en-gb", "pt" is "pt-br".

    Raises:
        UsageError: the voice cannot speak that language.
    """
    base = base_language(tag)
    region = next(iter(re.split("[-_]", tag.strip().lower())[1:]), "")
    if base == "en":
        return "en-us" if region in {"", "us", "ca"} else "en-gb"
    if base == "es":
        return "es" if region in {"", "es"} else "es-419"
    if base == "pt":
        return "pt" if region == "pt" else "pt-br"
    return "fr-fr" if base == "fr" else base


def phonemize(text: str, language: str) -> PhonemeLine:
    """The line in IPA symbols, stress marks, spaces and punctuation among them; `language` is a tag like "es-419".

    Raises:
        CueError: nothing in the line can be spoken.
        UsageError: the voice cannot speak that language.
    """
    name = espeak_language(language)
    reading = read_aloud(text, language)
    symbols = tuple(_spoken(reading.text, name)) if reading.text else ()
    if not any(symbol not in PAUSES and symbol not in MARKS for symbol in symbols):
        raise CueError(
            f"The line {text!r} has nothing to speak.",
            cause="It holds no word that can be read aloud.",
            fix="Write the words of the line, or take the cue out.",
        )
    return PhonemeLine(text=text, language=name, symbols=symbols)


def read_aloud(text: str, language: str) -> Reading:
    """What of the line is read and how; its notes name all that is not spoken as written."""
    return readable(text, base_language(language))


def _spoken(text: str, name: str) -> str:
    ipa = unicodedata.normalize("NFD", espeak_ipa(text, name)).translate(_NEAREST)
    ipa = ipa.replace("c\u0327", "ç")  # the one symbol that decomposes
    ipa = "".join(symbol for symbol in ipa if symbol in IDS)
    return re.sub(r"\s+", " ", ipa).strip()
