"""Whole numbers below a hundred in words, as people write them in five languages."""

from collections.abc import Callable

_TENS_FROM_TWENTY = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "pt": "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "fr": "vingt trente quarante cinquante soixante",
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
}
_SMALL = {
    "en": """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""",
    "es": """cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis
        diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis
        veintisiete veintiocho veintinueve""",
    "pt": """zero um dois três quatro cinco seis sete oito nove dez onze doze treze quatorze quinze dezesseis
        dezessete dezoito dezenove""",
    "fr": """zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize""",
    "it": """zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici
        sedici diciassette diciotto diciannove""",
}


def spelled(token: str, language: str) -> list[str]:
    """The words of a number of one or two digits, in the masculine; any other token as it is."""
    if not token.isdecimal() or len(token) > 2 or language not in _SMALL:
        return [token]
    number, small = int(token), _SMALL[language].split()
    return [small[number]] if number < len(small) else _BEYOND[language](number, small)


def _ten(number: int, language: str) -> str:
    return _TENS_FROM_TWENTY[language].split()[number // 10 - 2]


def _english(number: int, small: list[str]) -> list[str]:
    return [_ten(number, "en"), *([small[number % 10]] if number % 10 else [])]


def _joined_by_and(language: str, link: str) -> Callable[[int, list[str]], list[str]]:
    return lambda number, small: [_ten(number, language), *([link, small[number % 10]] if number % 10 else [])]


def _french(number: int, small: list[str]) -> list[str]:
    """Seventies and nineties count on from sixty and from four twenties."""
    if number < 20:
        return ["dix", small[number - 10]]
    if number >= 80:
        rest = number - 80
        return ["quatre", "vingts"] if rest == 0 else ["quatre", "vingt", *_french_below_twenty(rest, small)]
    base = 60 if number >= 60 else number // 10 * 10
    rest = number - base
    if rest == 0:
        return [_ten(base, "fr")]
    return [_ten(base, "fr"), *(["et"] if rest in {1, 11} else []), *_french_below_twenty(rest, small)]


def _french_below_twenty(number: int, small: list[str]) -> list[str]:
    return [small[number]] if number < len(small) else ["dix", small[number - 10]]


def _italian(number: int, small: list[str]) -> list[str]:
    """One word; the ten loses its vowel before "uno" and "otto", and three takes an accent."""
    ten, ones = _ten(number, "it"), number % 10
    if ones == 0:
        return [ten]
    return [(ten[:-1] if ones in {1, 8} else ten) + ("tré" if ones == 3 else small[ones])]


_BEYOND: dict[str, Callable[[int, list[str]], list[str]]] = {
    "en": _english,
    "es": _joined_by_and("es", "y"),
    "pt": _joined_by_and("pt", "e"),
    "fr": _french,
    "it": _italian,
}
