# ruff: noqa: RUF001 (phonetic letters look like Latin ones)
"""The energy curve of this stack's latents: dB against the vowels of the line, 200 values a second.

Neither the TTV nor the synthesizer has an energy; the curve is for displays. Of text it is what such sounds have on
average, of sound it is measured.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

from codub.latent import SILENCE, FloatArray, PhonemeSpan

RATE = 200  # values a second
SAMPLES_PER_VALUE = 80
QUIETEST = -60.0  # dB; silence
WINDOW = 4 * SAMPLES_PER_VALUE  # samples over which the power is taken, 20 ms
SMOOTH = 2.0  # values, 10 ms: levels glide between sounds

# Medians of three other voices reading six lines, 700 sounds.
_LEVELS = {
    0.0: "aeiouyɑɐɒæɔəɘɚɛɜɝɞɨɪøɵœɶʉʊʌɤɯʏᵻmnŋɲɳɴɱjɹlɫʒɾ",
    -5.0: "hɦstzɕʑʃʂʐʧʤ",
    -7.0: "bdɖɗɓ",
    -13.0: "ɡgðvwβʋʍ",
    -15.0: "kpcqʔʈ",
    -19.0: "fθɸçxχħ",
}
_LEVEL_OF = {sound: level for level, sounds in _LEVELS.items() for sound in sounds}
_OTHER = -7.0


def expected_level(spans: Sequence[PhonemeSpan], count: int) -> FloatArray:
    """Level `(count,)` of the sounds of a line that is not spoken yet."""
    level = np.full(count, QUIETEST)
    for span in spans:
        if span.phoneme != SILENCE:
            level[round(span.start * RATE) : round(span.end * RATE)] = _LEVEL_OF.get(span.phoneme, _OTHER)
    return np.asarray(gaussian_filter1d(level, SMOOTH, mode="nearest"), dtype=np.float32)


def measured_level(samples: NDArray[np.float32], log_f0: FloatArray) -> FloatArray:
    """Level of 16 kHz sound, as many values as `log_f0`; against its voiced values, else its loudest."""
    count = len(log_f0)
    padded = np.zeros(count * SAMPLES_PER_VALUE)
    padded[: len(samples)] = samples[: len(padded)]
    power = uniform_filter1d(padded**2, WINDOW, mode="constant")[SAMPLES_PER_VALUE // 2 :: SAMPLES_PER_VALUE]
    level = 10 * np.log10(np.maximum(power, 1e-12))
    voiced = level[log_f0 > 0]
    against = float(np.median(voiced)) if len(voiced) else float(level.max())
    if against <= -100:
        return np.full(count, QUIETEST, dtype=np.float32)
    return np.asarray(np.maximum(level - against, QUIETEST), dtype=np.float32)
