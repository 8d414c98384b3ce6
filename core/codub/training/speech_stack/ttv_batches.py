"""Batches of whole lines for the Text-to-Vec, with everything that a training step draws at random."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from codub.speech.hierspeechpp.network import TrainingNoise
from codub.training.speech_stack.features import HOP, Heard, Line, read_piece
from codub.training.speech_stack.order import Order


@dataclass(frozen=True)
class TtvBatch:
    """Padded with zeros behind each line's end; T and N are the longest line's frames and tokens.

    sound `(B, 320 T)` | w2v `(B, C, T)`, `lengths` `(B,)` | log_f0 `(B, 1, 4 T)` | tokens `(B, N)` with blanks,
    `token_lengths` | phonemes `(B, n)` without, `phoneme_lengths`
    """

    sound: Tensor
    w2v: Tensor
    lengths: Tensor
    log_f0: Tensor
    tokens: Tensor
    token_lengths: Tensor
    phonemes: Tensor
    phoneme_lengths: Tensor
    noise: TrainingNoise


class TtvBatches:
    """`batches(step)`: depends on the seed and the step alone; a line's noise on its place in the stream."""

    def __init__(self, lines: Sequence[Line], order: Order, latent: int, seed: int) -> None:
        self._lines, self._order = lines, order
        self._latent, self._seed = latent, seed

    def __call__(self, step: int) -> TtvBatch:
        """The batch of a step."""
        places = self._order.places(step)
        heard = [read_piece(self._lines[self._order.item(place)]) for place in places]
        return whole_lines(heard, [(self._seed, place) for place in places], self._latent)


def whole_lines(heard: Sequence[Heard], seeds: Sequence[tuple[int, ...]], latent: int) -> TtvBatch:
    """The lines as one batch, each line's noise drawn with its own seed."""
    frames = [len(one.w2v) for one in heard]
    tokens = [with_blanks(one.phonemes) for one in heard]
    noise = [_noise(seed, latent, n, len(own)) for seed, n, own in zip(seeds, frames, tokens, strict=True)]
    return TtvBatch(
        sound=stacked([one.sound for one in heard], max(frames) * HOP),
        w2v=stacked([one.w2v.T for one in heard], max(frames)),
        lengths=torch.tensor(frames),
        log_f0=stacked([np.log1p(one.f0)[None] for one in heard], 4 * max(frames)),
        tokens=stacked(tokens, max(map(len, tokens))),
        token_lengths=torch.tensor([len(own) for own in tokens]),
        phonemes=stacked([one.phonemes for one in heard], max(len(one.phonemes) for one in heard)),
        phoneme_lengths=torch.tensor([len(one.phonemes) for one in heard]),
        noise=TrainingNoise(
            posterior=stacked([own[0] for own in noise], max(frames)),
            slice=torch.tensor([own[1] for own in noise], dtype=torch.float32),
            duration=stacked([own[2] for own in noise], max(map(len, tokens))),
        ),
    )


def with_blanks(phonemes: np.ndarray[tuple[int], np.dtype[np.int64]]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The phonemes with the blank 0 before, between and behind them: `2n + 1` tokens."""
    tokens = np.zeros(2 * len(phonemes) + 1, np.int64)
    tokens[1::2] = phonemes
    return tokens


def _noise(seed: tuple[int, ...], latent: int, frames: int, tokens: int) -> tuple[np.ndarray, float, np.ndarray]:
    random = np.random.default_rng(list(seed))
    place = random.uniform()
    durations = random.standard_normal((2, tokens), np.float32)
    return random.standard_normal((latent, frames), np.float32), place, durations


def stacked(values: Sequence[np.ndarray], length: int) -> Tensor:
    """Arrays that differ in their last axis, filled up there with zeros to `length`, as one tensor `(B, ...)`."""
    rows = [np.pad(own, [(0, 0)] * (own.ndim - 1) + [(0, length - own.shape[-1])]) for own in values]
    return torch.from_numpy(np.stack(rows))
