"""A style is fitted to a speaker: the decoder is made to sound like the reference, as the speaker encoder hears it.

First the style is drawn again with what hearing it told (a few sentences are spoken, no gradients), then Adam takes a
few steps through decoder and speaker network. Measured on people of LibriSpeech test-other, a reference of three
utterances, sentences that were not fitted against five other utterances: English, three people, 3 to 13 steps: 0.66 to
0.75, DistillMOS 4.57 to 4.54, each nearer to the own speaker than to the four others; Spanish, the hardest of them, 10
steps, four sentences: 0.67 to 0.75, DistillMOS 4.60 to 4.40. It takes 20 to 36 CPU-seconds.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from codub.speech.kokoro.voice import KokoroVoice
from codub.speech.kokoro.voices import HALF, stock_voices
from codub.speech.model import Style
from codub.speech.phonemes import phonemize
from codub.speech.speaker import SpeakerEncoder
from codub.speech.style import RESTRAINT, Likeness, acoustic_like, stock_likeness, voice_space

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

PIECE = 64  # latent vectors, 1.6 s: exactly one piece of the speaker network
# More steps buy likeness with naturalness: one voice went from 0.75 to 0.81 between 3 and 19, DistillMOS 4.4 to 4.0.
STEPS = 10
LEARNING_RATE = 0.1  # standard deviations of the stock voices
REMEMBER = 0.8  # of the running means: the style's, and the likeness'
PATIENCE = 15  # steps without a gain
GAIN = 0.002  # in mean likeness


@dataclass(frozen=True)
class FitLimits:
    """A fit ends after `seconds`, after `steps`, or when the likeness stops growing."""

    seconds: float
    steps: int = STEPS


@dataclass(frozen=True)
class Listening:
    """How like the reference a style makes the decoder sound; differentiable.

    `decoder` takes features, F0, energy and acoustic style as Kokoro's does, and speaks at 24 kHz; `network` embeds
    16 kHz waves; `wanted` is the reference's embedding `(256,)`.
    """

    decoder: nn.Module
    network: nn.Module
    wanted: Tensor

    def heard(self, piece: "Piece", acoustic: Tensor) -> Tensor:
        """Embedding `(256,)` of the piece spoken in the acoustic style `(128,)`."""
        wave = self.decoder(piece.features, piece.f0, piece.energy, acoustic[None])
        embedding: Tensor = self.network(to_speech_rate(wave))[0]
        return embedding

    def likeness(self, piece: "Piece", acoustic: Tensor) -> Tensor:
        """Cosine between the reference and the piece spoken in the acoustic style."""
        return torch.dot(self.heard(piece, acoustic), self.wanted)


@dataclass(frozen=True)
class Piece:
    """What the decoder speaks besides the style: features `(1, 512, T)`, F0 in Hz and energy `(1, 2 T)`."""

    features: Tensor
    f0: Tensor
    energy: Tensor

    def window(self, start: int, vectors: int) -> "Piece":
        """The stretch of `vectors` from `start` on."""
        curve = slice(2 * start, 2 * (start + vectors))
        return Piece(self.features[..., start : start + vectors], self.f0[:, curve], self.energy[:, curve])


@dataclass(frozen=True)
class Descent:
    """What a descent came to: the mean of the last acoustic styles `(128,)`, and in how many steps."""

    acoustic: FloatArray
    steps: int


def fit_style(
    reference: FloatArray,
    start: Style,
    voice: KokoroVoice,
    encoder: SpeakerEncoder,
    limit_seconds: float = 60.0,
    progress: Progress | None = None,
) -> Style:
    """The start's acoustic half moved towards the speaker of `reference` (16 kHz); the start where that did not help.

    The prosody half and the F0 factor stay. `similarity` of the result is measured on a sentence that was not fitted.
    Equal numbers of steps give equal styles.
    """
    wanted = torch.from_numpy(encoder.embed(reference)).to(encoder.device)
    listening = Listening(voice.synthesizer.decoder, encoder.network, wanted)
    pieces = [_piece(line, start, voice, encoder.device) for line in SPOKEN]
    trial = _piece(TRIAL, start, voice, encoder.device)
    began = time.monotonic()
    drawn = draw_again(listening, pieces, start.vector[:HALF], stock_likeness(), limit_seconds / 2)
    left = limit_seconds - (time.monotonic() - began)
    done = min(1 - left / limit_seconds, 1.0)
    if progress:
        progress(done, f"drawn again by ear, {max(left, 0):.0f} s left")
    descent = descend(listening, pieces, drawn, FitLimits(left), _from(done, progress))
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


def descend(
    listening: Listening, pieces: list[Piece], start: FloatArray, limits: FitLimits, progress: Progress | None = None
) -> Descent:
    """Adam inside the space of the stock voices: 1 - likeness of pieces in turn, and a pull back to the mean voice."""
    space = voice_space(np.stack(list(stock_voices().values())))
    device = listening.wanted.device
    origin, axes = _float(start).to(device), _float(space.axes).to(device)
    begun = _float(np.linalg.lstsq(space.axes.T, start - space.centre, rcond=None)[0]).to(device)
    offset = torch.zeros_like(begun, requires_grad=True)
    mean_offset = torch.zeros_like(begun)
    optimizer = torch.optim.Adam([offset], lr=LEARNING_RATE)
    random = torch.Generator().manual_seed(0)
    pace = _Pace(limits, progress)
    while pace.goes_on():
        piece = _stretch(pieces[pace.step % len(pieces)], random)
        likeness = listening.likeness(piece, origin + offset @ axes)
        loss = 1 - likeness + RESTRAINT * (begun + offset).square().mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        mean_offset = REMEMBER * mean_offset + (1 - REMEMBER) * offset.detach()
        pace.stepped(likeness.item())
    if not pace.step:
        return Descent(start, 0)
    unbiased = mean_offset / (1 - REMEMBER**pace.step)  # the running mean began at zero
    return Descent((origin + unbiased @ axes).cpu().numpy(), pace.step)


def to_speech_rate(waves: Tensor) -> Tensor:
    """Waves `(B, N)` at 24 kHz as `(B, 2 N / 3)` at 16 kHz, band-limited in the frequency domain; N divides by 3."""
    spectrum = torch.fft.rfft(waves)
    samples = waves.shape[1] * 2 // 3
    slower: Tensor = torch.fft.irfft(spectrum[:, : samples // 2 + 1], samples)
    return slower * (2 / 3)


class _Pace:
    """Counts steps, tells the time that is left, and says when to stop."""

    def __init__(self, limits: FitLimits, progress: Progress | None) -> None:
        self.step = 0
        self._limits, self._progress = limits, progress
        self._began = time.monotonic()
        self._mean = self._best = 0.0
        self._best_at = 0

    def stepped(self, likeness: float) -> None:
        self.step += 1
        self._mean = likeness if self.step == 1 else REMEMBER * self._mean + (1 - REMEMBER) * likeness
        if self._mean > self._best + GAIN:
            self._best, self._best_at = self._mean, self.step
        if self._progress:
            done = max(self.step / self._limits.steps, self._spent() / self._limits.seconds)
            left = self._spent() * (1 - done) / done
            self._progress(min(done, 1.0), f"likeness {self._mean:.2f}, {max(left, 0):.0f} s left")

    def goes_on(self) -> bool:
        next_ends = self._spent() * (1 + 1 / self.step) if self.step else 0.0
        in_time = next_ends <= self._limits.seconds
        return self.step < self._limits.steps and in_time and self.step - self._best_at < PATIENCE

    def _spent(self) -> float:
        return time.monotonic() - self._began


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


def _stretch(piece: Piece, random: torch.Generator) -> Piece:
    room = piece.features.shape[-1] - PIECE
    start = int(torch.randint(room + 1, (1,), generator=random)) if room > 0 else 0
    return piece.window(start, PIECE)


def _measured(listening: Listening, trial: Piece, acoustic: FloatArray) -> float:
    with torch.no_grad():
        return float(listening.likeness(trial, torch.from_numpy(acoustic.copy()).to(listening.wanted.device)))
