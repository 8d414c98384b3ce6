"""Subtitle files in: SRT, WebVTT, ASS and SSA become cues, and whatever does not is reported by its line."""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pysrt
import pysubs2

from codub.errors import ProjectError
from codub.timeline.cues import Cue
from codub.timeline.encodings import decode
from codub.timeline.speakers import Spoken, speakers_of
from codub.timeline.subtitle_blocks import Block, Stray, split_blocks

MAX_SUBTITLE_BYTES = 32 * 2**20
_ASS_FIELDS = 10
_SRT_TIME = re.compile(r"^\d{1,3}\s*:\s*[0-5]?\d\s*:\s*[0-5]?\d(?:\s*[,.:]\s*\d{1,3})?$")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<\d[\d:.]*>|\{[^{}]*\\[^{}]*\}|\{[a-zA-Z]:[^{}]*\}")
_VOICE_TAG = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_SOUND = re.compile(r"[\[(\uff08][^\[\]()\uff08\uff09]*[\])\uff09]|[♪♫]+[^♪♫]*[♪♫]+|[♪♫]")


@dataclass(frozen=True)
class SubtitleProblem:
    """A place in a subtitle file that is wrong or was read by guess; `line` counts from 1.

    `lost` tells that the text there is not among the cues.
    """

    line: int
    text: str
    reason: str
    lost: bool = True

    def __str__(self) -> str:
        shown = self.text if len(self.text) <= 60 else f"{self.text[:57]}..."
        return f"Line {self.line}: {self.reason}{f' ({shown!r})' if shown else ''}"


@dataclass(frozen=True)
class SubtitleFile:
    """The cues of a file in order of time, what was wrong with it, and the encoding of its text."""

    cues: tuple[Cue, ...]
    problems: tuple[SubtitleProblem, ...]
    encoding: str


@dataclass(frozen=True)
class _Entry:
    """One timed text as the file has it, tags and all gone, lines kept."""

    line: int
    number: str
    start: Fraction
    end: Fraction
    text: str
    actor: str = ""


_Reader = Callable[[str, list[SubtitleProblem]], list[_Entry]]


