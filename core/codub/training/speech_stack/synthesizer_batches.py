"""Batches of pieces of lines for the synthesizer, with everything that a training step draws at random."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from codub.speech.hierspeechpp.reconstruction import Draws
from codub.training.speech_stack.features import HOP, Heard, Line, frames_of, read_piece
from codub.training.speech_stack.order import Order
from codub.training.speech_stack.ttv_batches import stacked


@dataclass(frozen=True)
class PieceConfig:
    """Frames of 20 ms: of a piece (61,440 samples), and of what is decoded of it; how many lines are given no style."""

    frames: int = 192
    decoded: int = 192
    nobody: float = 0.1  # share of lines


@dataclass(frozen=True)
class SynthesizerBatch:
    """Pieces, zero behind the end of a line that is shorter.

    sound `(B, 1, 320 T)` | features, perturbed `(B, C, T)` | log_f0 `(B, 1, 4 T)` | mask `(B, 1, T)`
    """

    sound: Tensor
    features: Tensor
    perturbed: Tensor
    log_f0: Tensor
    mask: Tensor
    draws: Draws


class SynthesizerBatches:
    """`batches(step)`: depends on the seed and the step alone; a line's draws on its place in the stream."""

    def __init__(
        self, lines: Sequence[Line], order: Order, latent: int, config: PieceConfig, seed: int, copies: int = 0
    ) -> None:
        self._lines, self._order = lines, order
        self._latent, self._config, self._seed = latent, config, seed
        self._copies = copies  # of perturbed features, one of which is drawn; 0: the line's own

    def __call__(self, step: int) -> SynthesizerBatch:
        """The batch of a step."""
        drawn = [self._piece(place) for place in self._order.places(step)]
        return pieces([heard for heard, _ in drawn], [random for _, random in drawn], self._latent, self._config)

    def _piece(self, place: int) -> tuple[Heard, np.random.Generator]:
        line = self._lines[self._order.item(place)]
        random = np.random.default_rng([self._seed, place])
        total, frames = frames_of(line), self._config.frames
        start = int(random.integers(0, max(0, total - frames) + 1))
        copy = int(random.integers(1, self._copies + 1)) if self._copies else 0
        return read_piece(line, start, min(frames, total), copy), random


def pieces(
    heard: Sequence[Heard], random: Sequence[np.random.Generator], latent: int, config: PieceConfig
) -> SynthesizerBatch:
    """The pieces as one batch, each with draws of its own generator."""
    counts = [len(one.w2v) for one in heard]
    frames = max(counts)
    noise = stacked(
        [own.standard_normal((3, latent, n), np.float32) for own, n in zip(random, counts, strict=True)], frames
    )
    room = [max(0, count - config.decoded) + 1 for count in counts]
    draws = Draws(
        posterior=noise[:, 0],
        prior=noise[:, 1],
        language=noise[:, 2],
        starts=torch.tensor([int(own.integers(0, free)) for own, free in zip(random, room, strict=True)]),
        nobody=torch.tensor([bool(own.uniform() < config.nobody) for own in random]),
    )
    return SynthesizerBatch(
        sound=stacked([one.sound[None] for one in heard], frames * HOP),
        features=stacked([one.w2v.T for one in heard], frames),
        perturbed=stacked([one.perturbed.T for one in heard], frames),
        log_f0=stacked([np.log1p(one.f0)[None] for one in heard], 4 * frames),
        mask=(torch.arange(frames) < torch.tensor(counts)[:, None])[:, None].float(),
        draws=draws,
    )
