"""Text to latent: Kokoro's text and prosody sides behind the `TextToVec` protocol."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from codub.errors import CueError
from codub.latent import EMBEDDED, SILENCE, SILENT_ENERGY, PhonemeSpan, SpeechLatent
from codub.speech import fitting, notation, pieces
from codub.speech import spans as sounds
from codub.speech.kokoro import spans, vocabulary
from codub.speech.kokoro.curves import Curves, joined
from codub.speech.kokoro.generator import VOICED_ABOVE
from codub.speech.kokoro.half_reading import FusedProsody
from codub.speech.kokoro.prosody import Prosody
from codub.speech.kokoro.text import TextEncoder, repeat
from codub.speech.kokoro.variation import Variation
from codub.speech.kokoro.voices import HALF, prosody_spread
from codub.speech.model import PLAIN, Delivery, PhonemeLine, SpokenLine, Style

Array = NDArray[np.float32]
Whole = NDArray[np.int64]

RATE = 40.0  # frames a second
COMFORTABLE = 350  # symbols; the model was trained on less than that at a time, and 510 is the end of its table


@dataclass(frozen=True)
class _Course:
    """What durations in frames make of a piece: what F0 is read from, and its energy `(2 T,)`."""

    durations: Whole
    timed: torch.Tensor
    energy: Array


@dataclass(frozen=True)
class _Piece:
    """A stretch that the model reads at once: its symbols with pads, its encoding and its natural timing."""

    symbols: tuple[str, ...]
    encoded: torch.Tensor
    natural: _Course
    timing: fitting.Timing


class KokoroTextToVec:
    """Predicts durations, features, F0 and energy of a line in the `embedded` space."""

    space = EMBEDDED

    def __init__(self, text_encoder: TextEncoder, prosody: Prosody | FusedProsody, device: str = "cpu") -> None:
        self._text_encoder = text_encoder
        self._prosody = prosody
        self._device = device

    @torch.inference_mode()
    def speak(
        self, line: PhonemeLine, style: Style, window: float | None, seed: int, delivery: Delivery = PLAIN
    ) -> SpokenLine:
        """Latent of the line, fitted to `window` seconds (None: the natural pace), varied by `seed`.

        It starts at most 75 ms before the first sound and ends about 100 ms after the last one. What does not fit at
        the fastest pace is spoken at that pace, and the fit says by how much it is over. A duration that `delivery`
        sets is kept to the 25 ms frame; a pause is silent for what is set beyond its natural length, since the model
        hums through a long one (a full stop set to 0.9 s was silent for 0.38 s). Its `energy` is left to who places the
        sound: moving the model's own energy curve by 6 units up moves the level by 1.5 dB and the balance of high and
        low by 0.3 dB (measured), so the curve gives no other effort, only a little loudness that levelling takes away
        again.

        Raises:
            CueError: nothing in the line has a sound, a symbol is not in the vocabulary, or the delivery's durations
                are of another line.
        """
        if not pieces.is_spoken(line.symbols):
            raise CueError(
                f"The line {line.text!r} has nothing to speak.",
                cause="It has no word that the voice model can read.",
                fix="Give the cue a text, or leave it out.",
            )
        variation = Variation(seed, delivery.variation)
        prosody = self._tensor(variation.style(style.vector[HALF:], prosody_spread()))
        cut = pieces.split(line.symbols, COMFORTABLE)
        parts = [self._read(part, prosody, variation) for part in cut]
        timing = fitting.join([part.timing for part in parts])
        symbols = [symbol for part in parts for symbol in part.symbols]
        places = _places(line.symbols, cut)
        kept = _kept(line, delivery, places, timing.core)
        fitted = fitting.fit_to(timing, window, pieces.syllables(line.symbols), delivery.pace, kept)
        held = ~np.isnan(kept) & sounds.pauses(symbols)
        whole = joined(self._played(parts, fitted, held, prosody))
        varied = _ranging(variation.f0(whole.f0, whole.f0 > VOICED_ABOVE), style.f0_range)
        f0 = varied * style.f0_factor * 2 ** (delivery.pitch / 12)
        latent = SpeechLatent(
            self.space,
            whole.features,
            np.log1p(np.where(whole.f0 > VOICED_ABOVE, f0, np.maximum(whole.f0, 0))).astype(np.float32),
            whole.energy,
            spans.phoneme_spans(symbols, spans.in_sound(whole.owners), whole.energy),
        )
        given = [0 if place is None else int(fitted.core[place]) for place in places]
        return SpokenLine(latent, fitted.fit, tuple(frames / RATE for frames in given))

    @torch.inference_mode()
    def durations(self, line: PhonemeLine, style: Style) -> Array:
        """Predicted durations of `[pad, *symbols, pad]` in 25 ms frames, not rounded."""
        encoded = self._prosody(self._ids(line.symbols), self._tensor(style.vector[HALF:]))
        return _numpy(self._prosody.predictor.durations(encoded)[0])

    @torch.inference_mode()
    def features(self, symbols: Sequence[str], durations: Sequence[int]) -> Array:
        """Aligned text features `(512, sum(durations))` for known durations in 25 ms frames.

        `durations` belong to `[pad, *symbols, pad]`.
        """
        if len(durations) != len(symbols) + 2:
            raise ValueError(f"{len(symbols)} symbols and two pads, but {len(durations)} durations")
        return _numpy(repeat(self._text_encoder(self._ids(symbols)), self._frames(durations))[0])

    @torch.inference_mode()
    def prosody(self, symbols: Sequence[str], durations: Sequence[int], style: Style) -> tuple[Array, Array]:
        """F0 in Hz (about 0 where unvoiced) and energy, `(2 sum(durations),)` at 80 Hz, for known durations."""
        vector = self._tensor(style.vector[HALF:])
        encoded = self._prosody(self._ids(symbols), vector)
        course = self._course(encoded, np.asarray(durations, dtype=np.int64), vector)
        heard = _ranging(_numpy(self._prosody.predictor.f0(course.timed, vector)[0]), style.f0_range)
        return np.where(heard > VOICED_ABOVE, heard * np.float32(style.f0_factor), heard), course.energy

    @torch.inference_mode()
    def silence_vector(self) -> Array:
        """The text encoder's feature `(512,)` of the silence before a line, the mean over every first sound."""
        sounds = [s for s in vocabulary.IDS if s not in notation.PAUSES and s not in notation.MARKS]
        ids = [[vocabulary.PAD, vocabulary.IDS[sound], vocabulary.IDS["."], vocabulary.PAD] for sound in sounds]
        return _numpy(self._text_encoder(torch.tensor(ids, device=self._device))[:, :, 0].mean(dim=0))

    def silence(self, vectors: int) -> SpeechLatent:
        """A latent of silence, `vectors` x 25 ms long, for a face; the synthesizer needs some sound to work on."""
        features = np.repeat(self.silence_vector()[:, None], vectors, axis=1)
        curve = np.zeros(2 * vectors, dtype=np.float32)
        span = PhonemeSpan(SILENCE, 0.0, vectors * spans.FRAME)
        return SpeechLatent(self.space, features, curve, curve + np.float32(SILENT_ENERGY), (span,))

    def _read(self, symbols: tuple[str, ...], prosody: torch.Tensor, variation: Variation) -> _Piece:
        """One piece with its natural timing: where its sound begins and ends is told by the predicted energy."""
        encoded = self._prosody(self._ids(symbols), prosody)
        raw = self._prosody.predictor.durations(encoded)[0].cpu().numpy().astype(np.float64)
        predicted = variation.durations(raw)
        natural = self._course(encoded, fitting.natural(predicted), prosody)
        padded = (SILENCE, *symbols, SILENCE)
        heard = np.flatnonzero(spans.loud(natural.energy))
        first, last = (int(heard[0]), int(heard[-1]) + 1) if len(heard) else (0, int(natural.durations.sum()))
        quiet = spans.pausing(padded, natural.durations, natural.energy)
        return _Piece(padded, encoded, natural, fitting.timing(predicted, quiet, first, last, RATE))

    def _played(
        self, parts: list[_Piece], fitted: fitting.Fitted, held: NDArray[np.bool_], prosody: torch.Tensor
    ) -> list[Curves]:
        """The pieces at their fitted durations, without the silence that is not kept; `held`: pauses that are set."""
        played, start = [], 0
        for i, part in enumerate(parts):
            durations = fitted.core[start : start + len(part.symbols)] + part.timing.edge
            lead = fitted.lead if i == 0 else fitting.joined(part.timing.lead, RATE)
            tail = fitted.tail if i == len(parts) - 1 else fitting.joined(part.timing.tail, RATE)
            own = np.minimum(durations, part.natural.durations)
            own = np.where(held[start : start + len(own)], own, durations)
            curves = self._curves(part, own, start, prosody).silenced(own, durations - own)
            played.append(curves.cut(part.timing.lead - lead, int(durations.sum()) - part.timing.tail + tail))
            start += len(part.symbols)
        return played

    def _curves(self, part: _Piece, durations: Whole, start: int, prosody: torch.Tensor) -> Curves:
        as_it_was = np.array_equal(durations, part.natural.durations)
        course = part.natural if as_it_was else self._course(part.encoded, durations, prosody)
        f0 = self._prosody.predictor.f0(course.timed, prosody)
        features = repeat(self._text_encoder(self._ids(part.symbols[1:-1])), self._frames(durations.tolist()))
        owners = np.repeat(np.arange(start, start + len(durations)), durations)
        return Curves(_numpy(features[0]), _numpy(f0[0]), course.energy, owners)

    def _course(self, encoded: torch.Tensor, durations: Whole, prosody: torch.Tensor) -> _Course:
        timed = self._prosody.predictor.timed(encoded, self._frames(durations.tolist()))
        return _Course(durations, timed, _numpy(self._prosody.predictor.energy(timed, prosody)[0]))

    def _ids(self, symbols: Sequence[str]) -> torch.Tensor:
        numbers = [vocabulary.PAD, *vocabulary.ids(symbols), vocabulary.PAD]
        return torch.tensor([numbers], device=self._device)

    def _frames(self, durations: Sequence[int]) -> torch.Tensor:
        return torch.tensor(list(durations), device=self._device)

    def _tensor(self, vector: Array) -> torch.Tensor:
        return torch.from_numpy(np.array(vector, dtype=np.float32)).to(self._device)[None]


