"""The form a CPU runs gives what the network itself gives."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from codub.face.fused_generator import FusedGenerator
from codub.face.generator import Generator, GeneratorConfig
from codub.face.loading import TorchFaceGenerator
from codub.latent import EMBEDDED

SMALL = GeneratorConfig(channels=6, window=3, size=32, widths=(8, 48, 56, 64), code=16, references=2)


def made(config: GeneratorConfig) -> Generator:
    """A network whose every weight matters."""
    torch.manual_seed(0)
    network = Generator(config).eval().requires_grad_(False)
    for module in network.modules():
        if isinstance(module, nn.GroupNorm):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    nn.init.normal_(network.head.weight, std=0.1)
    network.mean.uniform_(-1, 1)
    network.deviation.uniform_(0.5, 2)
    return network


@pytest.mark.parametrize("config", [SMALL, replace(SMALL, head="rgb"), replace(SMALL, size=48, widths=(8, 16, 56))])
@pytest.mark.parametrize("frames", [1, 3])
def test_the_same_motion(config: GeneratorConfig, frames: int) -> None:
    network = made(config)
    size = config.size
    windows = torch.randn(frames, config.channels, config.window)
    pose, references = torch.rand(frames, 3, size, size), torch.rand(config.references, 3, size, size)
    with torch.inference_mode():
        fused = FusedGenerator(copy.deepcopy(network))
        motion = fused(windows, pose, fused.identify(references))
        plain = network(windows[None], pose[None], network.identify(references[None]))
    shown = network.mask[0, 0] > 0  # the other places are not looked at
    for found, wanted in zip(motion, plain, strict=True):
        torch.testing.assert_close(found[..., shown], wanted[..., shown], rtol=0, atol=1e-5)
    torch.testing.assert_close(motion.blend.sum(1), torch.ones(frames, size, size))


@pytest.mark.parametrize("references", [3, 5, 8])
def test_in_bfloat16_the_same_picture(references: int) -> None:
    """Of weights as they are trained: flows that are small, a picture that is nobody's noise."""
    torch.manual_seed(0)
    network = Generator(replace(SMALL, references=references)).eval().requires_grad_(False)
    nn.init.normal_(network.head.weight, std=0.02)
    size = network.config.size
    windows = torch.randn(4, SMALL.channels, SMALL.window)
    smooth = functional.interpolate(torch.rand(references, 3, 4, 4), size=(size, size), mode="bicubic").clamp(0, 1)
    pose = smooth[:1].expand(4, -1, -1, -1)
    with torch.inference_mode():
        ways = [FusedGenerator(network, dtype) for dtype in (torch.float32, torch.bfloat16)]
        motions = [way(windows, pose, way.identify(smooth)) for way in ways]
        pictures = [network.picture(motion, pose[None], smooth[None]) for motion in motions]
    assert 10 * torch.log10(1 / (pictures[0] - pictures[1]).square().mean()) > 50


def test_references_are_looked_at_once_a_clip_and_people_are_not_mixed_up() -> None:
    config = replace(SMALL, channels=512)
    network = made(config)
    generator = TorchFaceGenerator(copy.deepcopy(network), EMBEDDED)
    random = np.random.default_rng(0)
    windows = random.standard_normal((2, 512, 3)).astype(np.float32)
    pose = random.integers(0, 256, (2, 32, 32, 3), np.uint8)
    people = [random.integers(0, 256, (2, 32, 32, 3), np.uint8) for _ in range(6)]
    looked: list[int] = []
    generator.network.identity.register_forward_hook(lambda *_: looked.append(1))
    for who in (0, 0, 1, 0, 1):
        first = generator.generate(windows, pose, people[who])
    assert len(looked) == 2
    for who in range(6):
        generator.generate(windows, pose, people[who])
    again = generator.generate(windows, pose, people[1])
    np.testing.assert_array_equal(again.flow, first.flow)


def test_a_face_that_moves_steadily_is_as_if_every_frame_were_looked_at() -> None:
    network = made(replace(SMALL, channels=512)).requires_grad_(False)
    generator = TorchFaceGenerator(network, EMBEDDED)
    random = np.random.default_rng(0)
    ends = random.integers(60, 180, (2, 32, 32, 3)).astype(float)
    ends[1] = ends[0] + random.normal(0, 10, (32, 32, 3))
    pose = np.stack([ends[0] + way * (ends[1] - ends[0]) for way in np.linspace(0, 1, 8)]).round().astype(np.uint8)
    windows = random.standard_normal((8, 512, 3)).astype(np.float32)
    references = random.integers(0, 256, (2, 32, 32, 3), np.uint8)
    looked: list[int] = []
    whole = [generator.generate(windows[i : i + 1], pose[i : i + 1], references).colour for i in range(8)]
    shown = generator.network.mask[0, 0].numpy() > 0
    look = generator._fused._look
    generator._fused._look = lambda pictures: looked.append(len(pictures)) or look(pictures)  # type: ignore
    few = generator.generate(windows, pose, references).colour
    assert looked == [2]
    assert np.abs(few - np.concatenate(whole))[..., shown].mean() < 0.005
