"""The generator's contracts: what it may see, what it gives, where it starts."""

import copy
from dataclasses import replace

import pytest
import torch

from codub.errors import UsageError
from codub.face.generator import Generator, GeneratorConfig, mouth_mask

TINY = GeneratorConfig(channels=6, window=3, size=32, widths=(8, 16, 16), code=16, dropout=0.0)


def inputs(config: GeneratorConfig = TINY, frames: int = 2) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(1)
    size = config.size
    return (
        torch.randn(1, frames, config.channels, config.window, generator=random),
        torch.rand(1, frames, 3, size, size, generator=random),
        torch.rand(1, config.references, 3, size, size, generator=random),
    )


@pytest.fixture(scope="module")
def network() -> Generator:
    torch.manual_seed(0)
    return Generator(TINY).eval()


def test_maps_and_blend(network: Generator) -> None:
    windows, pose, references = inputs()
    motion = network(windows, pose, network.identify(references))
    assert motion.flow.shape == (2, 3, 2, 32, 32)
    assert motion.blend.shape == (2, 4, 32, 32)
    torch.testing.assert_close(motion.blend.sum(1), torch.ones(2, 32, 32))
    assert motion.flow.abs().max() <= TINY.reach


def test_starts_as_the_first_reference(network: Generator) -> None:
    windows, pose, references = inputs()
    motion = network(windows, pose, network.identify(references))
    assert motion.blend[:, 0].min() > 0.6
    assert motion.flow.abs().max() < 0.05


def test_never_sees_the_mouth_of_the_target(network: Generator) -> None:
    windows, pose, references = inputs()
    other = torch.where(network.mask > 0, torch.rand_like(pose), pose)
    identity = network.identify(references)
    for a, b in zip(network(windows, pose, identity), network(windows, other, identity), strict=True):
        torch.testing.assert_close(a, b)


def test_sees_the_rest_of_the_target_and_the_latent(network: Generator) -> None:
    windows, pose, references = inputs()
    identity = network.identify(references)
    with torch.no_grad():
        before = network(windows, pose, identity).blend
        assert not torch.equal(before, network(windows, 1 - pose, identity).blend)
        assert not torch.equal(before, network(windows + 1, pose, identity).blend)


def test_picture_is_the_target_outside_the_mask(network: Generator) -> None:
    windows, pose, references = inputs()
    made = network.picture(network(windows, pose, network.identify(references)), pose, references)
    outside = (network.mask == 0).expand_as(made)
    torch.testing.assert_close(made[outside], pose[0][outside])


def test_frames_of_a_group_do_not_depend_on_each_other(network: Generator) -> None:
    windows, pose, references = inputs(frames=3)
    identity = network.identify(references)
    together = network(windows, pose, identity)
    alone = network(windows[:, 1:2], pose[:, 1:2], identity)
    torch.testing.assert_close(together.flow[1:2], alone.flow, rtol=1e-4, atol=1e-6)


def test_rgb_head_paints_everything() -> None:
    config = GeneratorConfig(channels=6, window=3, size=32, widths=(8, 16, 16), code=16, head="rgb")
    network = Generator(config).eval()
    windows, pose, references = inputs(config)
    motion = network(windows, pose, network.identify(references))
    assert torch.equal(motion.blend[:, -1], torch.ones(2, 32, 32))
    assert not motion.flow.any()


def test_mask_hides_mouth_and_chin_but_no_nose() -> None:
    mask = mouth_mask(80)[0, 0]
    assert mask[32, 40] == 1  # mouth
    assert mask[60, 40] == 1  # chin
    assert mask[12, 40] == 0  # tip of the nose
    assert mask[:, 0].max() == mask[:, -1].max() == mask[-1].max() == 0


def test_full_size_is_about_five_million() -> None:
    count = sum(p.numel() for p in Generator(GeneratorConfig()).parameters())
    assert 4.5e6 < count < 6e6


def test_the_latent_is_normalised_by_what_the_weights_say(network: Generator) -> None:
    windows, pose, references = inputs()
    identity = network.identify(references)
    other = copy.deepcopy(network)
    other.mean.copy_(torch.linspace(-3, 3, TINY.channels))
    other.deviation.copy_(torch.linspace(0.5, 4, TINY.channels))
    as_said = windows * other.deviation[:, None] + other.mean[:, None]
    torch.testing.assert_close(other(as_said, pose, identity).blend, network(windows, pose, identity).blend)


def test_weights_of_before_say_flow_for_the_head_that_warps() -> None:
    assert replace(TINY, head="flow") == replace(TINY, head="warp") == TINY


def test_sizes_and_heads_that_cannot_be() -> None:
    with pytest.raises(UsageError, match="no head 'paint'"):
        replace(TINY, head="paint")
    with pytest.raises(UsageError, match="cannot be halved 2 times"):
        replace(TINY, size=30)
