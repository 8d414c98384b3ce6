# ruff: noqa: RUF001 (phonetic letters look like Latin ones)
"""Text becomes what the voice reads: espeak-ng's IPA, in the symbols of Kokoro's vocabulary."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from codub.errors import CueError, UsageError
from codub.speech import lexicon, marks, stutter
from codub.speech.espeak import ipa as espeak_ipa
from codub.speech.kokoro.vocabulary import IDS
from codub.speech.lexicon import NO_WORDS, Words
from codub.speech.model import LONGEST_SYMBOL, PhonemeLine
from codub.speech.notation import LENGTHENED, MARKS, PAUSES, SOUND_WORDS, STRESS, VOWELS
from codub.speech.reading import Reading, readable
from codub.speech.written import french, scripts
from codub.speech.written.characters import listed, punctuated

# The base languages the voice was trained for, with the names ISO 639-2 gives them.
LANGUAGES = ("en", "es", "fr", "it", "pt", "hi")
_THREE_LETTERS = {"eng": "en", "spa": "es", "fra": "fr", "fre": "fr", "ita": "it", "por": "pt", "hin": "hi"}

# espeak-ng and people write some sounds with characters the vocabulary lacks; these stand nearest.
_NEAREST = str.maketrans(
    dict(zip("gɫɭɬɮʟɱʕɵɘɞʉʏɶɩɦħʍʑʐʀɕɓɗɠɢʙ", "ɡlllllmʔəəɜuyœɪhhwʒʒʁɕbdɡɡb", strict=True))
    | {"'": "ˈ", ":": "ː", "ʧ": "tʃ", "ʤ": "dʒ", "\u0361": "", "\u035c": "", ".": "", "‿": ""}
)
_ESPEAK_NEAREST = {key: value for key, value in _NEAREST.items() if chr(key) not in "':.‿ʧʤ"}
# In other languages than English the voice was trained on one symbol for two sounds that espeak-ng ties.
_AFFRICATES = {"dz": "ʣ", "dʒ": "ʤ", "ts": "ʦ", "tʃ": "ʧ"}
_TIED = _AFFRICATES | {"aɪ": "I", "aʊ": "W", "eɪ": "A", "oʊ": "O", "əʊ": "Q", "ɔɪ": "Y", "ss": "S"}
_ONE = {f"{pair[0]}\u0361{pair[1]}": symbol for pair, symbol in _TIED.items()}
_NO_SPACE_BEFORE = frozenset(";:,.!?…”)")


def base_language(tag: str) -> str:
    """The two-letter language of a tag: "pt-BR", "por" and "PT" are all "pt".

    Raises:
        UsageError: the voice cannot speak that language.
    """
    first = re.split("[-_]", tag.strip().lower())[0]
    base = _THREE_LETTERS.get(first, first)
    if base not in LANGUAGES:
        raise UsageError(
            f"The language '{tag}' cannot be spoken.",
            cause="The voice was trained for other languages.",
            fix=f"Use one of {', '.join(LANGUAGES)}, with a region if you like (es-419, pt-BR, en-GB).",
        )
    return base


def espeak_language(tag: str) -> str:
    """espeak-ng's name for a language tag, by region: "es-MX" is "es-419", "en-AU" is "en-gb", "pt" is "pt-br".

    Raises:
        UsageError: the voice cannot speak that language.
    """
    base = base_language(tag)
    region = next(iter(re.split("[-_]", tag.strip().lower())[1:]), "")
    if base == "en":
        return "en-us" if region in {"", "us", "ca"} else "en-gb"
    if base == "es":
        return "es" if region in {"", "es"} else "es-419"
    if base == "pt":
        return "pt" if region == "pt" else "pt-br"
    return "fr-fr" if base == "fr" else base


def phonemize(text: str, language: str, words: Words = NO_WORDS) -> PhonemeLine:
    """The line in IPA symbols, stress marks, spaces and punctuation among them; `language` is a tag like "es-419".

    Marks in the text (see `marks`) are followed, and `words` are pronunciations of the project's own. Stretches of
    another script are read in the language of that script. The line's notes name all that is not said as written.

    Raises:
        CueError: nothing in the line can be spoken.
        UsageError: the voice cannot speak that language.
    """
    name = espeak_language(language)
    written = _Written()
    for part in marks.parts(text):
        _write(part, language, words, written)
    written.close()
    symbols = tuple(written.symbols)
    if not any(symbol not in PAUSES and symbol not in MARKS for symbol in symbols):
        raise CueError(
            f"The line {text!r} has nothing to speak.",
            cause="It holds no word that can be read aloud.",
            fix="Write the words of the line, or take the cue out.",
        )
    return PhonemeLine(text, name, symbols, tuple(written.held), tuple(dict.fromkeys(written.notes)))


def read_aloud(text: str, language: str) -> Reading:
    """What of the line is read and how, its marks aside; its notes name all that is not spoken as written."""
    base = base_language(language)
    return readable(marks.plain(text), base, month_first=espeak_language(language) == "en-us")


def ipa_symbols(ipa: str, language: str = "en") -> tuple[str, list[str]]:
    """Symbols of the voice's vocabulary for IPA that a person wrote, and the characters it has none for."""
    sounds = unicodedata.normalize("NFD", ipa).translate(_NEAREST).replace("c\u0327", "ç")
    sounds = sounds if base_language(language) == "en" else _replaced(sounds, _AFFRICATES)
    unknown = [c for c in sounds if c not in IDS and not c.isspace()]
    return re.sub(r"\s+", " ", "".join(c for c in sounds if c in IDS)).strip(), unknown


