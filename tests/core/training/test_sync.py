"""The sync expert learns which latent goes with which mouth, and teaches without being taught."""

import json
import math
from dataclasses import replace

import pytest
import torch

from codub import config
from codub.errors import UsageError
from codub.face.generator import Generator, GeneratorConfig
from codub.latent import EMBEDDED
from codub.training import vgg19
from codub.training.face_data import Batch, FaceSampler
from codub.training.face_mels import MEL, MEL_WINDOW
from codub.training.face_placing import SamplingConfig
from codub.training.face_stage import FaceStage, LossConfig
from codub.training.face_task import FaceTask
from codub.training.loop import LoopConfig
from codub.training.sync import SyncExpert, SyncStage, SyncTask
from codub.training.sync_figures import FRAMES, mouths_of

CHANNELS, WINDOW = EMBEDDED.channels, 3


class Made:
    """Batches of grey mouths whose brightness changes every five frames; the speech's first channel tells it."""

    def __init__(self, groups: int = 4, frames: int = 4 * FRAMES, mels: bool = False) -> None:
        self.groups, self.frames, self.mels = groups, frames, mels

    def with_config(self, config: SamplingConfig) -> "Made":
        return self

    def batch(self, number: int, part: int = 0) -> Batch:
        random = torch.Generator().manual_seed(number)
        parts = self.frames // FRAMES
        # The parts of a clip are spread over all brightnesses, in any order.
        light = torch.stack([torch.randperm(parts, generator=random) for _ in range(self.groups)]) / max(parts - 1, 1)
        light = light.repeat_interleave(FRAMES, 1)
        windows = torch.zeros(self.groups, self.frames, CHANNELS, WINDOW)
        windows[:, :, 0] = 4 * light[..., None] - 2
        target = light[..., None, None, None].expand(-1, -1, 3, 80, 80)
        mels = torch.zeros(self.groups, self.frames, MEL.channels, MEL_WINDOW)
        mels[:, :, 0] = 4 * light[..., None] - 2
        heard = {"mels": mels} if self.mels else {}
        return Batch(windows, target, torch.zeros(self.groups, 3, 3, 80, 80), light, torch.zeros_like(light), **heard)


def expert(hears: str = "latent") -> SyncExpert:
    torch.manual_seed(0)
    return SyncExpert(MEL.channels, MEL_WINDOW, hears="mel") if hears == "mel" else SyncExpert(CHANNELS, WINDOW)


