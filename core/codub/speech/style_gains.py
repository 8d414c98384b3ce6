"""The gains of a style: what its speaker's sounds have more or less of than the voice's that speaks in it."""

from dataclasses import replace

import numpy as np
import soxr
from numpy.typing import NDArray

from codub.speech.accent import accented
from codub.speech.equaliser import band_levels, gains_towards
from codub.speech.heard_reference import HeardReference
from codub.speech.kokoro.voice import KokoroVoice
from codub.speech.model import Style
from codub.speech.phonemes import phonemize
from codub.speech.pitch import pitch_range
from codub.speech.sound_gains import differing, sound_axes, sound_gains
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


def drawn_style(reference: HeardReference, voice: KokoroVoice) -> Style:
    """The style that should sound like the reference, with its gains; 3 CPU-seconds, and 0.25 for each that is said.

    Raises:
        CueError: the reference has too little sound.
    """
    pitch = pitch_range(reference.samples)
    style = nearest_style(reference.embedding, None if pitch is None else pitch.median_hz)
    return as_it_sounds(as_lively(style, pitch), reference, voice)


def as_it_sounds(style: Style, reference: HeardReference, voice: KokoroVoice) -> Style:
    """The style with the gains that bring its sounds, and then all of them together, to the reference's.

    Raises:
        CueError: the reference has too little sound.
    """
    levels, known = band_levels(reference.samples), sound_axes()
    plain = replace(style, gains=None, sound_gains=None)
    speech = voice.synthesizer.synthesize(reference.latent, plain)
    spoken = soxr.resample(speech.samples, speech.sample_rate, SPEECH_RATE)
    said = differing(known.places(reference.latent.features), reference.said, spoken)
    return with_gains(replace(plain, sound_gains=sound_gains(said, known)), levels, voice)


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
