"""French as espeak-ng reads it right: words that it misreads respelled, consonants that nobody links kept apart."""

import re
from collections.abc import Callable

APART = "{"  # espeak-ng reads what stands before and behind it for itself; no sound, no pause

_RESPELLED = (
    (r"oue(?:nt|s)\b", "oue"),  # "jouent": ʒu; espeak-ng leaves the vowel out
    (r"(?<=[sz])-y\b", "-zi"),  # "vas-y", "allez-y": it names the letter
    (r"\b(mes|tes|ses|nos|vos|leurs|deux|trois|quatre) fils\b(?! (?:de fer|électri|barbel))", r"\1 fisse"),
    (r"\b(?-i:ben)\b", "bain"),  # "eh ben"; Ben is a name
    (r"\bchut\b", "chute"),
)
_MISREAD = tuple((re.compile(pattern, re.IGNORECASE), right) for pattern, right in _RESPELLED)
_VOWEL = "[aeiouyàâäéèêëîïôöùûühœæ]"
_VERB = re.compile(rf"\b([^\W\d_]+e)nt(?= {_VOWEL})", re.IGNORECASE)
_BEFORE_AND = re.compile(r"(?<=[sxztdn]) (?=(?:et|ou)\b)", re.IGNORECASE)
_LINKED_NUMBER = re.compile(r"vingt$", re.IGNORECASE)


def respelled(text: str, sounds: Callable[[str], str]) -> str:
    """The text so that espeak-ng reads it as it is said; `sounds` is what it reads a word as.

    The ending -ent of a verb is not linked to the next word ("arrivent à": it says "arrivt a"), nor is any consonant
    linked to "et" and "ou" ("garçons et"; "vingt et un" is).
    """
    for misread, right in _MISREAD:
        text = misread.sub(right, text)
    text = _VERB.sub(lambda found: _unlinked(found, sounds), text)
    return _BEFORE_AND.sub(lambda gap: " " if _LINKED_NUMBER.search(text[: gap.start()]) else f" {APART}", text)


def _unlinked(found: re.Match[str], sounds: Callable[[str], str]) -> str:
    """The verb without its silent letters, where it is one: "souvent" sounds otherwise without them."""
    word, short = found[0], found[1]
    return short if not word.lower().endswith("aient") and sounds(word) == sounds(short) else word
