"""A process that trains a tiny face with its sync expert; tests start it, alone or several together, and kill it.

Arguments: run, steps, groups of a process, and the step of the face at which it kills itself (-1: never).
"""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from tests.made_faces import FRAMES, made_face
from torch import nn

from codub.face.generator import GeneratorConfig
from codub.latent import EMBEDDED
from codub.training import face, sync_training
from codub.training.face_cache import FaceData
from codub.training.face_placing import SamplingConfig
from codub.training.face_stage import FaceStage, LossConfig
from codub.training.face_task import FaceTask
from codub.training.loop import LoopConfig
from codub.training.processes import Processes, joined
from codub.training.sync import SyncStage, SyncTask

SYNC = SyncStage(
    loop=LoopConfig(steps=2, checkpoint_every=1, note_every=1),
    sampling=SamplingConfig(groups=2, frames=10, consecutive=True),
)
STAGE = FaceStage(
    loop=LoopConfig(steps=5, checkpoint_every=2, note_every=1),
    generator=GeneratorConfig(window=3, size=32, widths=(8, 16, 16), code=16, dropout=0.0),
    sampling=SamplingConfig(groups=2, frames=5, text_share=0.5),
    # Open mouths count no more: that is a share of a process's own batch.
    losses=LossConfig(opening=0.0, adversarial_from=0.2, sync=0.1),
    precision="float32",
    device="cpu",
    warm_up=0.0,
    average=0.5,
)


class KilledTask(FaceTask):
    """Ends its own process without warning at the step `kill`."""

    kill = -1

    def __init__(self, *arguments: object, **others: object) -> None:
        super().__init__(*arguments, **others)  # type: ignore[arg-type]
        for optimizer in (self._step_generator, self._step_discriminator):
            for group in optimizer.param_groups:
                group["eps"] = 1e-4  # a gradient that is zero but for rounding stays small

    def step(self, number: int) -> dict[str, float]:
        if number == self.kill:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().step(number)


class CalmSyncTask(SyncTask):
    """Teaches the sync expert without dropout, which differs between processes."""

    def step(self, number: int) -> dict[str, float]:
        for module in self.expert.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        return super().step(number)


def data() -> FaceData:
    """Two real people, one made up, one held out."""
    clips = (made_face("a-1", "a", 0), made_face("b-1", "b", 1), made_face("x", "portrait", 0, source="a-1"))
    held_out = (made_face("c-1", "c", 3),)
    latents: dict[str, dict[str, np.ndarray]] = {"sound": {}, "text": {}}
    for clip in (*clips[:2], *held_out):
        times = (np.arange(20) + 0.5) / float(EMBEDDED.rate) * 25 - 0.5
        spoken = np.interp(times, np.arange(FRAMES), clip.opening)
        for kind, scale in (("sound", 1.0), ("text", 2.0)):
            latents[kind][clip.name] = (scale * np.outer(np.linspace(-1, 1, 512), spoken)).astype(np.float32)
    return FaceData(clips, held_out, latents)


def train(out: Path, steps: int, groups: int, processes: Processes) -> Path:
    """The sync expert, then a stage that it teaches, as `codub train face` does, through `KilledTask`."""
    stage = replace(
        STAGE,
        loop=replace(STAGE.loop, steps=steps),
        sampling=replace(STAGE.sampling, groups=groups),
    )
    sync = replace(SYNC, sampling=replace(SYNC.sampling, groups=groups))
    held = data()

    def quiet(fraction: float, what: str) -> None:
        return None

    face.FaceTask, sync_training.SyncTask = KilledTask, CalmSyncTask  # type: ignore[misc]
    try:
        expert = sync_training.train_expert(sync, held, out / "sync", quiet, window=3, processes=processes)
        return face.train_stage(stage, held, out / "face", None, quiet, expert, processes=processes)
    finally:
        face.FaceTask, sync_training.SyncTask = FaceTask, SyncTask  # type: ignore[misc]


if __name__ == "__main__":
    run, steps, groups, kill = sys.argv[1:]
    KilledTask.kill = int(kill)
    with joined("cpu") as processes:
        train(Path(run), int(steps), int(groups), processes)
