# ruff: noqa: RUF001 (typographic dashes are the subject)
"""Figures as espeak-ng reads them right: thousands, decimals, ranges, fractions, ordinals, telephone numbers."""

import re

_SPACE = "\u00a0\u202f\u2009"
_GROUPED = re.compile(rf"(?<![\d.,])\d{{1,3}}(?:[{_SPACE}]\d{{3}})+(?!\d)")
_GROUPED_FR = re.compile(r"(?<![\d.,] )(?<![\d.,])\d{1,3}(?: \d{3})+(?! ?\d)")
_DOTTED = re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3})+(?![\d]|\.\d)")
_DECIMAL_DOT = re.compile(r"(?<![\d.,])(\d+)\.(\d{1,2})(?![\d.])")
_DECIMAL = re.compile(r"(?<=\d)\.(\d+)(?![\d.])")
_RANGE = re.compile(r"(?<![\w.,/-])(\d[\d.,]*)\s?[-–—]\s?(\d[\d.,]*\d|\d)(?![\w/-]|[-–—]\d)")
_TO = {"en": "to", "es": "a", "fr": "à", "it": "a", "pt": "a", "hi": "से"}
_FRACTION = re.compile(r"(?<![\w/.,])(?:(\d+)\s)?(\d{1,2})/(\d{1,3})(?![\w/]|[.,]\d)")
_MIXED = re.compile(r"(?<=\d)\s?(?=[¼½¾⅓⅔])")
_AND = {"en": " and ", "es": " y ", "fr": " et ", "it": " e ", "pt": " e ", "hi": " और "}
_POWERS = {
    "en": (" squared", " cubed"),
    "es": (" al cuadrado", " al cubo"),
    "fr": (" au carré", " au cube"),
    "it": (" al quadrato", " al cubo"),
    "pt": (" ao quadrado", " ao cubo"),
    "hi": (" वर्ग", " घन"),
}
_PARTS = {  # halves, thirds, quarters: one and many
    "en": {2: ("half", "halves"), 3: ("third", "thirds"), 4: ("quarter", "quarters"),
           5: ("fifth", "fifths"), 8: ("eighth", "eighths"), 10: ("tenth", "tenths")},
    "es": {2: ("medio", "medios"), 3: ("tercio", "tercios"), 4: ("cuarto", "cuartos"), 5: ("quinto", "quintos")},
    "fr": {2: ("demi", "demis"), 3: ("tiers", "tiers"), 4: ("quart", "quarts"), 5: ("cinquième", "cinquièmes")},
    "it": {2: ("mezzo", "mezzi"), 3: ("terzo", "terzi"), 4: ("quarto", "quarti"), 5: ("quinto", "quinti")},
    "pt": {2: ("meio", "meios"), 3: ("terço", "terços"), 4: ("quarto", "quartos"), 5: ("quinto", "quintos")},
    "hi": {},
}  # fmt: skip
_OVER = {"en": "over", "es": "partido por", "fr": "sur", "it": "su", "pt": "sobre", "hi": "बटा"}
_ONE = {"en": "one", "es": "un", "fr": "un", "it": "un", "pt": "um", "hi": "एक"}
_PHONE = re.compile(
    r"(?<![\w.,/-])\+?(?:\(\d{1,4}\)[\s.-]?|\d{1,4}[\s.-])(?:\(?\d{1,4}\)?[\s.-]){0,5}\d{2,4}(?![\w/-]|[.,]\d)"
)
_EN_HUNDREDTH = re.compile(r"\b(\d*[1-9])?00(0?)th\b")

_ORDINALS = {
    "es": "primer segund tercer cuart quint sext séptim octav noven décim undécim duodécim".split(),  # noqa: SIM905
    "pt": "primeir segund terceir quart quint sext sétim oitav non décim".split(),  # noqa: SIM905
    "it": "prim second terz quart quint sest settim ottav non decim".split(),  # noqa: SIM905
}
_FR = """
    premier deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième onzième douzième
    treizième quatorzième quinzième seizième dix-septième dix-huitième dix-neuvième vingtième
    """.split()  # noqa: SIM905


def read_numbers(line: str, language: str) -> str:
    """The line with its figures in a form that is read right in `language`."""
    line = _GROUPED.sub(_digits, line)
    if language == "fr":
        line = _GROUPED_FR.sub(_digits, line)
    line = _PHONE.sub(lambda found: _phone(found[0], language), line)
    line = _ordinals(line, language)
    if language not in {"en", "hi"}:
        line = _DOTTED.sub(_digits, line)
        line = _DECIMAL_DOT.sub(r"\1,\2", line)
    if language == "en":
        line = re.sub(r"\b24/7\b", "24 7", line)
        line = re.sub(r"\b9/11\b", "9 11", line)
    line = _FRACTION.sub(lambda found: _fraction(found, language), line)
    line = _MIXED.sub(_AND[language], line)
    line = _RANGE.sub(lambda found: f"{found[1]} {_TO[language]} {found[2]}", line)
    for sign, said in zip("²³", _POWERS[language], strict=True):
        line = re.sub(rf"(?<=\w){sign}", said, line)
    return line


