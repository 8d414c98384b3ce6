"""Texts made comparable: lower case, no punctuation, numbers as words."""

import re
import unicodedata

_EN_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_EN_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ES_SMALL = (
    *("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce"),
    *("trece", "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno"),
    *("veintidós", "veintitrés", "veinticuatro", "veinticinco", "veintiséis", "veintisiete", "veintiocho"),
    "veintinueve",
)
_ES_TENS = ("treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa")

# British spellings and titles that Whisper writes in its own way.
_EN_SAME = {"mr": "mister", "mrs": "missus", "dr": "doctor", "okay": "ok", "colour": "color", "grey": "gray"}


def words(text: str, language: str = "en") -> list[str]:
    """The words of a text in lower case, without punctuation; whole numbers of one or two digits are spelled out.

    English and Spanish number words are known; in other languages digits stay.
    """
    plain = unicodedata.normalize("NFC", text).lower().replace("\u2019", "'")
    plain = re.sub(r"(?<=\d)[.,](?=\d{3}\b)", "", plain)
    found = re.findall(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)*", plain)
    return [word for token in found for word in _spelled(token, language[:2].lower())]


def _spelled(token: str, language: str) -> list[str]:
    if token.isdigit() and int(token) < 100 and len(token) <= 2:
        if language == "en":
            return _english(int(token))
        if language == "es":
            return _spanish(int(token))
    if language == "en":
        return [_EN_SAME.get(token, token)]
    return [token]


def _english(number: int) -> list[str]:
    if number < 20:
        return [_EN_SMALL[number]]
    tens, ones = divmod(number, 10)
    return [_EN_TENS[tens - 2], *([_EN_SMALL[ones]] if ones else [])]


def _spanish(number: int) -> list[str]:
    if number < 30:
        return [_ES_SMALL[number]]
    tens, ones = divmod(number, 10)
    return [_ES_TENS[tens - 3], *(["y", _ES_SMALL[ones]] if ones else [])]
