"""Homophenes: sounds that look alike on the lips, put in each other's place in what a film says.

A corpus of a few words shows a face few sounds in few neighbourhoods; GRID's 51 words have one "ah" without a glide.
What is said can be exchanged under the picture where the lips do the same: "bin" for "pin" or "min". So the features
that drive the face get the variety of ordinary speech and of other languages, and the true film still is the answer.
The groups are those of lip reading (Fisher 1968, "Confusions among visually perceived consonants"; Jeffers and Barley
1971), without those whose members only share the jaw.
"""
# ruff: noqa: RUF001 - IPA looks like Latin letters on purpose

from collections.abc import Sequence

import numpy as np

ALIKE = (
    "pbm",
    "fv",
    "θð",
    "tdnlszɾ",
    "kɡŋxɣ",
    "ʃʒɕ",
    "wɥ",
    "ɑaæʌ",
    "eɛ",
    "iɪɨ",
    "oɔœ",
    "uʊyø",
    "əɐ",
)
_GROUP = {symbol: group for group in ALIKE for symbol in group}


def exchanged(symbols: Sequence[str], random: np.random.Generator) -> tuple[str, ...]:
    """The symbols of a line in the voice's notation, each sound one of those that look like it, by chance.

    What looks like nothing else, and marks, stay.
    """
    return tuple(
        _GROUP[symbol][int(random.integers(len(_GROUP[symbol])))] if symbol in _GROUP else symbol for symbol in symbols
    )
