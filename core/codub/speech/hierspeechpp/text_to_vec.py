# ruff: noqa: RUF001 (phonetic letters look like Latin ones)
"""Text to latent: the published Text-to-Vec behind the `TextToVec` protocol."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from codub.errors import CueError
from codub.latent import HIERSPEECHPP, SILENCE, FloatArray, PhonemeSpan, SpeechLatent
from codub.speech import fitting, pieces
from codub.speech.hierspeechpp import alphabet
from codub.speech.hierspeechpp.loudness import QUIETEST, expected_level
from codub.speech.hierspeechpp.mel import FLOOR, MELS
from codub.speech.hierspeechpp.network import Prior, TtvSize
from codub.speech.hierspeechpp.pitch_predictor import VALUES_PER_VECTOR
from codub.speech.hierspeechpp.spacing import RATE, Spacing, given, held
from codub.speech.hierspeechpp.style import TTV_PART, part
from codub.speech.model import PLAIN, Delivery, PhonemeLine, SpokenLine, Style
from codub.speech.spans import phoneme_spans

Whole = NDArray[np.int64]

LONGEST_PIECE = 200  # symbols read at once: the longest line the model was trained on
DURATION_NOISE, LATENT_NOISE = 1.0, 0.333  # as published; a delivery's variation multiplies both
LOWEST_F0 = math.log(55)  # of the predicted ln(F0 + 1); what lies below is unvoiced, as published
_FIRST_SOUNDS = "aɪʊɛmnlɹstkbd"  # before which the silence before a line is listened to


class Network(Protocol):
    """What speaks: `network.TextToVecNetwork`, or its faster form."""

    size: TtvSize

    def style(self, mel: Tensor) -> Tensor:
        """Style `(B, 256, 1)` of log-mel prompts `(B, 80, T)`."""
        ...

    def read(self, tokens: Tensor, lengths: Tensor, g: Tensor, noise: Tensor) -> Prior:
        """What the text asks for."""
        ...

    def render(self, prior: Prior, durations: Tensor, g: Tensor, noise: Tensor | None) -> tuple[Tensor, Tensor]:
        """w2v features `(B, 1024, T)` and ln(F0 + 1) `(B, 1, 4 T)`."""
        ...


@dataclass(frozen=True)
class _Piece:
    """A stretch that the model reads at once: its tokens, what it asks for, its frames and its natural timing."""

    spacing: Spacing
    prior: Prior
    durations: Whole
    timing: fitting.Timing


@dataclass(frozen=True)
class _Curves:
    """Frames of one piece: features `(1024, T)`, ln-F0 `(4 T,)`, each frame's token and whether it can be heard."""

    features: FloatArray
    log_f0: FloatArray
    owners: Whole
    heard: NDArray[np.bool_]

    def cut(self, start: int, end: int) -> "_Curves":
        """The frames `[start, end)`."""
        log_f0 = self.log_f0[VALUES_PER_VECTOR * start : VALUES_PER_VECTOR * end]
        return _Curves(self.features[:, start:end], log_f0, self.owners[start:end], self.heard[start:end])


