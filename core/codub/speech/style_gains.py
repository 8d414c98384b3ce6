"""A style is heard once before it is used: it gets the gains and the liveliness that its speaker has and it lacks."""

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
    spoken = _spoken(style, voice)
    gains = gains_towards(band_levels(reference), [band_levels(sound) for sound in spoken])
    return replace(as_lively(style, pitch, pitch_range(np.concatenate(spoken))), gains=gains)


def with_gains(style: Style, wanted: NDArray[np.float64], voice: KokoroVoice) -> Style:
    """The style with the gains that bring what is spoken in it to the levels `wanted` `(40,)` of `band_levels`."""
    levels = [band_levels(sound) for sound in _spoken(replace(style, gains=None), voice)]
    return replace(style, gains=gains_towards(wanted, levels))


def _spoken(style: Style, voice: KokoroVoice) -> list[FloatArray]:
    """What is spoken in the style, in each language with its accent, at 16 kHz."""
    sounds = []
    for language, text in SPOKEN:
        formed = accented(style, language)
        latent = voice.ttv.speak(phonemize(text, language), formed, None, seed=0).latent
        speech = voice.synthesizer.synthesize(latent, formed)
        sounds.append(soxr.resample(speech.samples, speech.sample_rate, SPEECH_RATE))
    return sounds
