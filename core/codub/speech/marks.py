# ruff: noqa: RUF002 (phonetic letters look like Latin ones)
"""Marks that an editor types into a line: pronunciation, another language, pauses, emphasis and stress.

[Nguyen](/ŋwˈiən/)      said as these IPA symbols
[Nguyen](win)           said as if it were written "win"
[bon voyage](@fr)       read in another language
[0.4s]  [400ms]         a pause that long
*word*  **word**        emphasised; strongly
re^cord                 the stress stands on the syllable behind ^
"""

import re
from dataclasses import dataclass

STRONG = 2.0  # emphasis of **word**; *word* is 1

_MARK = re.compile(
    r"\[(?P<words>[^\[\]]+)\]\((?:/(?P<ipa>[^/()]*)/|@(?P<language>[A-Za-z]{2,3}(?:[-_]\w{2,3})?)|(?P<spelt>[^()@/]+))\)"
    r"|\[(?P<pause>\d+(?:[.,]\d+)?)\s?(?P<unit>ms|s)\]"
)
_EMPHASIS = re.compile(r"(?<!\*)(?P<stars>\*{1,2})(?=[^\s*])(?P<words>[^*]*[^\s*])(?P=stars)(?!\*)")
_STRESS = re.compile(r"(?<=[^\W\d_])\^(?=[^\W\d_])|(?<![^\W_])\^(?=[^\W\d_])")


@dataclass(frozen=True)
class Part:
    """A stretch of a line: `text` in the line's language, or in `language`, or said as `ipa`, or `pause` seconds."""

    text: str = ""
    ipa: str | None = None
    language: str | None = None
    pause: float | None = None


def parts(text: str) -> tuple[Part, ...]:
    """The line cut at its marks; emphasis marks are taken off, stress marks stay in the text."""
    found: list[Part] = []
    at = 0
    line = _EMPHASIS.sub(lambda match: match["words"], text)
    for mark in _MARK.finditer(line):
        _add(found, line[at : mark.start()])
        at = mark.end()
        if mark["pause"]:
            seconds = float(mark["pause"].replace(",", ".")) / (1000 if mark["unit"] == "ms" else 1)
            found.append(Part(pause=seconds))
        elif mark["spelt"]:
            _add(found, mark["spelt"])
        else:
            found.append(Part(mark["words"], ipa=mark["ipa"], language=mark["language"]))
    _add(found, line[at:])
    return tuple(found)


def plain(text: str) -> str:
    """The line as an audience reads it, without marks; its words are what words are numbered by."""
    line = _EMPHASIS.sub(lambda match: match["words"], text)
    line = _MARK.sub(lambda mark: mark["words"] or " ", line)
    return re.sub(r"\s+", " ", _STRESS.sub("", line)).strip()


def spelt(text: str) -> str:
    """The line in letters alone, for a voice that takes no IPA: respellings kept, other marks taken off."""
    line = _EMPHASIS.sub(lambda match: match["words"], text)
    line = _MARK.sub(lambda mark: mark["spelt"] or mark["words"] or ", ", line)
    return re.sub(r"\s+", " ", _STRESS.sub("", line)).strip()


def stressed(text: str) -> tuple[str, ...]:
    """The words in which a stress mark stands, as they are typed."""
    return tuple(word for word in re.findall(r"[\w'’^-]+", text) if _STRESS.search(word))  # noqa: RUF001


def emphasised(text: str) -> dict[int, float]:
    """How strongly words are emphasised, by their number among the words of `plain(text)`, from 0."""
    found: dict[int, float] = {}
    for match in _EMPHASIS.finditer(text):
        first = len(plain(text[: match.start()]).split())
        if match.start() and not text[match.start() - 1].isspace() and plain(text[: match.start()]):
            first -= plain(text[: match.start()])[-1:].isalnum()
        for number in range(len(plain(match["words"]).split())):
            found[first + number] = STRONG if match["stars"] == "**" else 1.0
    return found


def stressed_syllable(word: str) -> tuple[str, int | None]:
    """The word without its stress mark, and how many syllables stand before the marked one (None: no mark)."""
    before, mark, after = word.partition("^")
    if not mark:
        return word, None
    return before + after.replace("^", ""), len(re.findall(r"[aeiouyáéíóúàèìòùâêîôûäëïöüãõœæ]+", before.lower()))


def _add(found: list[Part], text: str) -> None:
    """Text goes on where the last part was text too, so that espeak-ng reads sentences whole."""
    if not text.strip():
        text = " " if text else ""
    last = found[-1] if found else None
    if text and last is not None and last.ipa is None and last.language is None and last.pause is None:
        found[-1] = Part(last.text + text)
    elif text.strip():
        found.append(Part(text))
