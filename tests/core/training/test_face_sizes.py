"""The sizes and heads that configurations name: each trains two steps on a CPU and gives weights that move a mouth."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.made_faces import FRAMES, made_face

from codub import config
from codub.face.loading import load_face_generator
from codub.training.face import train_stage
from codub.training.face_cache import FaceCache, FaceData
from codub.training.face_stage import FaceStage
from codub.training.loop import LoopConfig


def data() -> FaceData:
    clip = made_face("a-1", "a", 0)
    spoken = np.interp((np.arange(20) + 0.5) / 1.6 - 0.5, np.arange(FRAMES), clip.opening)
    return FaceData((clip,), (), {"sound": {"a-1": np.tile(spoken.astype(np.float32), (512, 1))}})


@pytest.mark.parametrize("head", ["rgb", "warp"])
@pytest.mark.parametrize("size", [96, 128, 256])
def test_two_steps_of_every_size_and_head(size: int, head: str, tmp_path: Path) -> None:
    shipped = config.load(FaceStage, f"train-face-{size}-{head}")
    assert (shipped.generator.size, shipped.generator.head) == (size, head)
    stage = replace(
        shipped,
        loop=LoopConfig(steps=2, checkpoint_every=2, note_every=1),
        sampling=replace(shipped.sampling, groups=1, frames=2),
        losses=replace(shipped.losses, adversarial_from=0.5),
        precision="float32",
    )
    generator = load_face_generator(train_stage(stage, data(), tmp_path, None, lambda fraction, what: None))
    random = np.random.default_rng(0)
    pose = random.integers(0, 256, (1, size, size, 3), np.uint8)
    references = random.integers(0, 256, (generator.references, size, size, 3), np.uint8)
    motion = generator.generate(np.zeros((1, 512, 11), np.float32), pose, references)
    assert motion.colour.shape == (1, 3, size, size)
    np.testing.assert_allclose(motion.blend.sum(1), 1, atol=1e-5)
    inside = motion.mask > 0  # elsewhere the plate stays, and nothing is worked out
    assert (motion.blend[:, -1, inside] == 1).all() == (head == "rgb")


def test_clips_of_another_size_lie_apart(tmp_path: Path) -> None:
    small, large = FaceCache(tmp_path), FaceCache(tmp_path, size=256)
    assert small.clip("a").parent.name == "clips"
    assert (large.clip("a").parent.name, large.made_up("a").parent.name) == ("clips-256", "made-up-256")
    assert FaceCache(tmp_path, size=80).clip("a") == small.clip("a")
    assert large.latent("sound", "a") == small.latent("sound", "a")
    small.made_up("a").parent.mkdir()
    small.close_made_up()
    assert small.has_made_up()
    assert not large.has_made_up()
