"""The 114 symbols that Kokoro-82M was trained on, and their numbers (its public `config.json`)."""
# ruff: noqa: RUF001 - IPA looks like Latin letters on purpose

from collections.abc import Iterable

from codub.speech.notation import numbers_of

PAD = 0  # stands before and after every line
MAX_SYMBOLS = 510  # ALBERT has 512 positions, two of them are pads

# Numbers follow the order of the symbols, with gaps; each run starts where the one before it does not continue.
_RUNS = {
    1: ";:,.!?",
    9: '—…"()“” \u0303ʣʥʦʨᵝ\uab67AI',
    31: "O",
    33: "Q",
    35: "ST",
    39: "W",
    41: "Yᵊabcdef",
    50: "hijklmnopqrstuvwxyzɑɐɒæ",
    75: "βɔɕç",
    80: "ɖðʤə",
    85: "ɚɛɜ",
    90: "ɟ",
    92: "ɡ",
    99: "ɥ",
    101: "ɨɪʝ",
    110: "ɯɰŋɳɲɴø",
    118: "ɸθœ",
    123: "ɹ",
    125: "ɾɻ",
    128: "ʁɽʂʃʈʧ",
    135: "ʊʋ",
    138: "ʌɣɤ",
    142: "χʎ",
    147: "ʒʔ",
    156: "ˈˌː",
    162: "ʰ",
    164: "ʲ",
    169: "↓",
    171: "→↗↘",
    177: "ᵻ",
}
IDS = {symbol: first + i for first, run in _RUNS.items() for i, symbol in enumerate(run)}


def ids(symbols: Iterable[str]) -> list[int]:
    """Numbers of `symbols`, without the pads.

    Raises:
        CueError: a symbol that the model does not know.
    """
    return numbers_of(symbols, IDS)
