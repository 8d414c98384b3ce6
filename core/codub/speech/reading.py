# ruff: noqa: RUF001 (typographic dashes and quotes are the subject)
"""Written lines made readable aloud: what espeak-ng would misread is spelled out, what cannot be spoken is named."""

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """A line as it is to be read, and `notes`: one sentence for each thing that is not read as it is written."""

    text: str
    notes: tuple[str, ...] = ()


_TAG = re.compile(r"</?[A-Za-z][^<>]*>|\{\\[^{}]*\}")  # what subtitle formats leave behind: <i>, {\an8}
_CLOCK = re.compile(r"\b([01]?\d|2[0-4])[:h.]([0-5]\d)(?=\s?[ap]\.?m\b)|\b([01]?\d|2[0-4]):([0-5]\d)\b", re.IGNORECASE)
_MONEY = re.compile(
    r"(?P<before>[$€£₹])\s?(?P<a>\d[\d.,]*\d|\d)|(?P<b>\d[\d.,]*\d|\d)\s?(?P<after>[$€£₹])", re.IGNORECASE
)
_CENTS = re.compile(r"[.,](\d\d)$")
_YEAR = re.compile(r"(?<![\d.,$€£₹])(1[1-9]|20)(\d\d)(?![\d%]|[.,]\d)")
_DECIMAL = re.compile(r"(?<=\d)\.(\d+)(?![\d.])")
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_MARK = re.compile(r"\s+(?=[?!;:,.…])")
_MARK_INSIDE_WORD = re.compile(r"(?<=[^\W\d])[.:](?=[^\W\d])|(?<=\w):(?=\S)")

_CHARACTERS = str.maketrans(
    {
        "«": "“",
        "»": "”",
        "„": "“",
        "‟": "“",
        "‹": "“",
        "›": "”",
        "[": "(",
        "]": ")",
        "{": "(",
        "}": ")",
        "–": "—",
        "―": "—",
        "‒": "—",
        "−": "-",
        "‑": "-",
        "‐": "-",
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "`": "'",
        "´": "'",
        "¿": "",
        "¡": "",
        "।": ".",
        "॥": ".",
        "、": ",",
        "。": ".",
        "，": ",",
        "？": "?",
        "！": "!",
        "：": ":",
        "；": ";",
        "*": "",
        "_": " ",
        "~": "",
        "|": ",",
        "\u00ad": "",  # soft hyphen
    }
)

# Symbols that Unicode files under "other" but espeak-ng reads as a word.
_READ_SYMBOLS = frozenset("°№©®™℃℉")

_MONEY_NAMES = {
    "en": {"$": "dollars", "€": "euros", "£": "pounds", "₹": "rupees"},
    "es": {"$": "dólares", "€": "euros", "£": "libras", "₹": "rupias"},
    "fr": {"$": "dollars", "€": "euros", "£": "livres", "₹": "roupies"},
    "it": {"$": "dollari", "€": "euro", "£": "sterline", "₹": "rupie"},
    "pt": {"$": "dólares", "€": "euros", "£": "libras", "₹": "rupias"},
    "hi": {"$": "डॉलर", "€": "यूरो", "£": "पाउंड", "₹": "रुपये"},
}
_MONEY_ONE = {
    "en": {"$": "dollar", "€": "euro", "£": "pound", "₹": "rupee"},
    "es": {"$": "dólar", "€": "euro", "£": "libra", "₹": "rupia"},
    "fr": {"$": "dollar", "€": "euro", "£": "livre", "₹": "roupie"},
    "it": {"$": "dollaro", "€": "euro", "£": "sterlina", "₹": "rupia"},
    "pt": {"$": "dólar", "€": "euro", "£": "libra", "₹": "rupia"},
    "hi": {"$": "डॉलर", "€": "यूरो", "£": "पाउंड", "₹": "रुपया"},
}
_ABBREVIATIONS = {
    "en": {
        "mr": "mister",
        "mrs": "missus",
        "ms": "miz",
        "dr": "doctor",
        "prof": "professor",
        "st": "saint",
        "vs": "versus",
        "etc": "etc",
        "e.g": "for example",
        "i.e": "that is",
        "a.m": "am",
        "p.m": "pm",
    },
    "es": {
        "sr": "señor",
        "sra": "señora",
        "srta": "señorita",
        "dr": "doctor",
        "dra": "doctora",
        "ud": "usted",
        "uds": "ustedes",
        "ee.uu": "Estados Unidos",
        "etc": "etcétera",
    },
    "fr": {"m": "monsieur", "mme": "madame", "mlle": "mademoiselle", "dr": "docteur", "etc": "et cetera"},
    "it": {"sig": "signor", "dott": "dottor", "ecc": "eccetera", "prof": "professor"},
    "pt": {"sr": "senhor", "sra": "senhora", "dr": "doutor", "dra": "doutora", "etc": "etcétera"},
    "hi": {"डॉ": "डॉक्टर"},
}


