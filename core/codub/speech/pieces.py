"""A line cut where it may be, and its syllables counted."""

from collections.abc import Sequence

from codub.speech.notation import LENGTHENED, MARKS, PAUSES, SENTENCE_ENDS, VOWELS


def split(symbols: Sequence[str], limit: int) -> tuple[tuple[str, ...], ...]:
    """Pieces of at most `limit` symbols, cut at sentence ends, else at other punctuation, else between words.

    A line that is short enough stays whole, however many sentences it has.
    """
    rest = tuple(symbols)
    pieces = []
    while len(rest) > limit:
        cut = _best_cut(rest, limit)
        pieces.append(rest[:cut])
        rest = rest[cut:]
        while rest and rest[0] == " ":
            rest = rest[1:]
    pieces.append(rest)
    return tuple(piece for piece in pieces if is_spoken(piece))


def sentences(symbols: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The sentences of a line, each with its last mark."""
    found: list[list[str]] = [[]]
    for symbol in symbols:
        if found[-1] and found[-1][-1] in SENTENCE_ENDS and symbol == " ":
            found.append([])
        else:
            found[-1].append(symbol)
    return tuple(tuple(sentence) for sentence in found if is_spoken(sentence))


def places(symbols: Sequence[str], parts: Sequence[Sequence[str]]) -> tuple[tuple[int, int] | None, ...]:
    """In which part each symbol of a line stands, and where in it; None: it was left out."""
    found: list[tuple[int, int] | None] = [None] * len(symbols)
    at = 0
    for number, part in enumerate(parts):
        while tuple(symbols[at : at + len(part)]) != tuple(part):
            at += 1
        found[at : at + len(part)] = [(number, i) for i in range(len(part))]
        at += len(part)
    return tuple(found)


def is_spoken(symbols: Sequence[str]) -> bool:
    """Whether any symbol has a sound."""
    return any(symbol not in PAUSES and symbol not in MARKS for symbol in symbols)


def syllables(symbols: Sequence[str]) -> int:
    """Number of syllables: runs of vowels, a new one at each stress mark; at least 1."""
    count, inside = 0, False
    for symbol in symbols:
        if symbol in VOWELS:
            count += not inside
            inside = True
        elif symbol not in LENGTHENED:
            inside = False
    return max(count, 1)


def _best_cut(symbols: Sequence[str], limit: int) -> int:
    """Length of the first piece: the last good place in the second half of what fits."""
    for wanted in (SENTENCE_ENDS, PAUSES - {" "}, {" "}):
        for i in range(limit - 1, limit // 2, -1):
            if symbols[i] in wanted:
                return i + 1
    return limit
