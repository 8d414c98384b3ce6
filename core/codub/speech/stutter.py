"""Bits of words that letters alone would misread: a stutter ("b-but") and an elided article before a figure."""

import re
from collections.abc import Callable

from codub.speech.notation import LENGTHENED, MARKS, VOWELS

Piece = tuple[str, str | None, bool]
Speak = Callable[[str], str]
"""Text to IPA, in the line's language."""

_STUTTER = re.compile(r"(?<![\w'-])((?:[^\W\d_]{1,2}[-—…]+\s?)+)(?=([^\W\d_]+))")
_ELIDED = re.compile(r"\b((?:[dnsa]e?[lu]?l|quell|all|bell|l|d|qu|un)')(?=\d)", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]+")
_WRITTEN_VOWELS = frozenset("aeiouyáéíóúàèìòùâêîôûäëïöüãõ")


def cut(text: str, language: str, speak: Speak) -> list[Piece]:
    """The text in stretches: each with the IPA it is said as or None, and whether the next one is spoken on to it."""
    found: list[Piece] = []
    at = 0
    for start, end, pieces in sorted([*_stutters(text, speak), *_elisions(text, language, speak)]):
        if text[at:start].strip():
            found.append((text[at:start], None, False))
        found += pieces
        at = end
    if text[at:].strip():
        found.append((text[at:], None, False))
    return found


def _stutters(text: str, speak: Speak) -> list[tuple[int, int, list[Piece]]]:
    found: list[tuple[int, int, list[Piece]]] = []
    for match in _STUTTER.finditer(text):
        bits, word = _LETTERS.findall(match[1]), match[2]
        if all(_is_start(bit.lower(), word.lower()) for bit in bits):
            start = _start(speak(word))
            found.append((match.start(), match.end(), [(bit, start, False) for bit in bits]))
    return found


def _is_start(bit: str, word: str) -> bool:
    return len(bit) < len(word) and word.startswith(bit) and (len(bit) == 1 or not _WRITTEN_VOWELS & set(bit))


def _start(ipa: str) -> str:
    """The consonants that a word begins with and a murmur, or its first vowel."""
    sounds = ipa.strip()
    onset = ""
    for symbol in sounds:
        if symbol in VOWELS:
            break
        onset += "" if symbol in MARKS else symbol
    if onset:
        return onset + "ə"
    vowel = re.match(f"[{''.join(MARKS - LENGTHENED)}]*([{''.join(VOWELS | LENGTHENED)}]+)", sounds)
    return vowel[1] if vowel else sounds


def _elisions(text: str, language: str, speak: Speak) -> list[tuple[int, int, list[Piece]]]:
    if language not in {"fr", "it"}:
        return []
    found: list[tuple[int, int, list[Piece]]] = []
    for match in _ELIDED.finditer(text):
        ipa = speak(match[1] + "o").rstrip("".join(VOWELS | LENGTHENED | {" "})).rstrip("ˈˌ")
        found.append((match.start(), match.end(), [(match[1], ipa, True)]))
    return found
