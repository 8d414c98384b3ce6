"""The face generator fitted to one person: few small steps on the person's own lines, near the weights it began with.

Nothing but that person's footage is at hand, so a network that is only told to look like it forgets what it shows
too little of. Three things hold it: the groups of nothing but silence, whose mouths are shut; a part of the network
that stays as it was; and the weights that are drawn back to where they began after every step.
"""

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from codub.errors import UsageError
from codub.face.generator import Generator
from codub.face.loading import load_face_generator, save_face
from codub.files import replacing
from codub.latent import SPACES
from codub.training import loop
from codub.training.face_clips import FaceClip
from codub.training.face_data import FaceSampler
from codub.training.face_stage import FaceStage
from codub.training.face_task import FaceTask

Progress = Callable[[float, str], None]
FloatArray = NDArray[np.float32]

SETTINGS = "adapt-face"
PLAN = "plan.json"  # how many steps a run was begun with: one that goes on does as many
TRIED = 3  # steps whose time says how many there is time for; the first of them is not counted
RESERVE = 0.85  # of the limit is planned for: another program may want the processor later


@dataclass(frozen=True)
class Adaptation:
    """Settings; YAML states differences. `face.loop.steps` are the most steps that are ever done.

    trained  beginnings of the names of what is trained; () everything
    pull     share of the way back to its first value that a weight goes after a step
    passes   how often each picture may be shown: little footage, few steps
    fewest   steps below which it is not worth while
    """

    face: FaceStage = field(default_factory=FaceStage)
    trained: tuple[str, ...] = ()
    pull: float = 0.0
    passes: float = 12.0
    fewest: int = 8


@dataclass(frozen=True)
class OwnFootage:
    """What a generator is fitted to: clips of one person, latents by kind ("sound", "text") and clip, the silence."""

    clips: tuple[FaceClip, ...]
    latents: Mapping[str, Mapping[str, FloatArray]]
    silence: FloatArray

    @property
    def frames(self) -> int:
        """Pictures in all clips."""
        return sum(map(len, self.clips))


@dataclass(frozen=True)
class AdaptedWeights:
    """Where the fitted weights are, after how many steps of how many that were wanted, and how long they took (s)."""

    path: Path
    steps: int
    wanted: int
    seconds: float


class AdaptationTask(FaceTask):
    """Trains a part of a generator, and draws it back to its first weights."""

    def __init__(self, settings: Adaptation, generator: Generator, sampler: FaceSampler) -> None:
        for name, parameter in generator.named_parameters():
            parameter.requires_grad_(not settings.trained or name.startswith(settings.trained))
        super().__init__(settings.face, generator, sampler)
        self._first = [p.detach().clone() for p in self.generator.parameters()]
        self._pull = settings.pull

    def step(self, number: int) -> dict[str, float]:
        """One step towards the person and a little way back."""
        noted = super().step(number)
        moved = 0.0
        with torch.no_grad():
            for now, first in zip(self.generator.parameters(), self._first, strict=True):
                if now.requires_grad:
                    now.lerp_(first, self._pull)
                    moved += float((now - first).square().sum())
        return {**noted, "moved": math.sqrt(moved)}


def adapt(
    settings: Adaptation,
    footage: OwnFootage,
    base: Path,
    out: Path,
    progress: Progress = lambda fraction, what: None,
    *,
    limit: float = math.inf,
    device: str = "cpu",
    clock: Callable[[], float] = time.monotonic,
) -> AdaptedWeights:
    """The weights of `base` fitted to a person, `out/face.safetensors`, within `limit` seconds of this run.

    Run again after it was stopped, it goes on from its last checkpoint. Where time runs out, what is learnt by then
    counts.

    Raises:
        UsageError: there is too little footage for a step, or too little time for `settings.fewest` of them.
        WeightsError: the base cannot be read.
    """
    started = clock()
    held = load_face_generator(base)
    config = held.network.config
    sampling = replace(settings.face.sampling, made_up_share=0.0)
    if not footage.latents.get("text"):
        sampling = replace(sampling, text_share=0.0)
    face = replace(settings.face, generator=config, sampling=sampling, device=device)
    settings = replace(settings, face=face)
    torch.manual_seed(face.seed)
    sampler = FaceSampler(
        footage.clips,
        footage.latents,
        SPACES[config.space],
        size=config.size,
        window=config.window,
        references=config.references,
        config=sampling,
        seed=face.seed,
        silence=footage.silence,
    )

    def task(steps: int) -> AdaptationTask:
        whole = replace(settings, face=replace(face, loop=replace(face.loop, steps=steps)))
        network = load_face_generator(base).network.requires_grad_(True)
        return AdaptationTask(whole, network, sampler)

    wanted = wanted_steps(settings, footage.frames)
    steps = _planned(out / PLAN, lambda: _affordable(settings, task(wanted), wanted, limit, clock))
    training = task(steps)
    done = loop.run(
        training,
        replace(face.loop, steps=steps),
        out,
        lambda fraction, _: progress(fraction, f"step {round(fraction * steps)} of {steps}"),
        enough=lambda: clock() > started + limit,
    )
    path = out / "face.safetensors"
    save_face(path, training.averaged, {"adapted": json.dumps({"steps": done, "frames": footage.frames})})
    return AdaptedWeights(path, done, wanted, clock() - started)


def wanted_steps(settings: Adaptation, frames: int) -> int:
    """How many steps footage of so many pictures bears.

    Raises:
        UsageError: too few to be worth while.
    """
    sampling = settings.face.sampling
    steps = min(settings.face.loop.steps, int(settings.passes * frames / (sampling.groups * sampling.frames)))
    if steps < settings.fewest:
        raise UsageError(
            f"{frames} pictures of the speaker are too few to fit a face to.",
            cause=f"They bear {steps} steps; with fewer than {settings.fewest} nothing is learnt.",
            fix="Have more of the speaker's lines in the project; the shipped face works without.",
        )
    return steps


def _affordable(
    settings: Adaptation, trial: AdaptationTask, wanted: int, limit: float, clock: Callable[[], float]
) -> int:
    """The wanted steps, or as many as there is time for; the trial's steps are thrown away."""
    if limit == math.inf:
        return wanted
    began = clock()
    for number in range(TRIED):
        began = clock() if number == 1 else began
        trial.step(number)
    each = (clock() - began) / (TRIED - 1)
    steps = wanted if each <= 0 else min(wanted, int(RESERVE * limit / each) - TRIED)
    if steps < settings.fewest:
        raise UsageError(
            f"In {limit / 60:.0f} minutes there is time for {max(0, steps)} steps.",
            cause=f"One takes {each:.1f} s on this machine; fewer than {settings.fewest} teach nothing.",
            fix="Allow more time: --minutes 60.",
        )
    return steps


def _planned(path: Path, plan: Callable[[], int]) -> int:
    if path.is_file():
        return int(json.loads(path.read_text(encoding="utf-8"))["steps"])
    random = torch.get_rng_state()
    steps = plan()
    torch.set_rng_state(random)
    with replacing(path) as temporary:
        temporary.write_text(json.dumps({"steps": steps}) + "\n", encoding="utf-8")
    return steps
