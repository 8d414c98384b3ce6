"""Other scripts inside a line: which stretches they are, and the language that each is most likely in."""

import unicodedata
from itertools import groupby

# Name of the script as Unicode's character names begin with it, and espeak-ng's language for it.
_LANGUAGES = {
    "CYRILLIC": "ru",
    "GREEK": "el",
    "HEBREW": "he",
    "ARABIC": "ar",
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "cmn",
    "THAI": "th",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "TELUGU": "te",
    "DEVANAGARI": "hi",
    "LATIN": "",
}
NAMES = {
    "ru": "Russian", "el": "Greek", "he": "Hebrew", "ar": "Arabic", "ko": "Korean", "ja": "Japanese",
    "cmn": "Chinese", "th": "Thai", "ka": "Georgian", "hy": "Armenian", "bn": "Bengali", "ta": "Tamil",
    "te": "Telugu", "hi": "Hindi",
}  # fmt: skip


def stretches(line: str, own: str) -> list[tuple[str, str]]:
    """The line in stretches of one language each, `(text, espeak-ng's name)`; "" is the line's own.

    `own` is the line's base language. A letter of another script that stands alone (π, a variable) is the line's own,
    and so are Latin letters in a line of another script: espeak-ng reads them there. Kana make the Chinese characters
    of the line Japanese.
    """
    words = [(part, _language(part, own)) for part in _words(line)]
    words = _japanese(words)
    found: list[tuple[str, str]] = []
    for part, language in words:
        if found and (language is None or language == found[-1][1]):
            found[-1] = (found[-1][0] + part, found[-1][1])
        else:
            found.append((part, language or ""))
    return found


def unreadable(text: str, language: str) -> list[str]:
    """Characters that are only named aloud: of scripts without a voice, and Chinese ones inside Japanese."""
    alien = {"other", "CJK"} if language == "ja" else {"other"}
    return [c for c in text if _script(c) in alien]


def _japanese(words: list[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    """Chinese characters beside kana are Japanese."""
    found = list(words)
    for i, (part, language) in enumerate(found):
        beside = {found[k][1] for k in (i - 1, i + 1) if 0 <= k < len(found)}
        if language == "cmn" and "ja" in beside:
            found[i] = (part, "ja")
    return found


def _words(line: str) -> list[str]:
    kinds = groupby(line, key=_script)
    return ["".join(group) for _, group in kinds]


def _script(character: str) -> str:
    if not (character.isalpha() or unicodedata.category(character).startswith("M")):
        return ""
    name = unicodedata.name(character, "")
    if character == "\u30fc":
        return "KATAKANA"
    script = next((script for script in _LANGUAGES if name.startswith(script)), "other")
    return "JAPANESE" if script in {"HIRAGANA", "KATAKANA"} else script


def _language(part: str, own: str) -> str | None:
    """espeak-ng's language for a stretch of one script; None: what stands between words goes with those before it."""
    script = _script(part[0])
    if not script:
        return None if not any(c.isdigit() for c in part) else ""
    language = "ja" if script == "JAPANESE" else _LANGUAGES.get(script, "")
    if language == own or (script == "GREEK" and len(part) == 1):
        return ""
    return language