def test_scores_pair_five_frames_with_every_time_of_their_own_clip() -> None:
    listener = expert().eval()
    task = SyncTask(SyncStage(), listener, Made())  # type: ignore[arg-type]
    listener.eval()
    batch = Made().batch(0)
    scores = task.scores(batch) * SyncStage().temperature
    assert scores.shape == (4, 4, 20)
    mouths = mouths_of(batch.target)[2, 5:10][None]
    alone = 2 * listener.likeness(mouths, batch.windows[2, 13][None]) - 1
    torch.testing.assert_close(scores[2, 1, 13], alone[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("hears", ["latent", "mel"])
def test_expert_learns_what_belongs_together_within_a_clip(hears: str) -> None:
    sampler: FaceSampler = Made(mels=hears == "mel")  # type: ignore[assignment]
    learner = expert(hears)
    task = SyncTask(SyncStage(hears=hears, loop=LoopConfig(steps=40)), learner, sampler)
    before = task.step(0)["loss"]
    noted = [task.step(number)["loss"] for number in range(1, 40)]
    assert min(noted[-5:]) < 0.7 * before
    learner.eval()
    batch = sampler.batch(1000)
    mouths = mouths_of(batch.target).unflatten(1, (-1, FRAMES))[0]
    own = learner.heard(batch)[0, FRAMES // 2 :: FRAMES]
    likeness = learner.likeness(mouths, own)
    assert likeness.mean() > learner.likeness(mouths, own.roll(1, 0)).mean() + 0.02
    assert likeness.min() >= 0
    assert likeness.max() <= 1


def test_what_looks_and_voices_tell_is_of_no_use() -> None:
    """Clips that differ from each other, and not from moment to moment: nothing can be learnt of them."""

    class Still(Made):
        def batch(self, number: int, part: int = 0) -> Batch:
            made = super().batch(number)
            one = made.opening[:, :1].expand_as(made.opening)
            return replace(
                made,
                windows=made.windows[:, :1].expand_as(made.windows),
                target=one[..., None, None, None].expand(-1, -1, 3, 80, 80),
            )

    task = SyncTask(SyncStage(loop=LoopConfig(steps=20)), expert(), Still())  # type: ignore[arg-type]
    losses = [task.step(number)["loss"] for number in range(20)]
    # Of 20 times less the two beside the true one, and of 4 mouths: all alike, but for dropout.
    chance = (3 * math.log(18) + math.log(19)) / 8 + math.log(4) / 2
    assert losses[-1] == pytest.approx(chance, abs=0.15)


def test_an_expert_that_hears_mels_needs_them() -> None:
    with pytest.raises(UsageError, match="hears mels"):
        expert("mel").heard(Made().batch(0))
    with pytest.raises(UsageError, match="cannot hear 'words'"):
        SyncStage(hears="words")


def stage(**losses: object) -> FaceStage:
    return FaceStage(
        loop=LoopConfig(steps=2),
        generator=GeneratorConfig(window=WINDOW, widths=(8, 16, 16), code=16),
        sampling=SamplingConfig(groups=4, frames=FRAMES),
        losses=replace(LossConfig(adversarial_from=0.0), **losses),  # type: ignore[arg-type]
        precision="float32",
    )


@pytest.mark.parametrize(("kind", "hears"), [("stabilized", "latent"), ("vanilla", "latent"), ("stabilized", "mel")])
def test_the_generator_is_taught_and_the_expert_is_not(kind: str, hears: str) -> None:
    teacher = expert(hears)
    teacher.figures = {"in_sync": 0.75}
    before = {name: value.clone() for name, value in teacher.state_dict().items()}
    settings = stage(sync=0.1, sync_kind=kind)
    sampler: FaceSampler = Made(frames=FRAMES, mels=True)  # type: ignore[assignment]
    task = FaceTask(settings, Generator(settings.generator), sampler, expert=teacher)
    noted = task.step(0)
    assert noted["sync"] > 0
    assert not teacher.training
    assert all(torch.equal(before[name], value) for name, value in teacher.state_dict().items())
    assert json.loads(task.teachers()["sync_expert"]) == {"hears": hears, "in_sync": 0.75}


def test_sync_loss_needs_an_expert() -> None:
    settings = stage(sync=0.1)
    with pytest.raises(UsageError, match="sync expert"):
        FaceTask(settings, Generator(settings.generator), Made())  # type: ignore[arg-type]


def test_the_perceptual_loss_takes_the_experts_eyes_and_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vgg19, "is_here", lambda: False)
    torch.manual_seed(0)
    settings = stage(perceptual=0.5)
    sampler: FaceSampler = Made(frames=FRAMES)  # type: ignore[assignment]
    task = FaceTask(settings, Generator(settings.generator), sampler, expert=SyncExpert(CHANNELS, WINDOW))
    noted = task.step(0)
    plain = FaceTask(stage(), Generator(settings.generator), sampler)
    assert noted["perceptual"] > 0
    assert task.teachers()["perceptual"] == "sync expert's image branch"
    assert "perceptual" not in plain.step(0)
    with pytest.raises(UsageError, match="perceptual loss"):
        FaceTask(settings, Generator(settings.generator), sampler)


def test_shipped_settings_name_what_is_heard() -> None:
    heard = [config.load(SyncStage, name).hears for name in ("train-sync", "train-sync-mel")]
    assert heard == ["latent", "mel"]
