"""Blocks of time in lanes, found by time, and joined where they share a pixel."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from codub_panel.project.session import Line, PanelSession
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


class LineLanes:
    """The lines as blocks, made anew only after a change."""

    def __init__(self, session: PanelSession) -> None:
        self._session = session
        self._made: dict[str, Lane] = {}
        self._blocks: dict[tuple[str, int], tuple[Line, Block | None]] = {}

    def forget(self) -> None:
        """The lines changed."""
        self._made.clear()

    def cues(self) -> Lane:
        """Every line, by its state."""
        return self._lane("cues", lambda line: Block.of_line(line))

    def takes(self) -> Lane:
        """The chosen takes, where their voices lie."""
        return self._lane("takes", lambda line: Block.of_take(line) if line.chosen else None)

    def at(self, seconds: float) -> Line | None:
        """The line spoken at a second."""
        name = self.cues().key_at(seconds)
        return self._session.line(int(name)) if name else None

    def _lane(self, name: str, make: Callable[[Line], Block | None]) -> Lane:
        if name not in self._made:
            blocks = [self._block(name, row, line, make) for row, line in enumerate(self._session.lines)]
            self._made[name] = Lane.of(name, [block for block in blocks if block is not None])
        return self._made[name]

    def _block(self, name: str, row: int, line: Line, make: Callable[[Line], Block | None]) -> Block | None:
        # A line is a value: the same object has the same block, and of 10,000 lines one or two have changed.
        kept = self._blocks.get((name, row))
        if kept is None or kept[0] is not line:
            kept = self._blocks[name, row] = (line, make(line))
        return kept[1]


def clip_lanes(session: PanelSession) -> list[Lane]:
    """The timeline's tracks, pictures above, sound below; where nothing is known, none."""
    if session.placement is None:
        return []
    tracks: dict[tuple[str, str], list[Block]] = {}
    for clip in session.placement.clips:
        blocks = tracks.setdefault((clip.kind, clip.track), [])
        blocks += [Block(float(start), float(end), clip.name) for start, end in clip.visible]
    for problem in session.placement.problems:
        block = Block(float(problem.start), float(problem.end), f"! {problem.clip}")
        tracks.setdefault((problem.kind, problem.track), []).append(block)
    ordered = sorted(tracks, key=lambda key: (key[0] == "audio", key[1]))
    return [Lane.of(track, tracks[kind, track]) for kind, track in ordered]
