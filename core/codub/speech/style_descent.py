"""Adam's steps of a style's fit, one by one: when they end, and what has to be kept so that they can go on later."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from codub.speech.fit_file import FitState
from codub.speech.kokoro.voices import stock_voices
from codub.speech.style import voice_space
from codub.speech.style_listening import Listening, Piece

FloatArray = NDArray[np.float32]
Progress = Callable[[float, str], None]

PIECE = 64  # latent vectors, 1.6 s: exactly one piece of the speaker network
CHOICES = 8
# What 24 come to stands in `style_fit`, beside the pieces. One of five people had DistillMOS 4.46 and SECS 0.825 in
# English after 16, and 3.96 and 0.818 after 30.
STEPS = 16  # of 2.4 CPU-seconds
AFTER = 6  # steps' worth of time that a fit takes after them: gains are taken anew, and it is heard
LEARNING_RATE = 0.1  # standard deviations of the stock voices
REMEMBER = 0.8  # of the running means: the style's, and the likeness'
RESTRAINT = 0.02  # as `style.RESTRAINT`, which draws with 0.05; less, since a fit hears what it does
PATIENCE = 15  # steps without a gain
GAIN = 0.002  # in mean likeness


@dataclass(frozen=True)
class FitLimits:
    """A fit ends after `seconds`, what follows its steps included, after `steps`, or when likeness stops growing."""

    seconds: float
    steps: int = STEPS


@dataclass(frozen=True)
class Descent:
    """What a descent came to: the mean of the last acoustic styles `(128,)`, and in how many steps."""

    acoustic: FloatArray
    steps: int


@dataclass(frozen=True)
class Going:
    """Where a descent goes on (None: it begins), and what keeps its state after each step."""

    state: FitState | None
    keep: Callable[[FitState], None]


def descend(
    listening: Listening,
    pieces: list[Piece],
    start: FloatArray,
    limits: FitLimits,
    progress: Progress | None = None,
    going: Going | None = None,
) -> Descent:
    """Adam inside the space of the stock voices: what pieces cost in turn, and a pull back to the mean voice.

    `going` keeps every step and goes on from the last one kept: the steps come out as if nothing had stopped them.
    """
    space = voice_space(np.stack(list(stock_voices().values())))
    device = listening.wanted.device
    origin, axes = _float(start).to(device), _float(space.axes).to(device)
    begun = _float(np.linalg.lstsq(space.axes.T, start - space.centre, rcond=None)[0]).to(device)
    steps = _Steps(begun, going.state if going else None)
    random = torch.Generator().manual_seed(0)
    pace = _Pace(limits, progress, going.state if going else None)
    for done in range(pace.step):  # as the steps before drew them
        _stretch(pieces[done % len(pieces)], random)
    while pace.goes_on():
        piece = _stretch(pieces[pace.step % len(pieces)], random)
        likeness, cost = listening.judged(piece, origin + steps.offset @ axes)
        steps.take(cost + RESTRAINT * (begun + steps.offset).square().mean())
        pace.stepped(likeness.item())
        if going:
            going.keep(pace.state(steps.state(start)))
        pace.tell()
    if not pace.step:
        return Descent(start, 0)
    unbiased = steps.mean_offset / (1 - REMEMBER**pace.step)  # the running mean began at zero
    return Descent((origin + unbiased @ axes).cpu().numpy(), pace.step)


class _Steps:
    """The numbers that Adam moves, its moments, and their running mean."""

    def __init__(self, like: Tensor, state: FitState | None) -> None:
        self.offset = torch.zeros_like(like) if state is None else _float(state.offset).to(like.device)
        self.offset.requires_grad_(True)
        self.mean_offset = torch.zeros_like(like) if state is None else _float(state.mean_offset).to(like.device)
        self._optimizer = torch.optim.Adam([self.offset], lr=LEARNING_RATE)
        if state is not None and state.step:
            self._optimizer.state[self.offset] = {
                "step": torch.tensor(float(state.step)),
                "exp_avg": _float(state.momentum).to(like.device),
                "exp_avg_sq": _float(state.momentum_square).to(like.device),
            }

    def take(self, loss: Tensor) -> None:
        """One step down."""
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        self.mean_offset = REMEMBER * self.mean_offset + (1 - REMEMBER) * self.offset.detach()

    def state(self, drawn: FloatArray) -> FitState:
        moments = self._optimizer.state[self.offset]
        numbers = (self.offset.detach(), self.mean_offset, moments["exp_avg"], moments["exp_avg_sq"])
        offset, mean_offset, momentum, square = (value.cpu().numpy() for value in numbers)
        return FitState(drawn, offset, mean_offset, momentum, square)


class _Pace:
    """Counts steps, tells the time that is left, and says when to stop; steps of an earlier run count."""

    def __init__(self, limits: FitLimits, progress: Progress | None, state: FitState | None) -> None:
        self.step = state.step if state else 0
        self._limits, self._progress = limits, progress
        self._began = time.monotonic() - (state.seconds if state else 0.0)
        self._mean, self._best = (state.mean, state.best) if state else (0.0, 0.0)
        self._best_at = state.best_at if state else 0

    def stepped(self, likeness: float) -> None:
        self.step += 1
        self._mean = likeness if self.step == 1 else REMEMBER * self._mean + (1 - REMEMBER) * likeness
        if self._mean > self._best + GAIN:
            self._best, self._best_at = self._mean, self.step

    def tell(self) -> None:
        if self._progress:
            spent, steps = self._spent(), self._limits.steps
            done = max(self.step / steps, spent / self._limits.seconds)
            left = min((steps - self.step + AFTER) * spent / self.step, self._limits.seconds - spent)
            self._progress(min(done, 1.0), f"likeness {self._mean:.2f}, {max(left, 0):.0f} s left")

    def state(self, steps: FitState) -> FitState:
        return replace(
            steps, step=self.step, mean=self._mean, best=self._best, best_at=self._best_at, seconds=self._spent()
        )

    def goes_on(self) -> bool:
        next_ends = self._spent() * (1 + (1 + AFTER) / self.step) if self.step else 0.0
        in_time = next_ends <= self._limits.seconds
        return self.step < self._limits.steps and in_time and self.step - self._best_at < PATIENCE

    def _spent(self) -> float:
        return time.monotonic() - self._began


def _stretch(piece: Piece, random: torch.Generator) -> Piece:
    """Somewhere in the piece; of a recording, where most is voiced of some places."""
    room = piece.features.shape[-1] - PIECE
    if room <= 0:
        return piece.window(0, PIECE)
    starts = torch.randint(room + 1, (1 if piece.recorded is None else CHOICES,), generator=random).tolist()
    return max((piece.window(start, PIECE) for start in starts), key=lambda part: float((part.f0 > 0).sum()))


def _float(values: NDArray[np.floating[Any]]) -> Tensor:
    return torch.from_numpy(np.array(values, dtype=np.float32))
