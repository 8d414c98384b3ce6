"""The phonemes that the speech encoder tells apart: sounds without their stress and length marks, and pauses."""
# ruff: noqa: RUF001 - IPA looks like Latin letters on purpose

from collections.abc import Callable, Sequence

from codub.latent import SILENCE

GAP = " "  # between words; it may last no time at all
PAUSE = SILENCE
LEADING_MARKS = frozenset("ˈˌ")  # belong to the phoneme after them
TRAILING_MARKS = frozenset("ː\u0303ʰʲ↓→↗↘")  # belong to the phoneme before them

# Numbers are positions; weights depend on the order. The pause is number 0.
INVENTORY = (
    PAUSE,
    GAP,
    *"abdefhijklmnoprstuvwxyzæðŋɐɑɒɔəɚɛɜɡɣɪɲɹɾʃʊʌʎʒʔʝβθᵻ",
    "ɕ",
    "ç",
    "ø",
    "œ",
    "ʁ",
    "ɨ",
    "ɳ",
    "ʈ",
    "ɖ",
)
NUMBER = {phoneme: number for number, phoneme in enumerate(INVENTORY)}

# misaki's capital letters and ligatures, and rare sounds, by the inventory's phoneme that they begin with.
_NEAREST = {
    "A": "e", "I": "a", "O": "o", "W": "a", "Y": "ɔ", "Q": "ə", "S": "s", "T": "θ",
    "ʣ": "d", "ʥ": "d", "ʤ": "d", "ʦ": "t", "ʨ": "t", "ʧ": "t", "c": "k", "ɟ": "ɡ", "ɸ": "f", "χ": "x",
    "ɻ": "ɹ", "ɽ": "ɾ", "ʂ": "ʃ", "ʋ": "v", "ɯ": "u", "ɤ": "ʌ", "ɥ": "j", "ɰ": "ɣ", "ɴ": "ŋ",
    "ᵊ": "ə", "ᵝ": "β", "q": "k", "\uab67": "t",
}  # fmt: skip
# What symbols for two sounds end with.
_SECOND = {
    "A": "ɪ", "I": "ɪ", "Y": "ɪ", "O": "ʊ", "Q": "ʊ", "W": "ʊ",
    "ʣ": "z", "ʤ": "ʒ", "ʥ": "ʒ", "ʦ": "s", "ʧ": "ʃ", "ʨ": "ɕ",
}  # fmt: skip


def number(symbol: str) -> int:
    """Inventory number of one symbol of the voice's vocabulary; punctuation and pads are pauses."""
    return NUMBER.get(_NEAREST.get(symbol, symbol), NUMBER[PAUSE])


def is_mark(symbol: str) -> bool:
    """Whether the symbol has no sound of its own."""
    return symbol in LEADING_MARKS or symbol in TRAILING_MARKS


def last_number(symbol: str) -> int:
    """As `number`, of the sound that the symbol ends with: the second one of an affricate or a diphthong."""
    return number(_SECOND.get(symbol, symbol))


def labels(symbols: Sequence[str], number_of: Callable[[str], int] = number) -> list[int]:
    """Inventory number of each symbol, by `number_of`; a mark takes that of the phoneme it belongs to."""
    numbers = [number_of(symbol) for symbol in symbols]
    for i, symbol in enumerate(symbols):
        if symbol in TRAILING_MARKS and i:
            numbers[i] = numbers[i - 1]
    for i in range(len(symbols) - 2, -1, -1):
        if symbols[i] in LEADING_MARKS:
            numbers[i] = numbers[i + 1]
    return numbers
