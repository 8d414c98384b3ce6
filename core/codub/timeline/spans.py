"""Spans: stretches of time as exact seconds, and their union, intersection and difference."""

from collections.abc import Iterable
from fractions import Fraction

Span = tuple[Fraction, Fraction]
"""Start and end in seconds; the end is not part of it."""

Spans = tuple[Span, ...]
"""Spans in order, none empty, none touching another."""


def union(spans: Iterable[Span]) -> Spans:
    """What is in any of the spans."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def intersection(spans: Spans, other: Spans) -> Spans:
    """What is in both."""
    return union((max(a, c), min(b, d)) for a, b in spans for c, d in other)


def difference(spans: Spans, taken: Spans) -> Spans:
    """What is in `spans` and not in `taken`."""
    left = list(spans)
    for low, high in taken:
        left = [
            piece
            for start, end in left
            for piece in ((start, min(end, low)), (max(start, high), end))
            if piece[0] < piece[1]
        ]
    return union(left)


def total(spans: Spans) -> Fraction:
    """Seconds in all of them together."""
    return sum((end - start for start, end in spans), Fraction(0))
