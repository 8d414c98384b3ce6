"""Written words against the sounds of a take: when each word is heard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from codub.errors import CueError
from codub.latent import SpeechLatent
from codub.speech.boundaries import spans_symbols
from codub.speech.marks import plain
from codub.speech.model import PhonemeLine
from codub.speech.notation import MARKS, PAUSES, STRESS, VOWELS
from codub.speech.phonemes import phonemize

Reader = Callable[[str, str], PhonemeLine]
"""Text and language tag to the symbols that a voice speaks, such as `Profile.phonemize`."""


@dataclass(frozen=True)
class WordSpan:
    """A word as it is written, when it is heard (seconds from the latent's start), and its spans: first and last."""

    word: str
    start: float
    end: float
    first: int
    last: int


def word_spans(latent: SpeechLatent, text: str, language: str, read: Reader = phonemize) -> tuple[WordSpan, ...]:
    """The written words of a take's text that are heard in it, in order; `read` is how its voice reads a text.

    Marks in the text are no part of a word. A number such as "25" is one word however many it is spoken as, and of
    words that are spoken as one each has its share; words of which no sound is left ("-", a picture) are not listed.

    Raises:
        CueError: the latent is of another text.
    """
    symbols = read(text, language).symbols
    groups = spans_symbols(latent.spans, symbols)
    words = plain(text).split()
    owner = _owners(symbols, [_alone(word, language, read) for word in words])
    found: dict[int, list[int]] = {}
    for k, group in enumerate(groups):
        sounds = [i for i in group if _sounds(symbols[i])]
        if sounds:
            found.setdefault(owner[sounds[0]], []).append(k)
    return tuple(
        WordSpan(words[word], latent.spans[spans[0]].start, latent.spans[spans[-1]].end, spans[0], spans[-1])
        for word, spans in sorted(found.items())
    )


def symbol_words(symbols: Sequence[str], text: str, language: str, read: Reader = phonemize) -> dict[int, int]:
    """The written word (from 0, of the text without marks) that each sounding symbol comes from, marks beside it too.

    `symbols` are those of the whole line, `read` is how its voice reads a text.
    """
    owner = _owners(symbols, [_alone(word, language, read) for word in plain(text).split()])
    for i, symbol in enumerate(symbols):
        if symbol in MARKS and symbol not in STRESS and i - 1 in owner:
            owner[i] = owner[i - 1]
    for i in range(len(symbols) - 2, -1, -1):
        if symbols[i] in STRESS and i + 1 in owner:
            owner[i] = owner[i + 1]
    return owner


def _alone(word: str, language: str, read: Reader) -> tuple[str, ...]:
    try:
        return read(word, language).symbols
    except CueError:  # a dash, a picture: it has no sound
        return ()


def _owners(symbols: Sequence[str], words: Sequence[Sequence[str]]) -> dict[int, int]:
    """For each sounding symbol of the line the word that it comes from.

    Where the line is spoken in as many words as are written, they follow each other; elsewhere the line's sounds are
    aligned with those of its words, each read alone.
    """
    line = [i for i, symbol in enumerate(symbols) if _sounds(symbol)]
    spoken = [w for w, word in enumerate(words) if any(map(_sounds, word))]
    parts = _parts(symbols)
    if len(parts) == len(spoken):
        return {i: word for part, word in zip(parts, spoken, strict=True) for i in part}
    alone = [(symbol, w) for w in spoken for symbol in words[w] if _sounds(symbol)]
    if not alone:
        return dict.fromkeys(line, 0)
    partners = _aligned([symbols[i] for i in line], [symbol for symbol, _ in alone])
    return {i: alone[partner][1] for i, partner in zip(line, partners, strict=True)}


def _parts(symbols: Sequence[str]) -> list[list[int]]:
    """The sounding symbols between the spaces."""
    parts: list[list[int]] = [[]]
    for i, symbol in enumerate(symbols):
        if symbol == " ":
            parts.append([])
        elif _sounds(symbol):
            parts[-1].append(i)
    return [part for part in parts if part]


def _aligned(line: Sequence[str], alone: Sequence[str]) -> list[int]:
    """For each sound of the line the one of `alone` it stands for, by the alignment with the fewest differences."""
    cost = np.zeros((len(line) + 1, len(alone) + 1))
    cost[:, 0], cost[0] = np.arange(len(line) + 1), np.arange(len(alone) + 1)
    for i, one in enumerate(line, 1):
        for j, other in enumerate(alone, 1):
            cost[i, j] = min(cost[i - 1, j - 1] + _difference(one, other), cost[i - 1, j] + 1, cost[i, j - 1] + 1)
    partners, i, j = [0] * len(line), len(line), len(alone)
    while i > 0:
        if j > 0 and cost[i, j] == cost[i - 1, j - 1] + _difference(line[i - 1], alone[j - 1]):
            i, j = i - 1, j - 1
            partners[i] = j
        elif cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
            partners[i] = max(j - 1, 0)
        else:
            j -= 1
    return partners


def _difference(one: str, other: str) -> float:
    if one == other:
        return 0.0
    return 0.5 if (one in VOWELS) == (other in VOWELS) else 1.5


def _sounds(symbol: str) -> bool:
    return symbol not in PAUSES and symbol not in MARKS
