"""Blocks of time in lanes, found by time, and joined where they share a pixel."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from codub_panel.session import Line
from codub_panel.theme import Theme


@dataclass(frozen=True)
class Block:
    """Something that lasts from `start` to `end` (seconds). `ink` names a colour of the theme, `key` a cue."""

    start: float
    end: float
    name: str
    ink: str = ""
    key: str = ""

    @classmethod
    def of_line(cls, line: Line) -> "Block":
        """A line where it is spoken, in the colour of its state."""
        number = str(line.cue.number)
        return cls(float(line.cue.start), float(line.cue.end), number, line.state.name.lower(), number)

    @classmethod
    def of_take(cls, line: Line) -> "Block":
        """The chosen take where its voice lies."""
        take = line.chosen
        assert take is not None, "only lines with a chosen take have one"
        start = float(take.start)
        name = f"t{take.take:02d}"
        return cls(start, start + float(take.duration), name, line.state.name.lower(), str(line.cue.number))

    def colour(self, theme: Theme) -> str:
        """Its colour in a theme."""
        return str(getattr(theme, self.ink))


@dataclass(frozen=True)
class Lane:
    """Blocks in order of time."""

    name: str
    blocks: tuple[Block, ...]
    starts: tuple[float, ...]
    longest: float

    @classmethod
    def of(cls, name: str, blocks: Iterable[Block]) -> "Lane":
        """The blocks, sorted for search."""
        ordered = tuple(sorted(blocks, key=lambda block: block.start))
        longest = max((block.end - block.start for block in ordered), default=0.0)
        return cls(name, ordered, tuple(block.start for block in ordered), longest)

    def between(self, start: float, end: float) -> list[Block]:
        """Those that last into the span."""
        first = bisect_left(self.starts, start - self.longest)
        return [block for block in self.blocks[first : bisect_right(self.starts, end)] if block.end > start]

    def at(self, seconds: float) -> Block | None:
        """The block at a second."""
        found = [block for block in self.between(seconds, seconds) if block.start <= seconds < block.end]
        return found[-1] if found else None

    def name_at(self, seconds: float) -> str:
        """Name of the block at a second, "" for none."""
        block = self.at(seconds)
        return "" if block is None else block.name

    def key_at(self, seconds: float) -> str:
        """Key of the block at a second, "" for none."""
        block = self.at(seconds)
        return "" if block is None else block.key


def merged(blocks: list[Block], x_of: Callable[[float], int], width: int) -> list[tuple[Block, int, int]]:
    """Blocks with their place and width in pixels; of several within one pixel only the first of each ink stays."""
    shown: list[tuple[Block, int, int]] = []
    last: tuple[int, str] | None = None
    for block in blocks:
        x, end = x_of(block.start), x_of(block.end)
        if x >= width:
            break
        if end - x <= 1:
            if last == (x, block.ink):
                continue
            last = (x, block.ink)
        shown.append((block, x, max(end - x, 1)))
    return shown
