"""The gains of a style: what its speaker's spectrum has more or less of than the voice has that speaks in it."""

from dataclasses import replace

import numpy as np
import soxr
from numpy.typing import NDArray

from codub.speech.accent import accented
from codub.speech.equaliser import band_levels, gains_towards
from codub.speech.kokoro.voice import KokoroVoice
from codub.speech.model import Style
from codub.speech.phonemes import phonemize
from codub.speech.pitch import pitch_range
from codub.speech.style import nearest_style
from codub.speech.style_pitch import as_lively
from codub.timing import SPEECH_RATE

FloatArray = NDArray[np.float32]

# Sounds of more than one language, 10 s in all; gains of twice as many lines are 0.7 dB off (root mean square).
SPOKEN = (
    ("en", "The quick brown fox jumps over the lazy dog by the river."),
    ("pt", "A gente sempre voltava para casa antes de anoitecer."),
    ("en", "She measured every choice with pleasure and a good deal of caution."),
)


def drawn_style(reference: FloatArray, embedding: FloatArray, voice: KokoroVoice) -> Style:
    """The style that should sound like the reference (16 kHz, its embedding `(256,)`), with its gains; 3 CPU-seconds.

    Raises:
        CueError: the reference has too little sound.
    """
    pitch = pitch_range(reference)
    style = nearest_style(embedding, None if pitch is None else pitch.median_hz)
    return with_gains(as_lively(style, pitch), band_levels(reference), voice)


def with_gains(style: Style, wanted: NDArray[np.float64], voice: KokoroVoice) -> Style:
    """The style with the gains that bring what is spoken in it to the levels `wanted` `(40,)` of `band_levels`."""
    plain = replace(style, gains=None)
    levels = []
    for language, text in SPOKEN:
        spoken = accented(plain, language)
        latent = voice.ttv.speak(phonemize(text, language), spoken, None, seed=0).latent
        speech = voice.synthesizer.synthesize(latent, spoken)
        levels.append(band_levels(soxr.resample(speech.samples, speech.sample_rate, SPEECH_RATE)))
    return replace(style, gains=gains_towards(wanted, levels))