def read_decimals(line: str) -> str:
    """English decimals digit by digit: "3 point 1 4"."""
    return _DECIMAL.sub(lambda found: f" point {' '.join(found[1])}", line)


def read_millions(line: str, language: str) -> str:
    """English short counts such as 1.5M; other languages write them out."""
    if language != "en":
        return line
    return re.sub(r"(?<=\d)(M|bn|B)(?= [a-z])", lambda f: " million" if f[1] == "M" else " billion", line)


def ordinal(number: int, language: str, ending: str = "o") -> str | None:
    """The ordinal in words, where it is commonly used: "octavo", "premier"; None above that."""
    if language == "fr":
        return french_ordinal(number, feminine=ending == "a")
    known = _ORDINALS.get(language, [])
    return known[number - 1] + ending if 0 < number <= len(known) else None


def french_ordinal(number: int, *, feminine: bool = False) -> str | None:
    """French ordinals to 39."""
    if number == 1:
        return "première" if feminine else "premier"
    if number <= 20:
        return _FR[number - 1] if number > 0 else None
    tens, ones = divmod(number, 10)
    if tens not in {2, 3}:
        return None
    name = {2: "vingt", 3: "trent"}[tens]
    if ones == 0:
        return "trentième"
    stem = {2: "vingt", 3: "trente"}[tens]
    return f"{stem} et unième" if ones == 1 else f"{stem}-{_FR[ones - 1]}" if name else None


def _ordinals(line: str, language: str) -> str:
    if language == "en":
        return _EN_HUNDREDTH.sub(lambda f: f"{f[1] or ''} {'thousandth' if f[2] else 'hundredth'}".strip(), line)
    if language == "fr":
        pattern = r"(?<![\w.,])(\d+)(?:(ers?|ères?|res?)|(nde?s?|èmes?|emes?|es?))\b"
        return re.sub(pattern, _french, line)
    if language == "it":
        line = re.sub(r"(?<![\w.,])(\d{1,2})°(?=\s[a-zà-ù]{3})", r"\1º", line)
    pattern = r"(?<![\w.,])(\d{1,2})(?:\.\s?)?(er|[oa](?=\s)|[ºª°](?!\s?[CF]\b))(?!\w)"
    return re.sub(pattern, lambda found: _romance(found, language), line)


def _french(found: re.Match[str]) -> str:
    number = int(found[1])
    if found[2] and number != 1:
        return found[0]
    said = french_ordinal(number, feminine="è" in (found[2] or "") or (found[2] or "").startswith("re"))
    return said or f"{number}ième"


def _romance(found: re.Match[str], language: str) -> str:
    number, ending = int(found[1]), found[2]
    if ending in {"o", "a"} and language == "it":
        return found[0]  # "2 o 3", "1 a 1"
    if ending in {"o", "a", "°"} and (language != "es" or ending != "°"):
        return found[0]
    if ending in {"o", "a"}:
        return found[0]
    said = ordinal(number, language, "a" if ending == "ª" else "o")
    if said and ending == "er":
        return said[:-1] if number in {1, 3} else said
    return said or found[0]


def _digits(found: re.Match[str]) -> str:
    return re.sub(r"\D", "", found[0])


def _phone(written: str, language: str) -> str:
    groups = re.findall(r"\d+", written)
    count = sum(map(len, groups))
    years = len(groups) == 2 and all(re.fullmatch(r"(1\d|20)\d\d", group) for group in groups)
    thousands = len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:]) and re.fullmatch(r"[\d ]+|[\d.]+", written)
    marked = re.search(r"[-(+]", written) is not None or written.startswith("0") or len(groups) >= 4
    if count < 7 or years or (thousands and groups[0][0] != "0") or not (marked or len(groups) >= 3):
        return written
    spoken = ", ".join(" ".join(group) if language == "en" or group[0] == "0" else group for group in groups)
    return ("+ " if written.startswith("+") else "") + spoken


def _fraction(found: re.Match[str], language: str) -> str:
    whole, above, below = found[1], int(found[2]), int(found[3])
    names = _PARTS[language].get(below)
    if above >= below or below > 20:
        return found[0] if whole else f"{above} {_OVER[language]} {below}"
    if names is None:
        part = f"{above} {_OVER[language]} {below}"
    else:
        part = f"{_ONE[language]} {names[0]}" if above == 1 else f"{above} {names[1]}"
        if above == 1 and below == 2 and language != "en":
            part = names[0] if language != "fr" else "un demi"
    return f"{whole}{_AND[language]}{part}" if whole else part
