"""Roman numerals: of kings and popes as ordinals, of centuries, wars and chapters as figures."""

import re

from codub.speech.written.numbers import french_ordinal, ordinal

_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50}
_ROMAN = re.compile(
    r"(?<![\w'\u2019])(?P<before>[^\W\d_][\w'\u2019.-]*)?(?P<gap>\s)?\b(?P<roman>[IVXL]+)(?P<end>e|ème|er|ère)?\b(?!['\u2019.]\w)"
)
_FORM = re.compile(r"(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_RULERS = frozenset(
    """
    henry edward george charles james richard william elizabeth mary louis philip john paul pius benedict francis
    peter catherine nicholas alexander ivan napoleon frederick leo gregory innocent clement urban otto frank
    enrique felipe juan pablo alfonso carlos fernando isabel pío benedicto francisco pedro luis jorge
    henri philippe jean charles françois pie benoît napoléon pierre georges édouard guillaume nicolas
    enrico filippo giovanni paolo carlo vittorio emanuele pio benedetto francesco pietro luigi umberto
    henrique filipe joão paulo afonso manuel maria bento luís jorge duarte
    """.split()  # noqa: SIM905
)
_COUNTED = frozenset(
    """
    war part chapter volume act scene book type class phase stage level section article bowl title century
    siglo siglos capítulo parte tomo acto fase título guerra siècle chapitre partie tome acte secolo capitolo volume
    atto século séculos capítulo ato
    """.split()  # noqa: SIM905
)


def read_roman(line: str, language: str) -> str:
    """Roman numerals as they are said; capitals that could be letters or words stay as they are."""
    if language in {"it", "hi"}:  # espeak-ng reads Italian ones right, as ordinals
        return line
    return _ROMAN.sub(lambda found: _said(found, language), line)


def value(roman: str) -> int:
    """The number that a numeral stands for, 0 where it is none."""
    if not roman or not _FORM.fullmatch(roman):
        return 0
    numbers = [_VALUES[letter] for letter in roman]
    return sum(-n if n < max(numbers[i:]) else n for i, n in enumerate(numbers))


def _said(found: re.Match[str], language: str) -> str:
    before, gap, roman, end = found["before"] or "", found["gap"] or "", found["roman"], found["end"]
    number = value(roman)
    if not number:
        return found[0]
    if end:
        said = french_ordinal(number, feminine=end == "ère") if language == "fr" else None
        return f"{before}{gap}{said}" if said else found[0]
    if not before or not gap:
        alone = len(roman) > 2 and not before
        return f"{before}{gap}{number}" if alone else found[0]
    ruler, counted = before.lower() in _RULERS, before.lower() in _COUNTED
    if len(roman) == 1 and not counted and not (ruler and _closes(found, roman)):
        return found[0]
    if ruler and language == "en":
        return f"{before} the {_english(number)}"
    if ruler and language == "fr":
        return f"{before} {'premier' if number == 1 else number}"
    if (
        ruler
        and number <= 10
        and (said := ordinal(number, language, "a" if before.endswith("a") or before == "Isabel" else "o"))
    ):
        return f"{before} {said}"
    if not (ruler or counted) and (roman in {"II", "IV", "VI", "XI", "XX", "XXX", "LI"} and not before[0].isupper()):
        return found[0]
    return f"{before} {number}"


def _closes(found: re.Match[str], roman: str) -> bool:
    """Whether a single letter behind a ruler's name is a numeral: "Elizabeth I." but not "Mary, I" or "John I know"."""
    rest = found.string[found.end() :]
    return (
        roman != "I"
        or not rest.strip()
        or rest[0] in ".,;:!?"
        or re.match(r"\s(?:of|de|d'|di|do|da)\b", rest) is not None
    )


def _english(number: int) -> str:
    ending = "th" if 10 < number % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
