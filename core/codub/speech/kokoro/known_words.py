"""Sound whose words are known: the voice's own reading of them, at the sound's own timing."""

from dataclasses import replace

import numpy as np

from codub.errors import CueError
from codub.latent import SILENCE, FloatArray, SpeechLatent
from codub.speech.alignment import FITS, align_line, fit_of
from codub.speech.kokoro import spans
from codub.speech.kokoro.ttv import COMFORTABLE, KokoroTextToVec
from codub.speech.model import PhonemeLine, Style


def worded(
    heard: SpeechLatent, posteriors: FloatArray, line: PhonemeLine, ttv: KokoroTextToVec, style: Style
) -> SpeechLatent | None:
    """`heard` with the features that the text side gives the line; F0, energy and timing stay the sound's.

    `posteriors` `(P, T)` are the encoder's log-probabilities of the same sound. None where the line is not what is
    said there, or is longer than the text side reads at once.
    """
    if len(line.symbols) > COMFORTABLE:
        return None
    try:
        aligned = align_line(line, posteriors, ttv=ttv, style=style)
    except CueError:  # more sounds than the recording has room for: it says something else
        return None
    if fit_of(aligned, posteriors) < FITS:
        return None
    padded = (SILENCE, *aligned.symbols, SILENCE)
    owners = np.repeat(np.arange(len(padded)), aligned.durations)
    return replace(
        heard,
        features=ttv.features(aligned.symbols, aligned.durations),
        spans=spans.phoneme_spans(padded, spans.in_sound(owners), heard.energy),
    )
