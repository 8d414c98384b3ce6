# ruff: noqa: RUF001 (phonetic letters look like Latin and Greek ones)
"""The symbols Kokoro-82M reads, each with its number: the `vocab` of its `config.json` (Apache-2.0).

The embedding table has 178 rows, 114 of them have a symbol. Row 0 pads a line on both sides.
"""

TABLE_SIZE = 178
PAD = 0
MAX_SYMBOLS = 510  # the longest line the model was trained for, without the padding

# Runs of consecutive rows: the first row's number, then one character a row.
_RUNS = (
    (1, ";:,.!?"),
    (9, '—…"()“” \u0303ʣʥʦʨᵝ\uab67AI'),
    (31, "O"),
    (33, "Q"),
    (35, "ST"),
    (39, "W"),
    (41, "Yᵊabcdef"),
    (50, "hijklmnopqrstuvwxyzɑɐɒæ"),
    (75, "βɔɕç"),
    (80, "ɖðʤə"),
    (85, "ɚɛɜ"),
    (90, "ɟ"),
    (92, "ɡ"),
    (99, "ɥ"),
    (101, "ɨɪʝ"),
    (110, "ɯɰŋɳɲɴø"),
    (118, "ɸθœ"),
    (123, "ɹ"),
    (125, "ɾɻ"),
    (128, "ʁɽʂʃʈʧ"),
    (135, "ʊʋ"),
    (138, "ʌɣɤ"),
    (142, "χʎ"),
    (147, "ʒʔ"),
    (156, "ˈˌː"),
    (162, "ʰ"),
    (164, "ʲ"),
    (169, "↓"),
    (171, "→↗↘"),
    (177, "ᵻ"),
)

SYMBOLS = {symbol: first + i for first, run in _RUNS for i, symbol in enumerate(run)}

# Symbols that stand for no sound: spaces, marks of stress and tone, and what the voice makes a pause of.
PUNCTUATION = frozenset(';:,.!?—…"()“”')
MARKS = frozenset("ˈˌː↓→↗↘")
