"""Spans: stretches of time as exact seconds, and their union, intersection and difference."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from fractions import Fraction
from operator import itemgetter

Span = tuple[Fraction, Fraction]
"""Start and end in seconds; the end is not part of it."""

Spans = tuple[Span, ...]
"""Spans in order, none empty, none touching another."""


def union(spans: Iterable[Span]) -> Spans:
    """What is in any of the spans."""
    some = [span for span in spans if span[0] < span[1]]
    if len(some) < 2:  # most are: fractions are slow to compare, and a programme has tens of thousands of clips
        return tuple(some)
    merged: list[Span] = []
    for start, end in sorted(some):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def intersection(spans: Spans, other: Spans) -> Spans:
    """What is in both."""
    if len(spans) == 1 and len(other) == 1:  # nearly always: a clip on its track, a cue on a clip
        (start, end), (low, high) = spans[0], other[0]
        both = (max(start, low), min(end, high))
        return (both,) if both[0] < both[1] else ()
    return union(
        (max(start, low), min(end, high)) for low, high in other for start, end in touching(spans, (low, high))
    )


def difference(spans: Spans, taken: Spans) -> Spans:
    """What is in `spans` and not in `taken`."""
    left = []
    for start, end in spans:
        at = start
        for low, high in touching(taken, (start, end)):
            left.append((at, low))
            at = max(at, high)
        left.append((at, end))
    return union(left)


def touching(spans: Spans, span: Span) -> Iterator[Span]:
    """Those of the spans that share time with `span`; the search for the first does not walk through all."""
    for index in range(bisect_right(spans, span[0], key=itemgetter(1)), len(spans)):
        if spans[index][0] >= span[1]:
            return
        yield spans[index]


def total(spans: Spans) -> Fraction:
    """Seconds in all of them together."""
    return sum((end - start for start, end in spans), Fraction(0))
