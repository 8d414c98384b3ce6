"""A style is fitted to a speaker: the decoder is made to sound like the reference, as the speaker encoder hears it.

First the style is drawn again with what hearing it told (pieces of six sentences are spoken, no gradients), then Adam
takes a few steps through decoder and speaker network. What it reaches on people of LibriSpeech test-other stands in
VOICE_CARD.md. Adam's steps go about as far in every direction; steps along the gradient itself reached the same
likeness on one person of train-clean-100 (0.76) with a far worse sound, DistillMOS 3.39 against 4.29.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from codub.speech.fit_file import load_fit, save_fit
from codub.speech.kokoro.voice import KokoroVoice
from codub.speech.kokoro.voices import HALF
from codub.speech.model import Style
from codub.speech.phonemes import phonemize
from codub.speech.pitch import median_f0
from codub.speech.speaker import SpeakerEncoder
from codub.speech.style import F0_FACTORS, Likeness, stock_likeness
from codub.speech.style_descent import FitLimits, Going, descend
from codub.speech.style_listening import PIECE, Ear, Hearing, Listening, Piece

FloatArray = NDArray[np.float32]
Progress = Callable[[float, str], None]

# Pieces of these are spoken while fitting: several languages, because a style fitted to the sounds of one is less
# like its speaker in the others.
SPOKEN = (
    ("en", "The quick brown fox jumps over the lazy dog by the river."),
    ("es", "Mañana por la tarde iremos juntos al mercado del pueblo."),
    ("en", "She measured every choice with pleasure and a good deal of caution."),
    ("it", "Domani andiamo tutti insieme a vedere il mare di sera."),
    ("en", "How long have they known about the voyage north?"),
    ("pt", "A gente sempre voltava para casa antes de anoitecer."),
)
# Of the way that the steps went. Five people of test-other, English: the whole way SECS 0.76 and DistillMOS 4.04, half
# of it 0.74 and 4.20, as drawn 0.70 and 4.44; who came nearest by all of it came less near by the second measure.
SHARE = 0.5
HEARINGS = 12  # pieces that a style is drawn again by, half a CPU-second each
TRIAL = ("en", "Perhaps you would rather hear the whole story from somebody else.")  # never fitted on; for the outcome


def fit_style(
    reference: FloatArray,
    start: Style,
    voice: KokoroVoice,
    encoder: SpeakerEncoder,
    limit_seconds: float = 60.0,
    progress: Progress | None = None,
    kept: Path | None = None,
) -> Style:
    """The start's acoustic half moved towards the speaker of `reference` (16 kHz); the start where that did not help.

    The prosody half stays; the F0 factor becomes the one at which the lines are spoken at the reference's median F0.
    `similarity` of the result is measured on a sentence that was not fitted. Equal numbers of steps give equal styles.
    Every step is kept in the file `kept`, and a fit that was stopped goes on from there: the limit counts the seconds
    of both.
    """
    began = time.monotonic()
    wanted = encoder.embed(reference)
    spoken = [_piece(line, start, voice, encoder.device) for line in (*SPOKEN, TRIAL)]
    moved = f0_correction(spoken, start.f0_factor, median_f0(reference))
    *pieces, trial = (piece.moved(moved) for piece in spoken)
    ear = Ear(voice.synthesizer, encoder.network, encoder.device)
    state = None if kept is None else load_fit(kept)
    if state is None:
        drawn = draw_again(ear, pieces, wanted, start.vector[:HALF], stock_likeness(), limit_seconds / 2)
    else:
        drawn = state.drawn
    left = limit_seconds - (time.monotonic() - began)
    done = min(1 - left / limit_seconds, 1.0)
    if progress:
        progress(done, f"drawn again by ear, {max(left, 0):.0f} s left")
    listening = Listening(voice.synthesizer.decoder, encoder.network, torch.from_numpy(wanted).to(encoder.device))
    going = None if kept is None else Going(state, partial(save_fit, kept))
    descent = descend(listening, pieces, drawn, FitLimits(left), _from(done, progress), going)
    tried = [start.vector[:HALF], drawn, drawn + np.float32(SHARE) * (descent.acoustic - drawn)]
    likenesses = [float(ear.heard(trial, acoustic) @ wanted) for acoustic in tried]
    best = int(np.argmax(likenesses))
    vector = np.concatenate([tried[best], start.vector[HALF:]]).astype(np.float32)
    how = ("a fit did not help", "drawn again by ear", f"fitted in {descent.steps} steps")[best]
    origin = f"{start.origin}; {how}, likeness {likenesses[0]:.2f} to {likenesses[best]:.2f}"
    factor = start.f0_factor * moved
    return replace(start, vector=vector, f0_factor=factor, similarity=likenesses[best], origin=origin)


def f0_correction(pieces: Sequence[Piece], factor: float, wanted_hz: float | None) -> float:
    """What `factor` is to be multiplied by so that pieces spoken with it have the median F0 that is wanted."""
    heard_hz = _f0_hz(pieces)
    if wanted_hz is None or heard_hz is None:
        return 1.0
    return float(np.clip(factor * wanted_hz / heard_hz, *F0_FACTORS)) / factor


def draw_again(
    ear: Hearing, pieces: Sequence[Piece], wanted: FloatArray, start: FloatArray, known: Likeness, seconds: float
) -> FloatArray:
    """The acoustic style drawn anew each time a piece was heard, with the mean error of the forecasts so far."""
    f0_hz, random = _f0_hz(pieces), torch.Generator().manual_seed(0)
    acoustic, errors = start, []
    began = time.monotonic()
    for number in range(HEARINGS):
        heard = ear.heard(pieces[number % len(pieces)].stretch(PIECE, random), acoustic)
        forecast = known.map.forecast(acoustic, f0_hz)
        errors.append(heard * np.linalg.norm(forecast) - forecast)
        acoustic = known.map.invert(wanted, f0_hz, np.mean(errors, axis=0))
        if time.monotonic() - began > seconds:
            break
    return acoustic


def _f0_hz(pieces: Sequence[Piece]) -> float | None:
    heard = [piece.f0_hz for piece in pieces if piece.f0_hz is not None]
    return float(np.median(heard)) if heard else None


def _from(done_before: float, progress: Progress | None) -> Progress | None:
    if progress is None:
        return None
    return lambda done, what: progress(done_before + (1 - done_before) * done, what)


def _piece(line: tuple[str, str], start: Style, voice: KokoroVoice, device: str) -> Piece:
    language, text = line
    latent = voice.ttv.speak(phonemize(text, language), start, None, seed=0).latent
    curves = (latent.features, np.expm1(latent.log_f0), latent.energy)
    return Piece(*(torch.from_numpy(np.ascontiguousarray(values))[None].to(device) for values in curves))
