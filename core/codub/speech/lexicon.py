"""A project's own pronunciations: words of each language, and of single lines, with IPA or a respelling."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

Words = Mapping[str, str]
"""Words in small letters, with "/IPA/" or a respelling."""

NO_WORDS: Words = {}


@dataclass(frozen=True)
class Lexicon:
    """Pronunciations by language tag ("es", "pt-BR"), and by language tag and cue number."""

    words: Mapping[str, Words] = field(default_factory=dict)
    lines: Mapping[tuple[str, int], Words] = field(default_factory=dict)

    def of(self, language: str, cue: int | None = None) -> Words:
        """What counts for a line: its own words before those of its region before those of its language."""
        tag = language.lower().replace("_", "-")
        base = tag.partition("-")[0]
        found: dict[str, str] = {}
        for name in dict.fromkeys((base, tag)):
            found |= self.words.get(name, NO_WORDS)
        if cue is not None:
            for name in dict.fromkeys((base, tag)):
                found |= self.lines.get((name, cue), NO_WORDS)
        return found

    def over(self, other: "Lexicon") -> "Lexicon":
        """Both, this one first."""
        words = {
            name: {**other.words.get(name, {}), **self.words.get(name, {})} for name in {*self.words, *other.words}
        }
        lines = {key: {**other.lines.get(key, {}), **self.lines.get(key, {})} for key in {*self.lines, *other.lines}}
        return Lexicon(words, lines)


NO_LEXICON = Lexicon()


def ipa_of(pronunciation: str) -> str | None:
    """The IPA symbols of "/.../", None for a respelling."""
    found = re.fullmatch(r"\s*/([^/]*)/\s*", pronunciation)
    return found[1] if found else None


def by_ipa(text: str, words: Words) -> list[str]:
    """Words of the text that the lexicon says in IPA."""
    return [spelling for spelling, ipa in applied(text, words) if ipa is not None]


def applied(text: str, words: Words) -> list[tuple[str, str | None]]:
    """The text in stretches, each with the IPA it is said as or None; respelt words are replaced in the text."""
    if not words:
        return [(text, None)]
    known = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    found: list[tuple[str, str | None]] = [("", None)]
    at = 0
    for match in re.finditer(rf"(?<!\w)(?:{known})(?!\w)", text, re.IGNORECASE):
        said = words[match[0].lower()]
        ipa = ipa_of(said)
        before = text[at : match.start()] + (said if ipa is None else "")
        found[-1] = (found[-1][0] + before, None)
        if ipa is not None:
            found += [(match[0], ipa), ("", None)]
        at = match.end()
    found[-1] = (found[-1][0] + text[at:], None)
    return [part for part in found if part[0]]
