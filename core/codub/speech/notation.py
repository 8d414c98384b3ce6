# ruff: noqa: RUF001 (phonetic letters look like Latin ones)
"""Classes of the symbols in which espeak-ng writes a line, for every voice that reads them."""

PAUSES = frozenset(';:,.!?¡¿—…"()«»“” ')  # spaces and punctuation: what may be stretched or squeezed first
SENTENCE_ENDS = frozenset(".!?…")
MARKS = frozenset("ˈˌːˑʼʴʰʱʲʷˠˤ˞\u0303\u0329'↓↑→↗↘")  # belong to the phoneme they stand by; no sound of their own
STRESS = frozenset("ˈˌ")  # stand before the syllable
LENGTHENED = frozenset("ːˑ˞\u0303\u0329")  # go on with the vowel before them
VOWELS = frozenset("AIOQWYaeiouyɑɐɒæɔəɘɚɛɜɝɞɨɪøɵœɶʉʊʌɤɯᵊᵻʏ")  # capitals: Kokoro's diphthongs
