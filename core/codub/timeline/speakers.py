"""Who speaks: names at the head of subtitle lines, told from ordinary words with a colon.

What counts as a name before a colon or in brackets (`ANNA:`, `[DR. NO]`, `MAN 2 (O.S.):`):
- one to four words, at most 30 letters, with a letter in it, and something to say behind it;
- in capitals throughout, unless it is a word like NOTE or MUSIC; or
- in brackets and each word with a capital (`[Anna]`), unless it is such a word or ends in -ing; or
- before a colon and each word with a capital (`Anna:`, `Old Man:`), unless it is such a word, and only if the file has
  it at the head of two cues at least, or such names at the head of half of its cues: otherwise `Remember: run` would
  be spoken by a person called Remember.
A time (`12:30`) and an address (`http://`) are no names: no space follows their colon. `(O.S.)`, `(V.O.)`, `(off)`
behind the name say that the speaker is not seen.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

_OFF = re.compile(
    r"\(?\b(?:O\.?\s?[SC]\.?|V\.?\s?O\.?|off(?:[- ]?screen)?|voice[- ]?over|en off|hors champ)(?!\w)\)?", re.I
)
_LABEL = re.compile(
    r"^(?:\[(?P<bracket>[^\[\]]{1,40})\](?!\():?|(?P<plain>[^:\[\]]{1,40}):(?=\s|$))\s*(?P<rest>.*)$", re.S
)
_PARENTHESES = re.compile(r"\s*\([^()]*\)")
_WORD = re.compile(r"[^\W\d_][\w.'\u2019-]*|\d{1,3}|#\d{1,3}|&")
_DASH = re.compile(r"^[-\u2010-\u2015]\s*(?=\S)")
_SMALL = {"de", "del", "della", "di", "da", "la", "le", "van", "von", "der", "of", "the", "and", "y", "e", "et", "al"}
_NO_NAME_WORDS = (
    "achtung answer antwort aplausos applause atención attention aviso beep beispiel caution cheering chuckles "
    "conclusion coughs cries door ejemplo example exemple finally first frage gasp gasps giggles groans grunts "
    "gunshot gunshots hint hinweis important inaudible indistinct laughing laughs laughter listen look music "
    "musik musique música nb news nota note notes phone pregunta ps question remarque remember respuesta "
    "result risas réponse screams second shouts sigh sighs silence siren sirens sobs static subtitle subtitles "
    "sync synced third thunder tip translated translation update warning whispering whispers "
)
_NO_NAMES = frozenset(_NO_NAME_WORDS.split())


@dataclass(frozen=True)
class Spoken:
    """What one speaker says in a cue; `speaker` "" where no name stands there."""

    speaker: str
    text: str
    on_screen: bool = True


def speakers_of(texts: Sequence[str]) -> tuple[tuple[Spoken, ...], ...]:
    """For each cue's text (lines joined by `\\n`): who says what; two entries where two people share a cue."""
    parted = [_turns(text) for text in texts]
    trusted = _trusted_names(parted)
    return tuple(tuple(_spoken(turn, trusted) for turn in turns) for turns in parted)


def _turns(text: str) -> list[str]:
    """Turns in a dialogue: each line with a dash starts one, if there are two at least or it is the first line.

    Turns without names are the same cue's text; they part only where each has a name of its own.
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    starts = [i for i, line in enumerate(lines) if _DASH.match(line) or _looks_named(line)]
    if not lines:
        return []
    bare = [_DASH.sub("", line) for line in lines]
    if not starts or not all(_looks_named(bare[i]) for i in starts):
        return [" ".join(bare)]
    bounds = [0, *[i for i in starts if i], len(lines)]
    return [" ".join(bare[a:b]) for a, b in itertools.pairwise(bounds)]


def _looks_named(line: str) -> bool:
    label = _label(line)
    return label is not None and label.certain


@dataclass(frozen=True)
class _Label:
    name: str
    rest: str
    certain: bool
    on_screen: bool


@lru_cache(maxsize=65536)  # each line is asked about four times
def _label(text: str) -> _Label | None:
    match = _LABEL.match(_DASH.sub("", text))
    if match is None or not match["rest"].strip():
        return None
    raw = match["bracket"] or match["plain"]
    on_screen = _OFF.search(raw) is None
    name = " ".join(_PARENTHESES.sub(" ", _OFF.sub(" ", raw)).split()).strip(" ,;-")
    words = _WORD.findall(name)
    if not 1 <= len(words) <= 4 or len(name) > 30 or "".join(words) != name.replace(" ", ""):
        return None
    if name.lower() in _NO_NAMES or words[0].lower() in _NO_NAMES or not any(char.isalpha() for char in name):
        return None
    if not all(_capitalised(word) for word in words):
        return None
    bracket = match["bracket"] is not None
    if bracket and name.lower().endswith("ing"):
        return None
    capitals = name == name.upper() != name.lower()
    return _Label(name, match["rest"].strip(), capitals or bracket, on_screen)


def _capitalised(word: str) -> bool:
    return word[0].isupper() or not word[0].isalpha() or word.lower() in _SMALL


def _trusted_names(parted: Iterable[Sequence[str]]) -> frozenset[str]:
    """Names that are certain by their form, and those that the file as a whole makes believable."""
    labels = [label for turns in parted for turn in turns if (label := _label(turn)) is not None]
    count = Counter(label.name for label in labels)
    cues = sum(1 for turns in parted if turns)
    everywhere = 2 * len(labels) >= cues and len(labels) > 1
    certain = {label.name for label in labels if label.certain}
    return frozenset(name for name, times in count.items() if everywhere or times > 1 or name in certain)


def _spoken(turn: str, trusted: frozenset[str]) -> Spoken:
    label = _label(turn)
    if label is None or label.name not in trusted:
        return Spoken("", turn)
    return Spoken(label.name, label.rest, label.on_screen)
