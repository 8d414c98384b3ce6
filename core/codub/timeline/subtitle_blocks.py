"""The blocks of SRT and WebVTT files, each with the number of its line, so that nothing can get lost unseen."""

import itertools
import re
from dataclasses import dataclass, field

ARROW = "-->"
_TIME = r"\d+\s*:\s*\d+\s*(?::\s*\d+\s*(?:[.,:]\s*\d+)?|[.,]\s*\d+)"
_TWO_TIMES = re.compile(rf"^\s*{_TIME}[^\w:]*{_TIME}\s*$")


@dataclass
class Block:
    """A timing line with what belongs to it. `line` is the timing line's number, counted from 1.

    `number` is the line above it ("" where there is none), `texts` the lines below it. `gaps` are the numbers of
    blank lines that had text of the same block behind them.
    """

    line: int
    timing: str
    number: str = ""
    texts: list[str] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Stray:
    """Lines that belong to no block."""

    line: int
    text: str


def split_blocks(text: str) -> tuple[list[Block], list[Stray]]:
    """Blocks and stray lines of a file's text.

    A timing line is one with an arrow, or two times alone on a line: then its form is wrong, and the reader reports it.
    The line right above it, if it stands alone or is a number, is the block's own. Blank lines inside a text do not end
    it, as in most players, unless a lone number with text below follows: that is a cue without a timing line, and
    stray. Missing blank lines between blocks do no harm.
    """
    lines = text.split("\n")
    timings = [i for i, line in enumerate(lines) if _is_timing(line)]
    known = set(timings)
    heads = {i: _head(lines, i, known) for i in timings}
    blocks, strays = [], []
    first = min((heads[i] for i in timings), default=len(lines))
    strays += [Stray(i + 1, lines[i].strip()) for i in range(first) if lines[i].strip()]
    for at, following in itertools.pairwise([*timings, len(lines)]):
        end = heads.get(following, following)
        block = Block(at + 1, lines[at].strip(), lines[at - 1].strip() if heads[at] < at else "")
        strays += _fill(block, lines, at + 1, end)
        blocks.append(block)
    return blocks, strays


def _fill(block: Block, lines: list[str], start: int, end: int) -> list[Stray]:
    """Put the lines from `start` to `end` into the block; those that are not its own come back."""
    blank: int | None = None
    for i in range(start, end):
        line = lines[i].strip()
        if not line:
            blank = i if blank is None else blank
            continue
        if blank is not None and line.isdecimal() and i + 1 < end and lines[i + 1].strip():
            return [Stray(n + 1, lines[n].strip()) for n in range(i, end) if lines[n].strip()]
        if blank is not None and block.texts:
            block.gaps.append(blank + 1)
        blank = None
        block.texts.append(line)
    return []


def _is_timing(line: str) -> bool:
    return ARROW in line or _TWO_TIMES.match(line) is not None


def _head(lines: list[str], timing: int, timings: set[int]) -> int:
    """First line of a block: the line above its timing line where that is the block's number or name."""
    above = timing - 1
    if above < 0 or above in timings or not lines[above].strip():
        return timing
    return above if _alone(lines, above) or lines[above].strip().isdecimal() else timing


def _alone(lines: list[str], i: int) -> bool:
    return i == 0 or not lines[i - 1].strip()