class HierSpeechTextToVec:
    """Predicts durations, features and F0 of an English line in the `hierspeechpp` space."""

    space = HIERSPEECHPP

    def __init__(self, network: Network, device: str = "cpu", precision: torch.dtype = torch.float32) -> None:
        """`network` lives on `device`; `precision` is of the products that make features and F0 there.

        Below float32 only a GPU changes anything, and the text side, which decides the durations, stays exact. On
        made-up weights features then differ by 0.8 % (bfloat16) or 0.1 % (float16) of their standard deviation, root
        mean square, F0 by twice that; worked out on a CPU, not measured on a GPU.
        """
        self._network = network
        self._precision = precision
        self._device = device

    @torch.inference_mode()
    def speak(
        self, line: PhonemeLine, style: Style, window: float | None, seed: int, delivery: Delivery = PLAIN
    ) -> SpokenLine:
        """Latent of the line, fitted to `window` seconds (None: the natural pace), drawn with `seed`.

        Symbols are those of `text.phonemize`. Every seed, 0 too, draws durations and latent with the published noise
        times `delivery.variation`; a variation of 0 draws nothing and is the same for all. A duration that the delivery
        sets is kept to the 20 ms frame, from 40 ms on; its `energy` is left to who places the sound.

        Raises:
            CueError: nothing in the line has a sound, a symbol is not in the alphabet, or the delivery's durations
                are of another line.
            LatentSpaceError: the style is of another voice model.
        """
        _check(line, delivery)
        draw = _Draw(part(style, TTV_PART).to(self._device), torch.Generator().manual_seed(seed % 2**63), delivery)
        cut = pieces.split(line.symbols, LONGEST_PIECE)
        parts = [self._read(symbols, draw) for symbols in cut]
        places = pieces.places(line.symbols, cut)
        timing = fitting.join([piece.timing for piece in parts])
        kept = np.concatenate([held(parts[i].durations, _wanted(places, delivery, i)) for i in range(len(parts))])
        fitted = fitting.fit_to(timing, window, pieces.syllables(line.symbols), delivery.pace, kept)
        cores = np.split(fitted.core, np.cumsum([len(piece.durations) for piece in parts])[:-1])
        whole = _joined(self._played(parts, cores, fitted, draw))
        symbols = [symbol for piece in parts for symbol in piece.spacing.symbols]
        latent = _latent(symbols, whole, style.f0_factor * 2 ** (delivery.pitch / 12))
        seconds = [given(core) for core in cores]
        return SpokenLine(latent, fitted.fit, tuple(0.0 if at is None else seconds[at[0]][at[1]] for at in places))

    def silence_vector(self) -> FloatArray:
        """The feature `(1024,)` of the silence before a line, the mean over several first sounds."""
        return self._silence

    def silence(self, vectors: int) -> SpeechLatent:
        """A latent of silence, `vectors` x 20 ms long, for a face."""
        features = np.repeat(self._silence[:, None], vectors, axis=1)
        curve = np.zeros(VALUES_PER_VECTOR * vectors, dtype=np.float32)
        span = PhonemeSpan(SILENCE, 0.0, vectors / RATE)
        return SpeechLatent(self.space, features, curve, curve + np.float32(QUIETEST), (span,))

    @cached_property
    def _silence(self) -> FloatArray:
        with torch.inference_mode():
            tokens = [alphabet.interspersed(alphabet.ids((sound, "."))) for sound in _FIRST_SOUNDS]
            count, length = len(tokens), len(tokens[0])
            g = self._network.style(torch.full((count, MELS, 50), math.log(FLOOR), device=self._device))
            numbers = torch.tensor(tokens, device=self._device)
            lengths = torch.full((count,), length, device=self._device)
            prior = self._network.read(numbers, lengths, g, torch.zeros(count, 2, length, device=self._device))
            durations = torch.full((count, length), 4, device=self._device)
            w2v, _ = self._network.render(prior, durations, g, None)
            return _numpy(w2v[:, :, :2].mean(dim=(0, 2)))

    def _reduced(self) -> torch.autocast:
        """Where products may be worked out in the reduced precision."""
        kind = torch.device(self._device).type
        wanted = kind == "cuda" and self._precision != torch.float32
        return torch.autocast(kind, self._precision if wanted else None, enabled=wanted)

    def _read(self, symbols: Sequence[str], draw: "_Draw") -> _Piece:
        """One piece with the durations that the model draws for it."""
        tokens = torch.tensor([alphabet.interspersed(alphabet.ids(symbols))], device=self._device)
        noise = draw.noise(DURATION_NOISE, 2, tokens.shape[1])
        prior = self._network.read(tokens, torch.tensor([tokens.shape[1]], device=self._device), draw.g, noise)
        durations = prior.durations()[0].cpu().numpy()
        spacing = Spacing.of(symbols)
        return _Piece(spacing, prior, durations, spacing.timing(durations))

    def _played(self, parts: list[_Piece], cores: list[Whole], fitted: fitting.Fitted, draw: "_Draw") -> list[_Curves]:
        """The pieces at their fitted durations, without the silence that is not kept."""
        played, before = [], 0
        for i, (piece, core) in enumerate(zip(parts, cores, strict=True)):
            durations, edge = core + piece.timing.edge, piece.timing
            lead = fitted.lead if i == 0 else fitting.joined(edge.lead, RATE)
            tail = fitted.tail if i == len(parts) - 1 else fitting.joined(edge.tail, RATE)
            frames = int(durations.sum())
            noise = draw.noise(LATENT_NOISE, self._network.size.channels, frames)
            given_frames = torch.from_numpy(durations[None]).to(self._device)
            with self._reduced():
                w2v, log_f0 = self._network.render(piece.prior, given_frames, draw.g, noise)
            owners = np.repeat(np.arange(before, before + len(durations)), durations)
            curves = _Curves(_numpy(w2v[0]), _numpy(log_f0[0, 0]), owners, piece.spacing.heard(durations))
            played.append(curves.cut(edge.lead - lead, frames - edge.tail + tail))
            before += len(durations)
        return played


