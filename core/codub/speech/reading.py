"""Written lines made readable aloud: what espeak-ng would misread is spelled out, what cannot be spoken is named."""

import re
from dataclasses import dataclass

from codub.speech.written import abbreviations, addresses, characters, dates, numbers, quantities, roman


@dataclass(frozen=True)
class Reading:
    """A line as it is to be read, and `notes`: one sentence for each thing that is not read as it is written."""

    text: str
    notes: tuple[str, ...] = ()


_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_MARK = re.compile(r"\s+(?=[?!;:,.…”)])")
_SPACE_AFTER_QUOTE = re.compile(r"(?<=[“(])\s+")
_MARK_INSIDE_WORD = re.compile(r"(?<=[^\W\d])[.:](?=[^\W\d])|(?<=\w):(?=\S)")
_SLASH = re.compile(r"(?<=[^\W\d_])\s?/\s?(?=[^\W\d_])")


def readable(text: str, language: str, *, month_first: bool = False) -> Reading:
    """The line as espeak-ng should read it in `language` (its base, e.g. "es").

    Markup is taken off; addresses, dates, clock times, sums of money, measures, ordinals, fractions, telephone numbers,
    Roman numerals and abbreviations are spelled out; typographic characters become the voice's own punctuation;
    pictures are left out and noted. `month_first` is how the US write a date in figures. The text is empty when nothing
    in it can be spoken.
    """
    notes: list[str] = []
    line = characters.unmarked(text)
    line = characters.read_signs(line, language)
    line = addresses.read_addresses(line, language, notes)
    line = dates.read_dates(line, language, month_first=month_first)
    line = abbreviations.lowered(roman.read_roman(line, language))
    line = quantities.read_money(line, language)
    line = quantities.read_units(line, language)
    line = abbreviations.spelled_abbreviations(line, language)
    line = dates.read_times(line, language)
    line = numbers.read_millions(line, language)
    line = numbers.read_numbers(line, language)
    if language == "en":
        line = numbers.read_decimals(dates.read_years(line))
    line = _SLASH.sub(" ", characters.punctuated(line))
    line = _MARK_INSIDE_WORD.sub(" ", line)
    line, pictures = characters.without_pictures(line)
    if pictures:
        notes.append(f"{characters.listed(pictures)} cannot be spoken and is left out.")
    if not any(c.isalnum() for c in line):
        line = ""
    line = _SPACE_BEFORE_MARK.sub("", _SPACES.sub(" ", line).strip())
    return Reading(_SPACE_AFTER_QUOTE.sub("", line), tuple(notes))
