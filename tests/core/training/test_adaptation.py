"""A small generator fitted to one made person: what moves, what stays, how long, and after a kill."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.made_faces import FRAMES, made_face

from codub import config
from codub.errors import UsageError
from codub.face.generator import Generator, GeneratorConfig
from codub.face.loading import load_face_generator, save_face
from codub.latent import EMBEDDED
from codub.training.adaptation import (
    SETTINGS,
    Adaptation,
    AdaptationTask,
    OwnFootage,
    adapt,
    wanted_steps,
)
from codub.training.face_data import FaceSampler
from codub.training.face_placing import SamplingConfig
from codub.training.face_stage import FaceStage, LossConfig
from codub.training.loop import CHECKPOINT, LoopConfig

TINY = GeneratorConfig(window=3, size=32, widths=(8, 16, 16), code=16, dropout=0.0)
SHIPPED = config.load(Adaptation, SETTINGS)


def settings(steps: int = 4, **changes: object) -> Adaptation:
    face = FaceStage(
        loop=LoopConfig(steps=steps, checkpoint_every=2, note_every=1),
        sampling=SamplingConfig(groups=2, frames=3, text_share=0.5),
        losses=LossConfig(adversarial=0.0),
        learning_rate=1e-3,
        average=0.5,
        precision="float32",
        warm_up=0.0,
    )
    return replace(Adaptation(face, SHIPPED.trained, 0.01, passes=12.0, fewest=2), **changes)  # type: ignore[arg-type]


def footage(kinds: tuple[str, ...] = ("sound", "text")) -> OwnFootage:
    clips = (made_face("ana-1", "ana", 0), made_face("ana-2", "ana", 1))
    rng = np.random.default_rng(0)
    latents = {kind: {clip.name: rng.standard_normal((512, 24), np.float32) for clip in clips} for kind in kinds}
    return OwnFootage(clips, latents, np.zeros(512, np.float32))


@pytest.fixture(params=[3, 5], ids=lambda count: f"{count} references")
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    torch.manual_seed(1)
    save_face(tmp_path / "base.safetensors", Generator(replace(TINY, references=request.param)), {})
    return tmp_path / "base.safetensors"


def weights(path: Path) -> dict[str, torch.Tensor]:
    return load_face_generator(path).network.state_dict()


def test_only_what_reads_the_latent_is_moved(base: Path, tmp_path: Path) -> None:
    made = adapt(settings(), footage(), base, tmp_path / "run")
    before, after = weights(base), weights(made.path)
    assert (made.steps, made.wanted) == (4, 4)
    moved = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert moved == set(SHIPPED.trained)


def test_the_loss_on_the_persons_own_frames_falls(base: Path) -> None:
    own = settings(steps=8)
    network = load_face_generator(base).network.requires_grad_(True)
    own = replace(own, face=replace(own.face, generator=network.config, learning_rate=3e-4))
    held = footage()
    sampler = FaceSampler(
        held.clips,
        held.latents,
        EMBEDDED,
        size=32,
        window=3,
        references=network.config.references,
        config=replace(own.face.sampling, made_up_share=0.0),
        seed=0,
    )
    task = AdaptationTask(own, network, sampler)
    before = task.loss_on(sampler.batch(0))
    for _ in range(8):
        task.step(0)
    assert task.loss_on(sampler.batch(0)) < before


def test_weights_that_are_drawn_back_all_the_way_do_not_move(base: Path, tmp_path: Path) -> None:
    made = adapt(settings(pull=1.0, face=replace(settings().face, average=0.0)), footage(), base, tmp_path / "run")
    free = adapt(settings(pull=0.0), footage(), base, tmp_path / "free")
    distance = {
        path: sum(float((weights(path)[n] - w).square().sum()) for n, w in weights(base).items())
        for path in (made.path, free.path)
    }
    assert distance[made.path] < 0.3 * distance[free.path]  # what is left is the last step, before it is drawn back


def test_killed_and_run_again_it_ends_with_the_same_weights(base: Path, tmp_path: Path) -> None:
    whole = adapt(settings(6), footage(), base, tmp_path / "whole")

    def kill(fraction: float, what: str) -> None:
        if what.startswith("step 3"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        adapt(settings(6), footage(), base, tmp_path / "cut", kill)
    assert (tmp_path / "cut" / CHECKPOINT).is_file()
    told: list[str] = []
    again = adapt(settings(6), footage(), base, tmp_path / "cut", lambda fraction, what: told.append(what))
    assert told[0] == "step 3 of 6"
    assert all(torch.equal(value, weights(again.path)[name]) for name, value in weights(whole.path).items())


def test_without_words_the_sound_alone_teaches(base: Path, tmp_path: Path) -> None:
    assert adapt(settings(2), footage(("sound",)), base, tmp_path / "run").path.is_file()


def test_steps_that_there_is_no_time_for_are_not_begun(base: Path, tmp_path: Path) -> None:
    clock = iter([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 6.0, 6.0])
    made = adapt(settings(40, passes=99.0), footage(), base, tmp_path / "run", limit=6.0, clock=clock.__next__)
    # Two steps of the trial took 1 s, from 2 to 3: 0.85 of 6 s hold ten, less the three of the trial.
    assert (made.steps, made.wanted) == (7, 40)


def test_it_stops_at_a_checkpoint_when_time_is_over(base: Path, tmp_path: Path) -> None:
    clock = iter([0.0, 1.0, 2.0, 3.0, 10.0, 10.0])
    made = adapt(settings(40, passes=99.0), footage(), base, tmp_path / "run", limit=6.0, clock=clock.__next__)
    assert (made.steps, made.seconds) == (2, 10.0)
    assert load_face_generator(made.path).references in (3, 5)


def test_too_little_time_is_refused(base: Path, tmp_path: Path) -> None:
    clock = iter([0.0, 100.0, 200.0, 300.0])
    with pytest.raises(UsageError, match="there is time for 0 steps"):
        adapt(settings(40, passes=99.0), footage(), base, tmp_path / "run", limit=1.0, clock=clock.__next__)


@pytest.mark.parametrize(("frames", "steps"), [(20, 12), (37, 22), (75, 45), (200, 120), (4500, 120)])
def test_little_footage_bears_few_steps(frames: int, steps: int) -> None:
    assert wanted_steps(SHIPPED, frames) == steps


def test_next_to_no_footage_is_refused() -> None:
    with pytest.raises(UsageError, match="12 pictures of the speaker are too few"):
        wanted_steps(SHIPPED, 12)


def test_the_silence_and_the_first_weights_hold_what_little_footage_would_forget() -> None:
    sampling = SHIPPED.face.sampling
    assert sampling.silent_share > 0.1
    assert SHIPPED.pull > 0
    assert SHIPPED.face.losses.adversarial == 0
    assert sampling.groups * sampling.frames <= len(made_face("a", "a", 0)) * FRAMES
