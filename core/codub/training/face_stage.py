"""Settings of a stage of face training: network, losses, drawing of batches, rates and number formats."""

import math
from dataclasses import dataclass, field

import torch

from codub.errors import UsageError
from codub.face.generator import GeneratorConfig
from codub.training import vgg19
from codub.training.descent import checked_precision
from codub.training.face_data import Batch
from codub.training.face_placing import SamplingConfig
from codub.training.loop import LoopConfig


@dataclass(frozen=True)
class LossConfig:
    """Weights of the losses. The adversarial one begins at `adversarial_from` (share of the steps) and fades in."""

    mouth: float = 5.0
    gradient: float = 1.0
    opening: float = 1.0  # how much more a wide open frame counts: 1 + this at an opening of 0.2 eye distances
    closing: float = 0.0  # how much more a frame counts in which lips shut between two open ones (p, b, m)
    decided: float = 0.0  # against mixing references: two mouths laid over each other are a ghost
    adversarial: float = 0.004
    adversarial_from: float = 0.6
    sync: float = 0.0  # begins with the adversarial one; needs a sync expert and frames = 5
    sync_kind: str = "stabilized"  # the paper's first stage; "vanilla" is that of its second
    perceptual: float = 0.0  # at every step; to VGG-19 where it was imported, or the sync expert's image branch


@dataclass(frozen=True)
class FaceStage:
    """Settings of a stage; YAML files state differences from these."""

    name: str = "stage1"
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(steps=2000, checkpoint_every=250))
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    sampling: SamplingConfig = field(default_factory=SamplingConfig)
    losses: LossConfig = field(default_factory=LossConfig)
    learning_rate: float = 1.5e-3
    discriminator_rate: float = 4e-4
    warm_up: float = 0.1  # share of the steps
    average: float = 0.995  # of the weights that ship, a step
    # Share of the first stage's weights in those that come of this one. Adversary and sync losses sharpen and open
    # mouths and cost likeness; between the two networks, which lie near each other, both are had (as in WiSE-FT).
    first_share: float = 0.0
    silent_references: float = 0.0  # share of the groups whose shut mouth is made by the silent face
    precision: str = "auto"  # bfloat16 where the processor has it; or "float32", "bfloat16", "float16"
    device: str = "auto"  # each process's own GPU where there is one
    seed: int = 0


@dataclass(frozen=True)
class Check:
    """A fixed set of frames that is never trained on: one group a clip, and its name."""

    name: str
    batch: Batch


def needs_expert(stage: FaceStage) -> bool:
    """Whether a stage cannot be trained without a sync expert."""
    return bool(stage.losses.sync or (stage.losses.perceptual and not vgg19.is_here()))


def one_cycle(number: int, stage: FaceStage) -> float:
    """Learning rate of a step: up in a line over the warm-up, down as half a cosine."""
    place, warm = (number + 0.5) / stage.loop.steps, stage.warm_up
    if place < warm:
        return stage.learning_rate * (0.04 + 0.96 * place / warm)
    return stage.learning_rate * (0.002 + 0.998 * 0.5 * (1 + math.cos(math.pi * (place - warm) / (1 - warm))))


def arithmetic(precision: str, device: torch.device) -> torch.dtype:
    """The number format of the generator's products; "auto" is bfloat16 where the device has it itself.

    Raises:
        UsageError: there is no such format, or the device would only emulate it.
    """
    if precision == "auto":
        return torch.bfloat16 if _has_bfloat16(device) else torch.float32
    kind = checked_precision(precision)
    native = device.type == "cuda" if kind is torch.float16 else _has_bfloat16(device)
    if kind is not torch.float32 and not native:
        raise UsageError(
            f"This processor does not multiply in {precision} itself; emulated it is four times slower.",
            fix="Set precision: auto.",
        )
    return kind


def _has_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies in bfloat16 itself: a CPU that emulates it trains four times slower."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