def _replaced(sounds: str, symbols: Mapping[str, str]) -> str:
    for parts, symbol in symbols.items():
        sounds = sounds.replace(parts, symbol)
    return sounds


@dataclass
class _Written:
    """The line's symbols so far, the seconds that pauses among them are to last, and what is to be noted."""

    symbols: str = ""
    held: list[tuple[int, float]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    glued: bool = False

    def add(self, sounds: str, *, glued: bool = False) -> None:
        """Put sounds behind what is there; `glued`: the next ones are spoken on to them without a gap."""
        if not sounds:
            return
        gap = self.symbols and not self.glued and sounds[0] not in _NO_SPACE_BEFORE
        self.symbols += (" " if gap and self.symbols[-1] not in " (“" else "") + sounds
        self.glued = glued

    def close(self) -> None:
        """A pause behind the last word has nothing to part."""
        sounds = [i for i, symbol in enumerate(self.symbols) if symbol not in PAUSES]
        if self.held and sounds and self.held[-1][0] > sounds[-1]:
            self.held.pop()
            self.notes.append("A pause behind the last word is not made: the window's end is one.")

    def pause(self, seconds: float) -> None:
        """Hold the mark that stands here that long, or a comma where none stands."""
        if not self.symbols:
            self.notes.append("A pause before the first word is not made: move the cue's start instead.")
            return
        if self.symbols[-1] not in PAUSES - {" ", ")", "”", '"'}:
            self.symbols += ","
        self.held.append((len(self.symbols) - 1, min(seconds, LONGEST_SYMBOL)))
        if seconds > LONGEST_SYMBOL:
            self.notes.append(f"A pause of {seconds:g} s is cut to {LONGEST_SYMBOL:g} s.")


def _write(part: marks.Part, language: str, words: Words, written: _Written) -> None:
    if part.pause is not None:
        written.pause(part.pause)
    elif part.ipa is not None:
        sounds, unknown = ipa_symbols(part.ipa, language)
        if unknown:
            written.notes.append(f"The voice has no sound for '{''.join(unknown)}' in '/{part.ipa}/' of '{part.text}'.")
        if not sounds:
            written.notes.append(f"'/{part.ipa}/' says nothing: '{part.text}' is read as written.")
            _write(marks.Part(part.text), language, words, written)
        else:
            written.add(sounds)
    elif part.language is not None:
        try:
            espeak_language(part.language)
        except UsageError as error:
            written.notes.append(f"{error.message} '{part.text}' is read in the line's language.")
            _write_text(part.text, language, words, written)
        else:
            _write_text(part.text, part.language, words, written)
    else:
        _write_text(part.text, language, words, written)


def _write_text(text: str, language: str, words: Words, written: _Written) -> None:
    base, name = base_language(language), espeak_language(language)
    for spelling, sounds in lexicon.applied(text, {**SOUND_WORDS.get(base, {}), **words}):
        if sounds is not None:
            written.add(ipa_symbols(sounds, language)[0])
            continue
        reading = readable(spelling, base, month_first=name == "en-us")
        written.notes += reading.notes
        if not reading.text:
            written.add("".join(c for c in punctuated(spelling) if c in PAUSES and c in IDS and c != " "))
            continue
        for stretch, other in scripts.stretches(reading.text, base):
            _write_stretch(stretch, base, other or name, written)
            if named := scripts.unreadable(stretch, other):
                written.notes.append(f"{listed(named)} is of another script than the voice reads and is only named.")
            if other:
                known = scripts.NAMES[other]
                written.notes.append(f"'{stretch.strip()}' is of another script and read as {known}.")


def _write_stretch(text: str, base: str, name: str, written: _Written) -> None:
    if name == "fr-fr":
        text = french.respelled(text, lambda word: _spoken(word, name)[0])
    for piece, ipa, glued in stutter.cut(text, base, lambda word: _spoken(word, name)[0]):
        if ipa is not None:
            written.add(ipa, glued=glued)
            continue
        for spelling, syllable in _stressed(piece):
            sounds, unknown = _spoken(spelling, name)
            written.notes += [f"The voice has no sound for '{''.join(unknown)}' in '{spelling}'."] if unknown else []
            written.notes += [f"'{word}' is not spoken." for word in _unheard(spelling, sounds, name)]
            written.add(sounds if syllable is None else _with_stress(sounds, syllable))


def _stressed(text: str) -> list[tuple[str, int | None]]:
    """The text in stretches; a word with a stress mark stands alone, with the syllables before the stressed one."""
    found: list[tuple[str, int | None]] = []
    for stretch in re.split(r"([^\W_]*\^[^\W\d_]+)", text):
        if stretch.strip():
            spelling, syllable = marks.stressed_syllable(stretch)
            found.append((spelling.replace("^", ""), syllable if re.fullmatch(r"\w+", spelling) else None))
    return found


def _with_stress(sounds: str, syllable: int) -> str:
    """The word with its main stress on another syllable; the model's marks stand right before the vowel."""
    bare = "".join(symbol for symbol in sounds if symbol not in STRESS)
    starts = [i for i, c in enumerate(bare) if c in VOWELS and (i == 0 or bare[i - 1] not in VOWELS | LENGTHENED)]
    if not starts:
        return sounds
    at = starts[min(syllable, len(starts) - 1)]
    return f"{bare[:at]}ˈ{bare[at:]}"


@lru_cache(maxsize=4096)
def _spoken(text: str, name: str) -> tuple[str, tuple[str, ...]]:
    """Symbols of a text, and the letters of its IPA that the vocabulary lacks."""
    tied = not name.startswith("en")
    ipa = _replaced(unicodedata.normalize("NFD", espeak_ipa(text, name, tied=tied)), _ONE).translate(_ESPEAK_NEAREST)
    ipa = ipa.replace("c\u0327", "ç")  # the one symbol that decomposes
    unknown = tuple(c for c in ipa if c not in IDS and c.isalpha() and unicodedata.category(c) != "Lm")
    return re.sub(r"\s+", " ", "".join(symbol for symbol in ipa if symbol in IDS)).strip(), unknown


def _unheard(text: str, sounds: str, name: str) -> list[str]:
    """Words that espeak-ng says nothing for; asked only where it has written fewer words than there are."""
    words = [word for word in text.split() if any(c.isalnum() for c in word)]
    if len([part for part in sounds.split() if part not in PAUSES]) >= len(words):
        return []
    return [word for word in words if not any(c not in PAUSES and c not in MARKS for c in _spoken(word, name)[0])]