class _Draw:
    """In what style a line is spoken, and the noise with which it is drawn."""

    def __init__(self, g: Tensor, random: torch.Generator, delivery: Delivery) -> None:
        self.g = g
        self._random = random
        self._variation = delivery.variation

    def noise(self, scale: float, channels: int, length: int) -> Tensor:
        """Normal noise `(1, channels, length)` of that scale, the same on every device."""
        normal = torch.randn(1, channels, length, generator=self._random)
        return (normal * (scale * self._variation)).to(self.g.device)


def _check(line: PhonemeLine, delivery: Delivery) -> None:
    if not pieces.is_spoken(line.symbols):
        raise CueError(
            f"The line {line.text!r} has nothing to speak.",
            cause="It has no word that the voice model can read.",
            fix="Give the cue a text, or leave it out.",
        )
    if delivery.durations and len(delivery.durations) != len(line.symbols):
        raise CueError(
            f"The durations set for the line {line.text!r} are of another line.",
            cause=f"It has {len(line.symbols)} symbols, and {len(delivery.durations)} durations were set.",
            fix="Set the line's delivery back to its default, or set the durations anew.",
        )


def _wanted(places: Sequence[tuple[int, int] | None], delivery: Delivery, number: int) -> list[float | None]:
    """What the delivery sets for the symbols of one piece, in seconds; None for what it leaves to the model."""
    wanted = delivery.durations or (None,) * len(places)
    return [seconds for at, seconds in zip(places, wanted, strict=True) if at is not None and at[0] == number]


def _latent(symbols: Sequence[str], whole: _Curves, factor: float) -> SpeechLatent:
    """The latent of a whole line, its F0 in Hz multiplied by `factor`."""
    voiced = whole.log_f0 >= LOWEST_F0
    log_f0 = np.where(voiced, np.log1p(np.expm1(whole.log_f0) * factor), 0.0).astype(np.float32)
    spans = phoneme_spans(symbols, whole.owners, whole.heard, 1 / RATE)
    return SpeechLatent(HIERSPEECHPP, whole.features, log_f0, expected_level(spans, len(log_f0)), spans)


def _joined(parts: list[_Curves]) -> _Curves:
    return _Curves(
        np.concatenate([part.features for part in parts], axis=1),
        np.concatenate([part.log_f0 for part in parts]),
        np.concatenate([part.owners for part in parts]),
        np.concatenate([part.heard for part in parts]),
    )


def _numpy(values: Tensor) -> FloatArray:
    return np.asarray(values.float().cpu().numpy(), dtype=np.float32)