def read_subtitles(path: Path, language: str) -> SubtitleFile:
    """Cues of a subtitle file, spoken in `language` (a code such as "es").

    Raises:
        ProjectError: the file is missing, too large, of an unknown kind, or holds nothing that could be a cue.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise ProjectError(
            f"The subtitles '{path}' are of no known kind.", fix=f"Known ones: {', '.join(sorted(_READERS))}."
        )
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_SUBTITLE_BYTES else b""
    except OSError as error:
        raise ProjectError(f"The subtitles '{path}' cannot be read.", cause=error.strerror or str(error)) from error
    if size > MAX_SUBTITLE_BYTES:
        raise ProjectError(f"The subtitles '{path}' are refused.", cause="They are larger than 32 MiB.")
    decoded = decode(data, language)
    problems: list[SubtitleProblem] = []
    if decoded.guessed:
        reason = f"the text is not UTF-8 and was read as {decoded.encoding}, by guess"
        problems.append(SubtitleProblem(1, "", reason, lost=False))
    cues = _cues(reader(decoded.text, problems), language, problems)
    if not cues and not any(problem.lost for problem in problems):
        raise ProjectError(f"The subtitles '{path}' hold no cue.", fix="Check that the file is the right one.")
    return SubtitleFile(cues, tuple(sorted(problems, key=lambda problem: problem.line)), decoded.encoding)


def _read_srt(text: str, problems: list[SubtitleProblem]) -> list[_Entry]:
    blocks, strays = split_blocks(text)
    problems.extend(_strays(strays))
    entries: list[_Entry] = []
    for block in blocks:
        try:
            start, end = _srt_times(block)
        except ValueError as error:
            problems.append(SubtitleProblem(block.line, _all(block), str(error)))
            continue
        entries.extend(_entry(block, start, end, problems))
    return entries


def _srt_times(block: Block) -> tuple[Fraction, Fraction]:
    timing = re.sub(r"\s*([:,.])\s*", r"\1", block.timing)
    parts = [part.strip() for part in timing.split(pysrt.SubRipItem.TIMESTAMP_SEPARATOR)]
    if len(parts) != 2:
        raise ValueError("a timing line reads 00:00:01,000 --> 00:00:02,500")
    stated = (parts[0], parts[1].split()[0] if parts[1] else "")
    for time in stated:
        # pysrt reads a missing or garbled field as 0, so the form is checked first.
        if not _SRT_TIME.match(time):
            raise ValueError(f"{time!r} is no time; one reads 00:00:01,000")
    try:
        item = pysrt.SubRipItem.from_lines([block.number or "0", _padded(timing), *block.texts])
    except pysrt.Error as error:
        raise ValueError(f"the timing line cannot be read: {error or type(error).__name__}") from error
    return Fraction(item.start.ordinal, 1000), Fraction(item.end.ordinal, 1000)


def _padded(timing: str) -> str:
    """Times as pysrt wants them, with three digits behind the comma: it takes `,5`, half a second, for 5 ms."""

    def one(match: re.Match[str]) -> str:
        return f"{match[1]},{(match[2] or '').ljust(3, '0')}"

    return re.sub(r"(\d+:\d+:\d+)(?:[,.:](\d{1,3}))?", one, timing)


def _read_vtt(text: str, problems: list[SubtitleProblem]) -> list[_Entry]:
    body = re.sub(r"(?m)^(?:NOTE|STYLE|REGION)\b.*(?:\n(?!\n).+)*", _blanked, text)
    blocks, strays = split_blocks(body)
    problems.extend(_strays([stray for stray in strays if stray.line > 1 or not stray.text.startswith("WEBVTT")]))
    entries: list[_Entry] = []
    for block in blocks:
        # One block at a time, so that pysubs2 cannot take a broken timing line for text of the block before.
        parsed = pysubs2.SSAFile.from_string(f"WEBVTT\n\n{block.timing}\nx\n", format_="vtt").events
        if len(parsed) != 1 or not re.match(r"[\d:.]+\s+-->\s+[\d:.]+(\s|$)", block.timing):
            problems.append(SubtitleProblem(block.line, _all(block), "a timing line reads 00:01.000 --> 00:02.500"))
            continue
        start, end = Fraction(parsed[0].start, 1000), Fraction(parsed[0].end, 1000)
        voice = _VOICE_TAG.search(" ".join(block.texts))
        entries.extend(_entry(block, start, end, problems, actor=html.unescape(voice[1]).strip() if voice else ""))
    return entries


def _blanked(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def _read_ass(text: str, problems: list[SubtitleProblem]) -> list[_Entry]:
    kind = "ssa" if re.search(r"(?mi)^\[V4 Styles\]", text) else "ass"
    entries: list[_Entry] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.lstrip("\ufeff ").startswith("Dialogue:"):
            continue
        if line.count(",") < _ASS_FIELDS - 1:
            problems.append(SubtitleProblem(number, line.strip(), "the line lacks fields"))
            continue
        try:
            event = pysubs2.SSAFile.from_string(f"[Events]\n{line.strip()}\n", format_=kind).events[0]
        except (ValueError, IndexError, pysubs2.Pysubs2Error) as error:
            problems.append(SubtitleProblem(number, line.strip(), f"the line cannot be read: {error}"))
            continue
        if event.is_drawing:
            problems.append(SubtitleProblem(number, line.strip(), "it is a drawing, not a line", lost=False))
            continue
        start, end = Fraction(event.start, 1000), Fraction(event.end, 1000)
        block = Block(number, "", texts=event.plaintext.split("\n"))
        entries.extend(_entry(block, start, end, problems, actor=event.name.strip()))
    return entries


def _entry(
    block: Block, start: Fraction, end: Fraction, problems: list[SubtitleProblem], actor: str = ""
) -> Iterator[_Entry]:
    text = "\n".join(filter(None, (_plain(line) for line in block.texts)))
    if not text:
        problems.append(SubtitleProblem(block.line, _all(block), "the cue has no text", lost=False))
    elif end <= start:
        problems.append(SubtitleProblem(block.line, _all(block), "the cue ends before it starts"))
    else:
        for gap in block.gaps:
            problems.append(SubtitleProblem(gap, text, "a blank line inside a cue's text; it was read on", lost=False))
        yield _Entry(block.line, block.number, start, end, text, actor)


def _cues(entries: list[_Entry], language: str, problems: list[SubtitleProblem]) -> tuple[Cue, ...]:
    numbers = _numbers(entries, problems)
    spare = max(numbers, default=0) + 1
    cues = []
    for number, entry, turns in zip(numbers, entries, speakers_of([e.text for e in entries]), strict=True):
        spoken = [turn for turn in map(_without_sounds, turns) if turn.text]
        if not spoken:
            problems.append(SubtitleProblem(entry.line, entry.text, "nothing in the cue is spoken", lost=False))
        if len(spoken) > 1:
            reason = "several people share the cue; its time was parted by the length of what each says"
            problems.append(SubtitleProblem(entry.line, entry.text, reason, lost=False))
        for index, (turn, start, end) in enumerate(_parted(spoken, entry.start, entry.end)):
            own = number if index == 0 else spare
            spare += index > 0
            speaker = turn.speaker or entry.actor
            cues.append(Cue(own, turn.text, language, speaker, start, end, on_screen=turn.on_screen))
    return tuple(sorted(cues, key=lambda cue: (cue.start, cue.end, cue.number)))


def _numbers(entries: list[_Entry], problems: list[SubtitleProblem]) -> list[int]:
    """The file's own numbers where all have one and all differ; else counted from 1 (and said, if there were any)."""
    stated = [int(entry.number) if entry.number.isdecimal() else 0 for entry in entries]
    if all(stated) and len(set(stated)) == len(stated):
        return stated
    if any(stated):
        seen: set[int] = set()
        for entry, number in zip(entries, stated, strict=True):
            if not number or number in seen:
                reason = "its number is missing or taken; all cues were numbered afresh, in order"
                problems.append(SubtitleProblem(entry.line, entry.number, reason, lost=False))
                break
            seen.add(number)
    return list(range(1, len(entries) + 1))


def _parted(turns: list[Spoken], start: Fraction, end: Fraction) -> Iterator[tuple[Spoken, Fraction, Fraction]]:
    letters = sum(len(turn.text) for turn in turns)
    at = start
    for turn in turns:
        until = at + (end - start) * Fraction(len(turn.text), letters)
        yield turn, at, until
        at = until


def _without_sounds(turn: Spoken) -> Spoken:
    """The turn without what is heard but not said: `[door slams]`, `(sighs)`, lyrics between notes."""
    text = " ".join(_SOUND.sub(" ", turn.text).split())
    return Spoken(turn.speaker, text if any(char.isalnum() for char in text) else "", turn.on_screen)


def _plain(line: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", line)).replace("\u200b", "").replace("\ufeff", "").split())


def _all(block: Block) -> str:
    return " ".join(filter(None, (block.timing, *block.texts)))


def _strays(strays: list[Stray]) -> Iterator[SubtitleProblem]:
    for stray in strays:
        yield SubtitleProblem(stray.line, stray.text, "the line belongs to no cue: no timing line stands above it")


_READERS: dict[str, _Reader] = {".srt": _read_srt, ".vtt": _read_vtt, ".ass": _read_ass, ".ssa": _read_ass}
