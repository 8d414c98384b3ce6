"""A style is fitted to a speaker: the decoder is made to sound like the reference, as the speaker encoder hears it.

First the style is drawn again with what hearing it told (a few sentences are spoken, no gradients), then Adam takes a
few steps through decoder and speaker network. Measured on people of LibriSpeech test-other, a reference of three
utterances, sentences that were not fitted against five other utterances: English, three people, 3 to 13 steps: 0.66 to
0.75, DistillMOS 4.57 to 4.54, each nearer to the own speaker than to the four others; Spanish, the hardest of them, 10
steps, four sentences: 0.67 to 0.75, DistillMOS 4.60 to 4.40. It takes 20 to 36 CPU-seconds.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from codub.speech.fit_file import load_fit, save_fit
from codub.speech.kokoro.voice import KokoroVoice
from codub.speech.kokoro.voices import HALF
from codub.speech.model import Style
from codub.speech.phonemes import phonemize
from codub.speech.speaker import SpeakerEncoder
from codub.speech.style import Likeness, acoustic_like, stock_likeness
from codub.speech.style_descent import FitLimits, Going, descend
from codub.speech.style_listening import Listening, Piece

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

    The prosody half and the F0 factor stay. `similarity` of the result is measured on a sentence that was not fitted.
    Equal numbers of steps give equal styles. Every step is kept in the file `kept`, and a fit that was stopped goes on
    from there: the limit counts the seconds of both.
    """
    wanted = torch.from_numpy(encoder.embed(reference)).to(encoder.device)
    listening = Listening(voice.synthesizer.decoder, encoder.network, wanted)
    pieces = [_piece(line, start, voice, encoder.device) for line in SPOKEN]
    trial = _piece(TRIAL, start, voice, encoder.device)
    began = time.monotonic()
    state = None if kept is None else load_fit(kept)
    if state is None:
        drawn = draw_again(listening, pieces, start.vector[:HALF], stock_likeness(), limit_seconds / 2)
    else:
        drawn = state.drawn
    left = limit_seconds - (time.monotonic() - began)
    done = min(1 - left / limit_seconds, 1.0)
    if progress:
        progress(done, f"drawn again by ear, {max(left, 0):.0f} s left")
    going = None if kept is None else Going(state, partial(save_fit, kept))
    descent = descend(listening, pieces, drawn, FitLimits(left), _from(done, progress), going)
    tried = [start.vector[:HALF], drawn, descent.acoustic]
    likenesses = [_measured(listening, trial, acoustic) for acoustic in tried]
    best = int(np.argmax(likenesses))
    vector = np.concatenate([tried[best], start.vector[HALF:]]).astype(np.float32)
    how = ("a fit did not help", "drawn again by ear", f"fitted in {descent.steps} steps")[best]
    origin = f"{start.origin}; {how}, likeness {likenesses[0]:.2f} to {likenesses[best]:.2f}"
    return replace(start, vector=vector, similarity=likenesses[best], origin=origin)


def draw_again(
    listening: Listening, pieces: list[Piece], start: FloatArray, known: Likeness, seconds: float
) -> FloatArray:
    """The acoustic style drawn anew each time a piece was heard, with the mean error of the forecasts so far."""
    wanted = listening.wanted.cpu().numpy()
    acoustic, errors = start, []
    began = time.monotonic()
    for piece in pieces:
        with torch.no_grad():
            heard = listening.heard(piece, _float(acoustic).to(listening.wanted.device)).cpu().numpy()
        forecast = known.forecast(acoustic)
        errors.append(heard * np.linalg.norm(forecast) - forecast)
        acoustic = acoustic_like(known, wanted, np.mean(errors, axis=0))
        if time.monotonic() - began > seconds:
            break
    return acoustic


def _from(done_before: float, progress: Progress | None) -> Progress | None:
    if progress is None:
        return None
    return lambda done, what: progress(done_before + (1 - done_before) * done, what)


def _float(values: NDArray[np.floating[Any]]) -> Tensor:
    return torch.from_numpy(np.array(values, dtype=np.float32))


def _piece(line: tuple[str, str], start: Style, voice: KokoroVoice, device: str) -> Piece:
    language, text = line
    latent = voice.ttv.speak(phonemize(text, language), start, None, seed=0).latent
    curves = (latent.features, np.expm1(latent.log_f0), latent.energy)
    return Piece(*(torch.from_numpy(np.ascontiguousarray(values))[None].to(device) for values in curves))


def _measured(listening: Listening, trial: Piece, acoustic: FloatArray) -> float:
    with torch.no_grad():
        return float(listening.likeness(trial, torch.from_numpy(acoustic.copy()).to(listening.wanted.device)))
