"""The sync expert: whether a moving mouth and a stretch of latent belong together.

A stand-in for the paper's AVSyncNet that hears no mel: its speech branch eats the latent itself, so it judges text and
sound alike (an extension, not the paper's). Trained on true frames only; frozen while it teaches the generator.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.training.face_data import Batch, FaceSampler
from codub.training.face_placing import SamplingConfig
from codub.training.loop import LoopConfig

FRAMES = 5  # 0.2 s at 25 frames/s, as SyncNet and its followers have it


class SyncExpert(nn.Module):
    """Unit codes of moving mouths and of latents; their product is the cosine."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, channels: int, window: int, code: int = 128) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("deviation", torch.ones(channels))
        widths = (3 * FRAMES, 32, 64, 96, 128)
        layers: list[nn.Module] = []
        for a, b in pairwise(widths):
            layers += [nn.Conv2d(a, b, 3, stride=2, padding=1), nn.GroupNorm(8, b), nn.SiLU()]
        self.sight = nn.Sequential(*layers, nn.AdaptiveAvgPool2d((3, 3)), nn.Flatten(), nn.Linear(128 * 9, code))
        self.hearing = nn.Sequential(
            nn.Conv1d(channels, 128, 1),
            nn.SiLU(),
            nn.Conv1d(128, 128, 3, padding=1),
            nn.SiLU(),
            nn.Flatten(),
            nn.Dropout(0.2),
            nn.Linear(128 * window, code),
        )

    def look(self, mouths: Tensor) -> Tensor:
        """Codes `(B, code)` of mouth windows `(B, 5, 3, H, W)` 0..1."""
        return functional.normalize(self.sight(mouths.flatten(1, 2) * 2 - 1), dim=-1)

    def listen(self, windows: Tensor) -> Tensor:
        """Codes `(B, code)` of the latent windows `(B, C, window)` round the middle frames."""
        return functional.normalize(self.hearing((windows - self.mean[:, None]) / self.deviation[:, None]), dim=-1)

    def likeness(self, mouths: Tensor, windows: Tensor) -> Tensor:
        """Similarity `(B,)` in 0..1: half of one plus the cosine."""
        return (1 + (self.look(mouths) * self.listen(windows)).sum(-1)) / 2


@dataclass(frozen=True)
class SyncStage:
    """Settings of the expert's training. A group holds several stretches of one clip, each other's negatives."""

    loop: LoopConfig = field(default_factory=lambda: LoopConfig(steps=400, checkpoint_every=100))
    sampling: SamplingConfig = field(
        default_factory=lambda: SamplingConfig(groups=8, frames=4 * FRAMES, consecutive=True, text_share=0.5)
    )
    learning_rate: float = 1e-3
    temperature: float = 0.1
    seed: int = 7


class SyncTask:
    """Contrastive training on true frames (InfoNCE both ways)."""

    def __init__(self, stage: SyncStage, expert: SyncExpert, sampler: FaceSampler) -> None:
        self._stage, self._sampler = stage, sampler.with_config(replace(stage.sampling, consecutive=True))
        self.expert = expert.train()
        self._optimizer = torch.optim.AdamW(expert.parameters(), lr=stage.learning_rate, weight_decay=0.05)

    def step(self, number: int) -> dict[str, float]:
        """One step; `right` is the share of mouths whose own latent is the likest of the batch."""
        fade = 1 - number / self._stage.loop.steps
        for group in self._optimizer.param_groups:
            group["lr"] = self._stage.learning_rate * max(0.02, fade)
        mouths, windows = stretches(self._sampler.batch(number))
        scores = self.expert.look(mouths) @ self.expert.listen(windows).T / self._stage.temperature
        own = torch.arange(len(scores))
        loss = (functional.cross_entropy(scores, own) + functional.cross_entropy(scores.T, own)) / 2
        self._optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self._optimizer.step()
        return {"loss": float(loss.detach()), "right": float((scores.argmax(1) == own).float().mean())}

    def state(self) -> dict[str, Any]:
        """Weights and optimizer."""
        return {"expert": self.expert.state_dict(), "optimizer": self._optimizer.state_dict()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave."""
        self.expert.load_state_dict(state["expert"])
        self._optimizer.load_state_dict(state["optimizer"])

    def report(self, number: int, folder: Path) -> dict[str, float]:
        """Nothing beyond the notes of the steps."""
        return {}


def stretches(batch: Batch) -> tuple[Tensor, Tensor]:
    """Mouths `(B, 5, 3, H, W)` and the windows `(B, C, W)` of their middle frames: every clip's stretches in turn."""
    groups, frames = batch.windows.shape[:2]
    count = frames // FRAMES
    pictures = mouths_of(batch.target)[:, : count * FRAMES]
    mouths = pictures.reshape(groups * count, FRAMES, *pictures.shape[2:])
    middles = batch.windows[:, FRAMES // 2 : count * FRAMES : FRAMES]
    return mouths, middles.reshape(groups * count, *middles.shape[2:])


def mouths_of(pictures: Tensor) -> Tensor:
    """The part of lower-face crops `(..., S, S)` that judges look at: mouth and chin, a multiple of 8 pixels."""
    size = pictures.shape[-1]
    low = round(0.12 * size)
    high = low + 8 * round(0.76 * size / 8)
    return pictures[..., low:high, low:high]
