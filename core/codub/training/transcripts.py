"""What is said in a film, from the file beside it: subtitles, a plain text, or a text with its words' times."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

from codub.errors import ProjectError
from codub.timeline.encodings import decode
from codub.timeline.subtitles import read_subtitles
from codub.training.line_latents import LONGEST_LINE, MARGIN
from codub.training.spoken_clip import Line, Word

SUBTITLES = (".srt", ".vtt", ".ass", ".ssa")
LONGEST_TEXT = LONGEST_LINE - 2 * MARGIN  # seconds of a film whose text has no times
PAUSE = 0.5  # seconds between two words that end a line
LONGEST = 8.0  # seconds of a line that is made of words
_TABLE = "WORD START END"


def read_transcript(film: Path, duration: Fraction | float, language: str) -> tuple[tuple[Line, ...], str]:
    """Lines of the file of the film's name beside it, and why there are none although a file is there.

    `.srt`, `.vtt`, `.ass` and `.ssa` come before `.txt`. A text without times serves films of up to half a minute.
    """
    for ending in SUBTITLES:
        beside = film.with_suffix(ending)
        if beside.is_file():
            return _subtitles(beside, language)
    beside = film.with_suffix(".txt")
    if not beside.is_file():
        return (), ""
    try:
        text = decode(beside.read_bytes(), language).text
    except OSError as error:
        return (), f"'{beside}' cannot be read: {error.strerror or error}"
    said, words = parse_text(text)
    if words:
        return lines_of_words(words, language), ""
    if not said:
        return (), f"'{beside}' is empty"
    if float(duration) > LONGEST_TEXT:
        return (), f"a text without times serves films of up to {LONGEST_TEXT:.0f} s; give subtitles"
    return (Line(said, 0.0, float(duration), language),), ""


def parse_text(text: str) -> tuple[str, tuple[Word, ...]]:
    """What is said, and the words with their times where the text has them, as the corpora LRS2 and LRS3 write it.

    These have a line `Text:  WHAT IS SAID`, one `Conf:  4`, and in their pretraining part a table with the heading
    `WORD START END ASDSCORE`, times in seconds. Any other text is what is said.
    """
    lines = [line.strip() for line in text.splitlines()]
    stated = [line for line in lines if line.startswith("Text:")]
    if not stated:
        return " ".join(" ".join(lines).split()), ()
    said = " ".join(stated[0].removeprefix("Text:").split())
    heading = next((number for number, line in enumerate(lines) if line.startswith(_TABLE)), len(lines))
    return _sentence(said), tuple(_words(lines[heading + 1 :]))


def lines_of_words(words: Sequence[Word], language: str) -> tuple[Line, ...]:
    """Words with times joined to lines, which end at pauses and after some seconds."""
    groups: list[list[Word]] = []
    for word in words:
        if groups and word.start - groups[-1][-1].end < PAUSE and word.end - groups[-1][0].start <= LONGEST:
            groups[-1].append(word)
        else:
            groups.append([word])
    return tuple(
        Line(_sentence(" ".join(word.text for word in group)), group[0].start, group[-1].end, language)
        for group in groups
    )


def _subtitles(path: Path, language: str) -> tuple[tuple[Line, ...], str]:
    try:
        cues = read_subtitles(path, language).cues
    except ProjectError as error:
        return (), str(error)
    return tuple(Line(cue.text, float(cue.start), float(cue.end), cue.language) for cue in cues), ""


def _words(rows: Iterable[str]) -> Iterable[Word]:
    for row in rows:
        cells = row.split()
        if len(cells) >= 3:
            try:
                yield Word(cells[0], float(cells[1]), float(cells[2]))
            except ValueError:
                continue  # a heading or a damaged row; its word is missed, and the text then does not fit the sound


def _sentence(said: str) -> str:
    """Capitals alone are read letter by letter, as abbreviations: "IT" is then no word."""
    return said.lower() if said.isupper() else said
