# ruff: noqa: RUF001, RUF003 (phonetic letters look like Latin ones)
"""English text becomes what the published Text-to-Vec reads: the cleaner `english_cleaners2` and espeak-ng's IPA.

Where the published code stops with an error a line is still spoken: brackets count as no punctuation, as with the
phonemizer release that the authors pin, so espeak-ng drops them; a symbol outside the alphabet is left out.
"""

import re

from unidecode import unidecode

from codub.errors import CueError, UsageError
from codub.speech import lexicon, marks
from codub.speech.espeak import ipa
from codub.speech.hierspeechpp.alphabet import IDS
from codub.speech.lexicon import NO_WORDS, Words
from codub.speech.model import PhonemeLine
from codub.speech.phonemes import base_language, read_aloud
from codub.speech.pieces import is_spoken

LANGUAGE = "en-us"
PUNCTUATION = ';:,.!?¡¿—…"«»“”'  # what phonemizer 3.2.1 keeps; later ones add brackets, which the alphabet lacks

_SPACES = re.compile(r"\s+")
_ABBREVIATIONS = {
    "mrs": "misess",
    "mr": "mister",
    "dr": "doctor",
    "st": "saint",
    "co": "company",
    "jr": "junior",
    "maj": "major",
    "gen": "general",
    "drs": "doctors",
    "rev": "reverend",
    "lt": "lieutenant",
    "hon": "honorable",
    "sgt": "sergeant",
    "capt": "captain",
    "esq": "esquire",
    "ltd": "limited",
    "col": "colonel",
    "ft": "fort",
}
# espeak-ng 1.51, which the published model was trained on, tells "four" (oːɹ) from "for" (ɔːɹ); 1.52 writes both alike.
# Over 1,390 lines of read speech nothing else differs, in 240 of 18,000 words; with these common ones put right, in 77.
_FORCE = frozenset(
    """
    fˈɔːɹ fˈɔːɹtiːn mˈɔːɹ bᵻfˈɔːɹ dˈɔːɹ dˈɔːɹz flˈɔːɹ stˈɔːɹ stˈɔːɹz stˈɔːɹi stˈɔːɹiz skˈɔːɹ ʃˈɔːɹ sˈɔːɹ
    bˈɔːɹ kˈɔːɹ ɪɡnˈɔːɹ ɛksplˈɔːɹ ɹᵻstˈɔːɹ ɐdˈɔːɹ kˈɔːɹs kˈɔːɹsᵻz kˈɔːɹt fˈɔːɹs fˈɔːɹst sˈɔːɹs sˈɔːɹsᵻz
    spˈɔːɹt spˈɔːɹts pˈɔːɹt ɹᵻpˈɔːɹt ɹᵻpˈɔːɹts səpˈɔːɹt ɪmpˈɔːɹt ɪmpˈɔːɹtənt ˈɛkspɔːɹt ˈɛɹpɔːɹt ɐfˈɔːɹd
    bˈɔːɹd bˈɔːɹdɪŋ ɐbˈɔːɹd pˈɔːɹ pˈɔːɹd jˈɔːɹz jɔːɹsˈɛlf ɡlˈɔːɹi ɡlˈɔːɹiəs ðˈɛɹfɔːɹ fˌɜːðɚmˈɔːɹ ˌɛnɪmˈɔːɹ
    ɐkˈɔːɹdɪŋ ɐkˈɔːɹd kˈɔɹɪdˌɔːɹ ɛkstɹˈɔːɹdɪnˌɛɹi pˈɔːɹʃən pɹəpˈɔːɹʃən wˈɔːɹn sˈɔːɹd ɹˈɔːɹ bˈɔːɹɪŋ
    ɛksplˈɔːɹd stˈɔːɹm nˈɔːɹməl ɐbnˈɔːɹməl pɚfˈɔːɹməns dɪsˈɔːɹdɚ kˈɔːɹəs fˈɔːɹəm bˈɔːɹdɚ tɹˈænspɔːɹt
    ɹᵻpˈɔːɹɾᵻd səpˈɔːɹɾᵻd ɪndˈɔːɹz aʊtdˈɔːɹz ɐʃˈɔːɹ fˈɔːɹθ ɹᵻstˈɔːɹd dᵻvˈɔːɹs ɛnfˈɔːɹs bᵻfˌɔːɹ nˈoʊmˌɔːɹ
    kˈɔːɹtɹuːm
    """.split()  # noqa: SIM905 - a hundred quotes hide the words
)
_WORD = re.compile(rf"[^\s{re.escape(PUNCTUATION)}]+")
_ABBREVIATED = re.compile(rf"\b({'|'.join(_ABBREVIATIONS)})\.", re.IGNORECASE)


def phonemize(text: str, language: str, words: Words = NO_WORDS) -> PhonemeLine:
    """The line in the symbols of the published alphabet; `language` is a tag of English, like "en-GB".

    Of marks in the text and of `words`, the project's own pronunciations, only respellings are followed: IPA, other
    languages, stress and the length of pauses are noted.

    Raises:
        CueError: nothing in the line can be spoken.
        UsageError: the language is not English.
    """
    if base_language(language) != "en":
        raise UsageError(
            f"The voice 'hierspeechpp' does not speak '{language}'.",
            cause="Its published text side was trained on English.",
            fix="Use the profile 'embedded' for that language.",
        )
    spelt = "".join(spelling for spelling, _ in lexicon.applied(marks.spelt(text), words))
    symbols = tuple(symbol for symbol in phonemes(spelt) if symbol in IDS)
    if not is_spoken(symbols):
        raise CueError(
            f"The line {text!r} has nothing to speak.",
            cause="It holds no word that can be read aloud.",
            fix="Write the words of the line, or take the cue out.",
        )
    return PhonemeLine(text=text, language=LANGUAGE, symbols=symbols, notes=_notes(text, words))


def _notes(text: str, words: Words) -> tuple[str, ...]:
    parts = marks.parts(text)
    lost = [f"'/{part.ipa}/' of '{part.text}' is IPA: give a respelling instead." for part in parts if part.ipa]
    lost += [f"'{part.text}' is read as English." for part in parts if part.language]
    lost += [f"The pause of {part.pause:g} s is a comma." for part in parts if part.pause]
    lost += [f"The stress mark in '{word}' is not heeded by this voice." for word in marks.stressed(text)]
    plain = marks.plain(text)
    lost += [f"'{word}' has IPA in the lexicon: give a respelling instead." for word in lexicon.by_ipa(plain, words)]
    return (*read_aloud(text, "en").notes, *lost)


def phonemes(text: str) -> str:
    """The text in IPA as the published cleaner writes it, spaces collapsed; empty if nothing is left of it."""
    plain = _SPACES.sub(" ", cleaned(text)).strip()
    spoken = _SPACES.sub(" ", ipa(plain, LANGUAGE, PUNCTUATION)).strip() if plain else ""
    return _WORD.sub(lambda word: word[0].replace("ɔːɹ", "oːɹ") if word[0] in _FORCE else word[0], spoken)


def cleaned(text: str) -> str:
    """Plain lower-case ASCII with abbreviations written out; numbers are left to espeak-ng."""
    return _ABBREVIATED.sub(lambda found: _ABBREVIATIONS[found[1]], unidecode(text).lower())
