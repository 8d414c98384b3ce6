# ruff: noqa: RUF001 (typographic dashes and quotes are the subject)
"""Characters of written lines: markup taken off, typography in the voice's own punctuation, pictures found."""

import html
import re
import unicodedata

_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")  # <i>, <c.loud>, <00:01.000>, {\an8}
_BREAK = re.compile(r"\\[Nnh]|<br\s*/?>", re.IGNORECASE)

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
        "؟": "?",
        "،": ",",
        "⁄": "/",
        "*": "",
        "_": " ",
        "~": "",
        "|": ",",
        "\\": " ",
        "\u00ad": "",  # soft hyphen
    }
)
_SIGNS = (r"(?<=\d)\s?\*\s?(?=\d)", r"<\s?(?=\d)", r">\s?(?=\d)", r"~\s?(?=\d)", r"(?<=\w)\s?≠\s?(?=\w)")
_SAID = {
    "en": ("times", "less than", "more than", "about", "is not"),
    "es": ("por", "menos de", "más de", "unos", "distinto de"),
    "fr": ("fois", "moins de", "plus de", "environ", "différent de"),
    "it": ("per", "meno di", "più di", "circa", "diverso da"),
    "pt": ("vezes", "menos de", "mais de", "cerca de", "diferente de"),
    "hi": ("गुणा", "से कम", "से ज़्यादा", "लगभग", "नहीं"),
}
_READ_SYMBOLS = frozenset("°№©®™℃℉^")  # Unicode files them under "other", espeak-ng reads them as a word


def unmarked(text: str) -> str:
    """The text without what subtitle formats leave behind, its letters in their plain forms (bold, wide, ligatures)."""
    line = re.sub(r"[\t\r\n\v\f]", " ", _TAG.sub("", _BREAK.sub(" ", html.unescape(text))))
    return "".join(map(_plain, unicodedata.normalize("NFC", line)))


def punctuated(line: str) -> str:
    """The line with the voice's own punctuation for every typographic one."""
    line = line.replace("...", "…")
    line = re.sub(r"\s*-{2,}\s*", " — ", line)
    line = re.sub(r"(?:^|(?<=\s))-(?=\s|[^\W\d])", "—", line)  # a dash before a word opens a turn of speech
    return line.translate(_CHARACTERS)


def read_signs(line: str, language: str) -> str:
    """Signs of arithmetic beside figures as words: "5 * 3", "<3", "~20"."""
    for pattern, said in zip(_SIGNS, _SAID[language], strict=True):
        line = re.sub(pattern, f" {said} ", line)
    return line


def without_pictures(line: str) -> tuple[str, list[str]]:
    """The line without pictures and invisible characters, and the pictures that a reader would miss."""
    named = [c for c in line if _is_picture(c) and unicodedata.category(c) in {"So", "Co", "Cn"}]
    kept = "".join(" " if c in named else "" if _is_picture(c) else c for c in line)
    return kept, list(dict.fromkeys(named))


def listed(characters: list[str]) -> str:
    """Characters in quotes, each once."""
    return "'" + "".join(dict.fromkeys(characters)) + "'"


def _plain(character: str) -> str:
    """A letter or digit of a special shape as the plain one; raised o and a are ordinals and stay."""
    shape = unicodedata.decomposition(character).partition(">")[0]
    special = shape in {"<font", "<wide", "<compat", "<circle"}
    if (special and unicodedata.category(character)[0] in "LN") or shape == "<square":
        return unicodedata.normalize("NFKC", character)
    return character


def _is_picture(character: str) -> bool:
    # So: pictures and emoji; Sk: skin tones; Cf, Mn variation selectors: joiners; Co, Cn: private and unknown.
    category = unicodedata.category(character)
    if character in "\u200c\u200d" or "\ufe00" <= character <= "\ufe0f":
        return True
    return category in {"So", "Sk", "Co", "Cn", "Cs", "Cf", "Cc"} and character not in _READ_SYMBOLS