def _ranging(f0: Array, factor: float) -> Array:
    """F0 in Hz whose logarithm goes `factor` times as far from its median as it did; unvoiced values stay."""
    voiced = f0 > VOICED_ABOVE
    if factor == 1.0 or not voiced.any():
        return f0
    centre = np.median(f0[voiced])
    return np.where(voiced, centre * (np.maximum(f0, VOICED_ABOVE) / centre) ** np.float32(factor), f0)


def _places(symbols: Sequence[str], parts: Sequence[Sequence[str]]) -> list[int | None]:
    """Where each symbol of a line stands among `[pad, *part, pad, pad, *part, pad ...]`; None: it was left out."""
    starts = np.cumsum([1, *(len(part) + 2 for part in parts)])
    found = pieces.places(symbols, parts)
    return [None if place is None else int(starts[place[0]]) + place[1] for place in found]


def _kept(
    line: PhonemeLine, delivery: Delivery, places: Sequence[int | None], core: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Frames that symbols as the model reads them get whatever the others do, NaN for none.

    The part of a pad that is heard is the onset of the first sound or the end of the last one (the features stand
    behind the sound): it is never stretched, so that a line begins alike however it is fitted.
    """
    if delivery.durations and len(delivery.durations) != len(line.symbols):
        raise CueError(
            f"The durations set for the line {line.text!r} are of another line.",
            cause=f"It has {len(line.symbols)} symbols, and {len(delivery.durations)} durations were set.",
            fix="Set the line's delivery back to its default, or set the durations anew.",
        )
    kept = core.copy()  # of the pads
    wanted = delivery.durations or (None,) * len(line.symbols)
    for place, seconds in zip(places, wanted, strict=True):
        if place is not None:
            kept[place] = np.nan if seconds is None else seconds * RATE
    return kept


def _numpy(values: torch.Tensor) -> Array:
    return np.asarray(values.cpu().numpy(), dtype=np.float32)
