"""The 178 symbols of the published Text-to-Vec, and their numbers."""

from collections.abc import Iterable

from codub.speech.notation import numbers_of

BLANK = 0  # pad, and stands before, between and after the symbols of a line

_PAD = "_"
_PUNCTUATION = ';:,.!?¡¿—…"«»“” '
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# The apostrophe stands here twice, as published; the second place counts.
_IPA = (
    "ɑɐɒæɓʙβɔɕçɗɖðʤəɘɚɛɜɝɞɟʄɡɠɢʛɦɧħɥʜɨɪʝɭɬɫɮʟɱɯɰŋɳɲɴøɵɸθœɶʘɹɺɾɻʀʁɽʂʃʈʧʉʊʋⱱʌɣɤʍχʎʏʑʐʒʔʡʕʢǀǁǂǃˈˌːˑʼʴʰʱʲʷˠˤ˞↓↑→↗↘'\u0329'ᵻ"
)
SYMBOLS = (_PAD, *_PUNCTUATION, *_LETTERS, *_IPA)
IDS = {symbol: number for number, symbol in enumerate(SYMBOLS)}


def ids(symbols: Iterable[str]) -> list[int]:
    """Numbers of the symbols.

    Raises:
        CueError: a symbol that the model does not know.
    """
    return numbers_of(symbols, IDS)


def interspersed(numbers: Iterable[int]) -> list[int]:
    """A blank before, between and after the numbers, as the text encoder reads them: n become 2n + 1."""
    spread = [BLANK]
    for number in numbers:
        spread += [number, BLANK]
    return spread
