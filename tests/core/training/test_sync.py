"""The sync expert learns which latent goes with which mouth, and teaches without being taught."""

from dataclasses import replace

import pytest
import torch

from codub.errors import UsageError
from codub.face.generator import Generator, GeneratorConfig
from codub.latent import EMBEDDED
from codub.training.face_data import Batch, FaceSampler
from codub.training.face_placing import SamplingConfig
from codub.training.face_stage import FaceStage, FaceTask, LossConfig
from codub.training.loop import LoopConfig
from codub.training.sync import FRAMES, SyncExpert, SyncStage, SyncTask, mouths_of, stretches

CHANNELS, WINDOW = EMBEDDED.channels, 3


class Made:
    """Batches of grey mouths; the latent's first channel is their brightness."""

    def __init__(self, groups: int = 4, frames: int = 2 * FRAMES) -> None:
        self.groups, self.frames = groups, frames

    def with_config(self, config: SamplingConfig) -> "Made":
        return self

    def batch(self, number: int) -> Batch:
        random = torch.Generator().manual_seed(number)
        light = torch.rand(self.groups, self.frames // FRAMES, 1, generator=random).expand(-1, -1, FRAMES).flatten(1)
        windows = torch.zeros(self.groups, self.frames, CHANNELS, WINDOW)
        windows[:, :, 0] = 4 * light[..., None] - 2
        target = light[..., None, None, None].expand(-1, -1, 3, 80, 80)
        return Batch(windows, target, torch.zeros(self.groups, 3, 3, 80, 80), light, torch.zeros_like(light))


def test_stretches_pair_five_frames_with_the_middle_window() -> None:
    batch = Made().batch(0)
    mouths, windows = stretches(batch)
    assert mouths.shape[:3] == (8, FRAMES, 3)
    for i, (mouth, window) in enumerate(zip(mouths, windows, strict=True)):
        group, part = divmod(i, 2)
        torch.testing.assert_close(mouth, mouths_of(batch.target)[group, part * FRAMES : (part + 1) * FRAMES])
        torch.testing.assert_close(window, batch.windows[group, part * FRAMES + 2])


def test_expert_learns_what_belongs_together() -> None:
    torch.manual_seed(0)
    expert = SyncExpert(CHANNELS, WINDOW)
    task = SyncTask(SyncStage(loop=LoopConfig(steps=40)), expert, Made())  # type: ignore[arg-type]
    before = task.step(0)["loss"]
    noted = [task.step(number)["loss"] for number in range(1, 40)]
    assert min(noted[-5:]) < 0.7 * before
    mouths, windows = stretches(Made().batch(1000))
    expert.eval()
    own, other = expert.likeness(mouths, windows), expert.likeness(mouths, windows.flip(0))
    assert own.mean() > other.mean() + 0.02
    assert own.min() >= 0
    assert own.max() <= 1


def stage(**losses: object) -> FaceStage:
    return FaceStage(
        loop=LoopConfig(steps=2),
        generator=GeneratorConfig(window=WINDOW, widths=(8, 16, 16), code=16),
        sampling=SamplingConfig(groups=4, frames=FRAMES),
        losses=replace(LossConfig(adversarial_from=0.0), **losses),  # type: ignore[arg-type]
        precision="float32",
    )


@pytest.mark.parametrize("kind", ["stabilized", "vanilla"])
def test_the_generator_is_taught_and_the_expert_is_not(kind: str) -> None:
    torch.manual_seed(0)
    expert = SyncExpert(CHANNELS, WINDOW)
    before = {name: value.clone() for name, value in expert.state_dict().items()}
    settings = stage(sync=0.1, sync_kind=kind)
    sampler: FaceSampler = Made(frames=FRAMES)  # type: ignore[assignment]
    task = FaceTask(settings, Generator(settings.generator), sampler, expert=expert)
    noted = task.step(0)
    assert noted["sync"] > 0
    assert not expert.training
    assert all(torch.equal(before[name], value) for name, value in expert.state_dict().items())


def test_sync_loss_needs_an_expert() -> None:
    settings = stage(sync=0.1)
    with pytest.raises(UsageError, match="sync expert"):
        FaceTask(settings, Generator(settings.generator), Made())  # type: ignore[arg-type]


def test_the_perceptual_loss_takes_the_experts_eyes_and_needs_it() -> None:
    torch.manual_seed(0)
    settings = stage(perceptual=0.5)
    sampler: FaceSampler = Made(frames=FRAMES)  # type: ignore[assignment]
    task = FaceTask(settings, Generator(settings.generator), sampler, expert=SyncExpert(CHANNELS, WINDOW))
    noted = task.step(0)
    plain = FaceTask(stage(), Generator(settings.generator), sampler)
    assert noted["perceptual"] > 0
    assert "perceptual" not in plain.step(0)
    with pytest.raises(UsageError, match="perceptual loss"):
        FaceTask(settings, Generator(settings.generator), sampler)
