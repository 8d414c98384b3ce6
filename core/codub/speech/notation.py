# ruff: noqa: RUF001 (phonetic letters look like Latin ones)
"""Classes of the symbols in which espeak-ng writes a line, for every voice that reads them, and their numbers."""

from collections.abc import Iterable, Mapping

from codub.errors import CueError

PAUSES = frozenset(';:,.!?¡¿—…"()«»“” ')  # spaces and punctuation: what may be stretched or squeezed first
SENTENCE_ENDS = frozenset(".!?…")
MARKS = frozenset("ˈˌːˑʼʴʰʱʲʷˠˤ˞\u0303\u0329'↓↑→↗↘")  # belong to the phoneme they stand by; no sound of their own
STRESS = frozenset("ˈˌ")  # stand before the syllable
LENGTHENED = frozenset("ːˑ˞\u0303\u0329")  # go on with the vowel before them
VOWELS = frozenset("AIOQWYaeiouyɑɐɒæɔəɘɚɛɜɝɞɨɪøɵœɶʉʊʌɤɯᵊᵻʏ")  # capitals: Kokoro's diphthongs


def numbers_of(symbols: Iterable[str], table: Mapping[str, int]) -> list[int]:
    """Numbers of the symbols in a voice's own table.

    Raises:
        CueError: a symbol that the table lacks.
    """
    numbers = []
    for symbol in symbols:
        if symbol not in table:
            raise CueError(
                f"The voice model does not know the symbol {symbol!r}.",
                cause="The text was turned into phonemes of another notation.",
                fix="Report it with the text and its language.",
            )
        numbers.append(table[symbol])
    return numbers


# Sounds that people make and espeak-ng would spell letter by letter, by language; said by the voice as they stand.
_EVERYWHERE = {
    "hmm": "/hmː/", "hm": "/hm/", "mmm": "/mː/", "shh": "/ʃː/", "shhh": "/ʃː/",
    "psst": "/pst/", "pfft": "/pft/", "pff": "/pf/", "grr": "/ɡɹː/", "grrr": "/ɡɹː/",
    "brr": "/bɹː/", "brrr": "/bɹː/", "tsk": "/tsk/", "zzz": "/zː/", "ugh": "/ˈʌɡ/",
}  # fmt: skip
SOUND_WORDS = {language: _EVERYWHERE for language in ("en", "es", "fr", "it", "pt")}
