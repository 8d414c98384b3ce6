"""Both stages on tiny made faces: the loss on a fixed batch falls, and a cut run ends like a whole one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.made_faces import FRAMES, made_face

from codub.errors import CodubError, UsageError
from codub.face.generator import Generator, GeneratorConfig
from codub.face.loading import load_face_generator
from codub.face.mouth_kinds import pick_mouths
from codub.face.silent import load_silent_face
from codub.latent import EMBEDDED
from codub.training.face import train_stage
from codub.training.face_cache import FaceData
from codub.training.face_data import FaceSampler, draw_references, statistics, whole_clip
from codub.training.face_placing import SamplingConfig
from codub.training.face_stage import FaceStage, LossConfig, one_cycle
from codub.training.face_task import FaceTask
from codub.training.loop import CHECKPOINT, LoopConfig

TINY = GeneratorConfig(window=3, size=32, widths=(8, 16, 16), code=16, dropout=0.0)


def data() -> FaceData:
    clips = (made_face("a-1", "a", 0), made_face("b-1", "b", 1), made_face("x", "portrait", 0, source="a-1"))
    held_out = (made_face("c-1", "c", 3),)
    latents: dict[str, dict[str, np.ndarray]] = {"sound": {}, "text": {}}
    for clip in (*clips[:2], *held_out):
        times = (np.arange(20) + 0.5) / 40 * 25 - 0.5
        spoken = np.interp(times, np.arange(FRAMES), clip.opening)
        for kind, scale in (("sound", 1.0), ("text", 2.0)):
            latents[kind][clip.name] = (scale * np.outer(np.linspace(-1, 1, 512), spoken)).astype(np.float32)
    return FaceData(clips, held_out, latents)


def stage(**changes: object) -> FaceStage:
    base = FaceStage(
        loop=LoopConfig(steps=2, checkpoint_every=1, note_every=1),
        generator=TINY,
        sampling=SamplingConfig(groups=2, frames=3),
        losses=LossConfig(adversarial_from=0.5),
        precision="float32",
        warm_up=0.0,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def task(settings: FaceStage, held: FaceData) -> FaceTask:
    torch.manual_seed(0)
    sampler = FaceSampler(held.clips, held.latents, EMBEDDED, size=32, window=3, config=settings.sampling, seed=0)
    return FaceTask(settings, Generator(settings.generator), sampler)


@pytest.mark.parametrize("text_share", [0.0, 0.7])
def test_loss_on_a_fixed_batch_falls(text_share: float) -> None:
    sampling = SamplingConfig(groups=2, frames=3, text_share=text_share)
    settings = stage(sampling=sampling, loop=LoopConfig(steps=4), losses=LossConfig(adversarial_from=0.5))
    held = data()
    training = task(settings, held)
    sampler = FaceSampler(held.clips, held.latents, EMBEDDED, size=32, window=3, config=sampling, seed=0)
    fixed = sampler.batch(0)
    before = training.loss_on(fixed)
    noted = [training.step(number) for number in range(4)]
    assert training.loss_on(fixed) < before
    assert "adversarial" not in noted[0]
    assert "adversarial" in noted[3]


def test_the_discriminator_learns_to_tell() -> None:
    settings = stage(loop=LoopConfig(steps=8), losses=LossConfig(adversarial_from=0.0), discriminator_rate=2e-3)
    training = task(settings, data())
    noted = [training.step(number)["discriminator"] for number in range(8)]
    assert noted[-1] < noted[0]


def test_two_stages_write_weights_that_load(tmp_path: Path) -> None:
    held = data()
    first = train_stage(stage(), held, tmp_path / "one", None, lambda fraction, what: None)
    settings = stage(sampling=SamplingConfig(groups=2, frames=3, text_share=0.7))
    second = train_stage(settings, held, tmp_path / "two", first, lambda fraction, what: None)
    generator = load_face_generator(second)
    # Statistics are those of the first stage's latents: both stages look at one space.
    mean, _ = statistics(list(held.latents["sound"].values()))
    np.testing.assert_allclose(generator.network.mean.numpy(), mean, atol=1e-6)
    assert (tmp_path / "two" / "sample-000002.png").is_file()
    assert "mouth_psnr" in generator.metadata["figures"]


def test_a_share_of_the_first_stage_is_kept_in_what_ships(tmp_path: Path) -> None:
    first = train_stage(stage(), data(), tmp_path / "one", None, lambda fraction, what: None)
    start = train_stage(stage(seed=1), data(), tmp_path / "two", first, lambda fraction, what: None)
    made = [
        train_stage(stage(first_share=share), data(), tmp_path / str(share), start, lambda f, w: None, first=first)
        for share in (0.0, 0.5, 1.0)
    ]
    none, half, whole, kept = (load_face_generator(path).network.head.weight for path in (*made, first))
    torch.testing.assert_close(whole, kept)
    torch.testing.assert_close(half, (none + kept) / 2, atol=1e-4, rtol=1e-2)
    assert not torch.equal(none, kept)


def test_weights_of_another_size_are_refused(tmp_path: Path) -> None:
    first = train_stage(stage(), data(), tmp_path / "one", None, lambda fraction, what: None)
    wider = stage(generator=replace(TINY, code=32))
    with pytest.raises(CodubError, match="another network"):
        train_stage(wider, data(), tmp_path / "two", first, lambda fraction, what: None)


def test_resumed_stage_equals_uninterrupted(tmp_path: Path) -> None:
    settings = stage(loop=LoopConfig(steps=4, checkpoint_every=2, note_every=1), average=0.5)
    whole = train_stage(settings, data(), tmp_path / "whole", None, lambda fraction, what: None)

    def kill(fraction: float, what: str) -> None:
        if what.startswith("step 3"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_stage(settings, data(), tmp_path / "cut", None, kill)
    assert (tmp_path / "cut" / CHECKPOINT).is_file()
    cut = train_stage(settings, data(), tmp_path / "cut", None, lambda fraction, what: None)
    a, b = (load_face_generator(path).network.state_dict() for path in (whole, cut))
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_batches_are_the_same_each_time_and_differ_by_number() -> None:
    held = data()
    config = SamplingConfig(groups=2, frames=3)
    sampler = FaceSampler(held.clips, held.latents, EMBEDDED, size=32, window=3, config=config, seed=5)
    assert torch.equal(sampler.batch(7).target, sampler.batch(7).target)
    assert not torch.equal(sampler.batch(7).target, sampler.batch(8).target)
    assert sampler.batch(0).windows.shape == (2, 3, 512, 3)
    assert sampler.batch(0).references.shape == (2, 3, 3, 32, 32)


def test_windows_follow_the_frames() -> None:
    """Without disturbance, the latent of a frame tells the opening of that very frame."""
    held = data()
    calm = SamplingConfig(groups=4, frames=6, made_up_share=0.5, latent_noise=0, latent_jitter=0)
    batch = FaceSampler(held.clips, held.latents, EMBEDDED, size=32, window=3, config=calm, seed=0).batch(0)
    spoken = batch.windows[..., -1, 1].flatten().numpy()
    assert np.corrcoef(spoken, batch.opening.flatten().numpy())[0, 1] > 0.97


@pytest.mark.parametrize("rate", [24000 / 1001, 25.0, 60.0])
def test_windows_are_read_at_the_pictures_own_times(rate: float) -> None:
    times = (np.arange(FRAMES) + 0.5) / rate
    clip = replace(made_face("a", "a", 1), stamps=times)
    ramp = np.tile(np.arange(60, dtype=np.float32) / 40, (512, 1))  # each vector holds its time, at 40 Hz
    whole = whole_clip(clip, ramp, EMBEDDED, GeneratorConfig(references=3, window=1))
    chosen = pick_mouths(clip.opening, clip.widths(), 3)
    wanted = [time for frame, time in enumerate(times) if frame not in chosen]
    np.testing.assert_allclose(whole.windows[0, :, 0, 0], np.maximum(np.array(wanted) - 0.5 / 40, 0), atol=1e-5)


def test_silence_goes_with_shut_mouths() -> None:
    held = data()
    silence = np.full(512, 7, np.float32)
    config = SamplingConfig(groups=6, frames=2, silent_share=1.0, latent_noise=0)
    batch = FaceSampler(
        held.clips, held.latents, EMBEDDED, size=32, window=3, config=config, seed=0, silence=silence
    ).batch(0)
    assert (batch.windows == 7).all()
    assert batch.opening.max() < 0.03


def test_references_are_of_each_kind_and_no_targets() -> None:
    clip = made_face("a-1", "a", 0)
    rng = np.random.default_rng(0)
    for _ in range(20):
        targets = rng.choice(FRAMES, 3, replace=False)
        closed, wide, between, rounded, spread = draw_references(clip, targets, 5, rng)
        assert not {closed, wide, between, rounded, spread} & set(targets.tolist())
        assert clip.opening[closed] < clip.opening[between] < clip.opening[wide]
        assert clip.widths()[rounded] < clip.widths()[spread]


def test_few_references_are_the_nearest_of_those_there_are() -> None:
    held = data()
    calm = {"groups": 1, "frames": 2, "shift": 0.0, "turn": 0.0, "scale": 0.0, "blur": 0.0, "latent_noise": 0.0}
    config = SamplingConfig(**calm, few_references=1.0)  # type: ignore[arg-type]
    sampler = FaceSampler(held.clips, held.latents, EMBEDDED, size=32, window=3, references=5, config=config, seed=0)
    different = [len({picture.numpy().tobytes() for picture in sampler.batch(n).references[0]}) for n in range(20)]
    assert min(different) == 1
    assert max(different) < 5


def test_shut_lips_between_open_ones_are_told_from_a_mouth_that_rests() -> None:
    opening = np.array([0.01] * 20 + [0.2, 0.15, 0.02, 0.15, 0.2] + [0.01] * 20, np.float32)
    clip = replace(made_face("a-1", "a", 0), opening=opening)
    shutting = clip.shutting()
    assert shutting[22]
    assert not shutting[:16].any()
    assert not shutting[[20, 21, 23, 24]].any()


def silent_stage() -> FaceStage:
    sampling = SamplingConfig(groups=2, frames=3, silent_share=1.0, open_references=True, latent_noise=0)
    return stage(generator=replace(TINY, references=1), sampling=sampling, losses=LossConfig(adversarial_from=0.5))


def test_the_silent_face_is_trained_on_silence_and_shuts_pictures(tmp_path: Path) -> None:
    held = replace(data(), silence=np.full(512, 3, np.float32))
    path = train_stage(silent_stage(), held, tmp_path, None, lambda fraction, what: None)
    assert (load_face_generator(path).network.mean == 3).all()
    crop = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    shut = load_silent_face(path).shut(crop)
    assert shut.shape == crop.shape
    np.testing.assert_array_equal(shut[0], crop[0])


def test_some_references_are_the_silent_faces() -> None:
    silent = Generator(replace(TINY, references=1))
    torch.nn.init.constant_(silent.head.bias, 1.0)
    settings = stage(silent_references=0.5)
    held = data()
    sampler = FaceSampler(held.clips, held.latents, EMBEDDED, size=32, window=3, config=settings.sampling, seed=0)
    training = FaceTask(settings, Generator(settings.generator), sampler, silent=silent)
    changed = 0
    for number in range(10):
        plain = sampler.batch(number)
        batch = training.with_silent(plain, number)
        changed += sum(not torch.equal(a[0], b[0]) for a, b in zip(plain.references, batch.references, strict=True))
        assert torch.equal(plain.references[:, 1:], batch.references[:, 1:])
    assert 4 <= changed <= 16
    with pytest.raises(UsageError, match="no silent face"):
        FaceTask(settings, Generator(settings.generator), sampler)


def test_one_cycle_rises_then_falls() -> None:
    settings = FaceStage(loop=LoopConfig(steps=100))
    rates = [one_cycle(number, settings) for number in range(100)]
    assert max(rates) == pytest.approx(settings.learning_rate, rel=0.01)
    assert rates.index(max(rates)) in (9, 10)
    assert rates[-1] < 0.01 * settings.learning_rate
