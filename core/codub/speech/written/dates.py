"""Dates, clock times, years and decades in words and plain figures."""

import re

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "hi": "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
}
_ISO = re.compile(r"(?<![\w/.-])(\d{4})-(\d{1,2})-(\d{1,2})(?![\w/-]|\.\d)")
_SLASHED = re.compile(r"(?<![\w/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)(?![\w/-]|\.\d)")
_CLOCK = re.compile(
    r"(?<![\d:.,])([01]?\d|2[0-4])[:h.]([0-5]\d)(?=\s?[ap]\.?\s?m\b)|(?<![\d:.,])([01]?\d|2[0-4]):([0-5]\d)(?![\d:])",
    re.IGNORECASE,
)
_HOURS = re.compile(r"(?<![\w.,])([01]?\d|2[0-4])\s?h(?:\s?([0-5]\d))?(?:\s?min)?(?!\w)")
_STOPWATCH = re.compile(r"(?<![\d:])(\d{1,2}):([0-5]\d):([0-5]\d)(?![\d:])")
_HOUR_WORD = {"en": "hours", "es": "horas", "fr": "heures", "it": "ore", "pt": "horas", "hi": "घंटे"}
_YEAR = re.compile(r"(?<![\d.,$€£₹¥])(1[1-9]|20)(\d\d)(?![\d%]|[.,]\d|s\b)")
_DECADE = re.compile(r"(?<![\w.,])['\u2019]?(1\d|20)?(\d)0['\u2019]?s\b")
_TENS = (
    "hundreds",
    "tens",
    "twenties",
    "thirties",
    "forties",
    "fifties",
    "sixties",
    "seventies",
    "eighties",
    "nineties",
)


def read_times(line: str, language: str) -> str:
    """Clock times as hours and minutes: "7 30", "19 heures 30"."""
    line = _STOPWATCH.sub(
        lambda found: f"{int(found[1])} {_minute(found[2], language)} {_minute(found[3], language)}", line
    )
    if language != "en":
        line = re.sub(r"(?<=\d:\d\d)\s?h\b", "", line)
        line = _HOURS.sub(lambda found: f"{int(found[1])} {_hours(found, language)}", line)
    return _CLOCK.sub(lambda found: _clock(found, language), line)


def read_dates(line: str, language: str, *, month_first: bool = False) -> str:
    """Dates in figures with the month's name: 12/05/2024 is "12 de mayo de 2024", "December 5th, 2024" in the US."""
    line = _ISO.sub(lambda f: _date(f[0], (int(f[3]), int(f[2]), f[1]), language, month_first), line)

    def slashed(found: re.Match[str]) -> str:
        first, second = int(found[1]), int(found[3])
        if len(found[4]) == 2 and found[2] != "/":
            return found[0]
        day, month = (second, first) if month_first else (first, second)
        if month > 12 >= day:
            day, month = month, day
        return _date(found[0], (day, month, found[4]), language, month_first)

    return _SLASHED.sub(slashed, line)


def read_years(line: str) -> str:
    """English years and decades: 1984 is "19 84", the '90s "nineties"."""
    return _YEAR.sub(_year, _DECADE.sub(_decade, line))


def _date(written: str, date: tuple[int, int, str], language: str, month_first: bool) -> str:
    day, month, year = date
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return written
    name = _MONTHS[language].split()[month - 1]
    if len(year) == 2:
        year = ("20" if int(year) < 50 else "19") + year
    if language == "en":
        ending = "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
        return f"{name} {day}{ending}, {year}" if month_first else f"the {day}{ending} of {name} {year}"
    if language in {"es", "pt"}:
        return f"{day} de {name} de {year}"
    first = {"fr": "1er", "it": "primo"}.get(language)
    return f"{first if day == 1 and first else day} {name} {year}"


def _clock(found: re.Match[str], language: str) -> str:
    hour, minute = (found[1], found[2]) if found[1] else (found[3], found[4])
    if language == "fr":
        return f"{int(hour)} heures" + ("" if minute == "00" else f" {int(minute)}")
    return f"{int(hour)}" if minute == "00" else f"{int(hour)} {_minute(minute, language)}"


def _minute(minute: str, language: str) -> str:
    if minute[0] != "0":
        return minute
    zero = {"en": "oh ", "es": "", "fr": "", "it": "e ", "pt": "e "}.get(language, "")
    return f"{zero}{int(minute)}"


def _hours(found: re.Match[str], language: str) -> str:
    minutes = "" if found[2] in (None, "00") else f" {_joint(language)}{int(found[2])}"
    return f"{_HOUR_WORD[language]}{minutes}"


def _joint(language: str) -> str:
    return {"es": "y ", "it": "e ", "pt": "e "}.get(language, "")


def _year(found: re.Match[str]) -> str:
    century, rest = found[1], found[2]
    if rest == "00" or (century == "20" and rest < "10"):
        return found[0]  # "nineteen hundred" and "two thousand five" are how espeak-ng reads them
    return f"{century} {rest}" if rest >= "10" else f"{century} oh {int(rest)}"


def _decade(found: re.Match[str]) -> str:
    century, tens = found[1], int(found[2])
    if century is None:
        return _TENS[tens] if tens > 1 else found[0]
    if tens == 0:
        return "two thousands" if century == "20" else f"{century} hundreds"
    return f"{century} {_TENS[tens]}"