def readable(text: str, language: str) -> Reading:
    """The line as espeak-ng should read it in `language` (its base, e.g. "es").

    Markup is taken off; clock times, sums of money, years (English) and abbreviations are spelled out; typographic
    characters become the voice's own punctuation; pictures are left out and letters of a foreign script, which
    espeak-ng only names, are kept: both are noted. The text is empty when nothing in it can be spoken.
    """
    notes: list[str] = []
    line = unicodedata.normalize("NFC", text)
    line = _TAG.sub("", line).replace("...", "…")
    line = re.sub(r"\s*-{2,}\s*", " — ", line)
    line = re.sub(r"(?:^|(?<=\s))-(?=\s|[^\W\d])", "—", line)  # a dash before a word opens a turn of speech
    line = line.translate(_CHARACTERS)
    line = _CLOCK.sub(_clock, line)
    line = _spell_abbreviations(line, language)
    line = _MONEY.sub(lambda found: _money(found, language), line)
    if language == "en":
        line = _YEAR.sub(_year, line)
        line = _DECIMAL.sub(lambda found: f" point {' '.join(found[1])}", line)
    line = _INITIALS.sub(_initials, line)
    line = _MARK_INSIDE_WORD.sub(" ", line)
    line = _without_pictures(line, notes)
    foreign = _foreign_letters(line, language)
    if foreign:
        notes.append(f"{_listed(foreign)} is of another script than the line's language and is only named.")
    if not any(c.isalnum() and c not in foreign for c in line):
        line = ""
    line = _SPACE_BEFORE_MARK.sub("", _SPACES.sub(" ", line).strip())
    return Reading(line, tuple(notes))


def _spell_abbreviations(line: str, language: str) -> str:
    known = _ABBREVIATIONS[language]
    pattern = rf"(?<![\w.])({'|'.join(map(re.escape, known))})\.(?=\s|$|,)"

    def spell(found: re.Match[str]) -> str:
        ends_line = found.end() == len(found.string)
        return known[found[1].lower()] + ("." if ends_line else "")

    return re.sub(pattern, spell, line, flags=re.IGNORECASE)


def _money(found: re.Match[str], language: str) -> str:
    sign, amount = found["before"] or found["after"], found["a"] or found["b"]
    cents = _CENTS.search(amount)
    whole = amount[: cents.start()] if cents else amount
    name = (_MONEY_ONE if whole == "1" else _MONEY_NAMES)[language][sign]
    tail = f" {cents[1]}" if cents and cents[1] != "00" else ""
    return f"{whole} {name}{tail}"


def _clock(found: re.Match[str]) -> str:
    hour, minute = (found[1], found[2]) if found[1] else (found[3], found[4])
    return hour if minute == "00" else f"{hour} {minute}"


def _initials(found: re.Match[str]) -> str:
    ends_line = found.end() == len(found.string)
    return found[0].replace(".", "").upper() + ("." if ends_line else "")


def _year(found: re.Match[str]) -> str:
    century, rest = found[1], found[2]
    if rest == "00" or (century == "20" and rest < "10"):
        return found[0]  # "nineteen hundred" and "two thousand five" are how espeak-ng reads them
    return f"{century} {rest}" if rest >= "10" else f"{century} oh {int(rest)}"


def _without_pictures(line: str, notes: list[str]) -> str:
    pictures = [c for c in line if _is_picture(c)]
    named = [c for c in pictures if unicodedata.category(c) == "So"]
    if named:
        notes.append(f"{_listed(named)} cannot be spoken and is left out.")
    return "".join(" " if c in named else "" if _is_picture(c) else c for c in line)


def _is_picture(character: str) -> bool:
    # So: pictures and emoji; Sk: skin tones; Cf, Mn variation selectors: joiners; Co, Cn: private and unknown.
    category = unicodedata.category(character)
    if character in "\u200c\u200d" or "\ufe00" <= character <= "\ufe0f":
        return True
    return category in {"So", "Sk", "Co", "Cn", "Cs", "Cf"} and character not in _READ_SYMBOLS


def _foreign_letters(line: str, language: str) -> list[str]:
    own = ("LATIN", "DEVANAGARI") if language == "hi" else ("LATIN", "MICRO", "FEMININE", "MASCULINE")
    return [c for c in line if c.isalpha() and not unicodedata.name(c, "").startswith(own)]


def _listed(characters: list[str]) -> str:
    return "'" + "".join(dict.fromkeys(characters)) + "'"
