"""What plays when: clips found by time."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from codub.timeline.placed import PlacedClip
from codub.timeline.spans import Span, intersection

_BLOCK_SECONDS = 10


@dataclass(frozen=True)
class Playing:
    """Clips by the time at which they play, so that a feature's thousand cues need not walk through all its clips."""

    entries: Sequence[tuple[PlacedClip, Span]]
    by_block: Mapping[int, Sequence[int]]  # places in `entries`: hashing a clip hashes all its fractions

    @classmethod
    def of(cls, clips: Iterable[PlacedClip]) -> "Playing":
        """The clips, sorted for search."""
        entries = [(clip, span) for clip in clips for span in clip.visible]
        by_block: dict[int, list[int]] = {}
        for place, (_, span) in enumerate(entries):
            for block in _blocks(span):
                by_block.setdefault(block, []).append(place)
        return cls(entries, by_block)

    def during(self, span: Span, sliver: Fraction) -> list[tuple[PlacedClip, Span]]:
        """Clips that play during the span and when, in order; slivers count only if there is nothing else."""
        near = dict.fromkeys(place for block in _blocks(span) for place in self.by_block.get(block, ()))
        shown = [self.entries[place] for place in near]
        found = [(clip, both) for clip, (low, high) in shown for both in intersection((span,), ((low, high),))]
        if len(found) < 2:
            return found
        found.sort(key=lambda entry: entry[1])
        return [(clip, both) for clip, both in found if both[1] - both[0] >= sliver] or found


def _blocks(span: Span) -> range:
    return range(math.floor(span[0] / _BLOCK_SECONDS), math.floor(span[1] / _BLOCK_SECONDS) + 1)
