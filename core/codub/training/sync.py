"""The sync expert: whether a moving mouth and a stretch of speech belong together.

A stand-in for the paper's AVSyncNet. By configuration it hears the sound's log-mel, as that does, or the latent itself,
so that it judges text and sound alike (an extension, not the paper's). Trained on true frames of the training people
only; frozen and in evaluation mode while it teaches the generator.

On six people never trained on, of GRID, a mouth fits its own time better than another of its clip in 81 % of pairs, and
the offset of all seconds is found to the frame beside: hearing the embedded latent, 300 steps on 76 clips. With other
clips among the negatives, as many steps on the same clips give 72 % and 97 %. Hearing mels, 600 steps on 133 clips:
79 % and 91 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from codub.errors import UsageError
from codub.training import losses
from codub.training.face_data import Batch, FaceSampler
from codub.training.face_placing import SamplingConfig
from codub.training.loop import LoopConfig
from codub.training.processes import ALONE, Processes, on_device
from codub.training.speech_stack.order import seed_of
from codub.training.sync_figures import FRAMES, SyncCheck, mouths_of, sync_figures

HEARS = ("latent", "mel")


class SyncExpert(nn.Module):
    """Unit codes of moving mouths and of speech; their product is the cosine.

    `hears` says what windows it takes, `(B, channels, window)`; `figures` are those of its training's last report.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, channels: int, window: int, code: int = 128, hears: str = "latent") -> None:
        super().__init__()
        self.hears = hears
        self.figures: dict[str, float] = {}
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
        """Codes `(B, code)` of the windows `(B, C, window)` round the middle frames."""
        return functional.normalize(self.hearing((windows - self.mean[:, None]) / self.deviation[:, None]), dim=-1)

    def likeness(self, mouths: Tensor, windows: Tensor) -> Tensor:
        """Similarity `(B,)` in 0..1: half of one plus the cosine."""
        return (1 + (self.look(mouths) * self.listen(windows)).sum(-1)) / 2

    def heard(self, batch: Batch) -> Tensor:
        """What of a batch it hears: `(G, T, C, window)`.

        Raises:
            UsageError: it hears mels, and the batch has none.
        """
        if self.hears == "latent":
            return batch.windows
        if not batch.mels.numel():
            raise UsageError("The sync expert hears mels, and the batches have none.")
        return batch.mels


def sync_loss(expert: SyncExpert, mouths: Tensor, batch: Batch, kind: str) -> Tensor:
    """How little made mouths `(G, T, 3, h, w)` go with what a batch says: "vanilla", or "stabilized" by how well the
    true ones and the shut reference go with it."""
    windows = expert.heard(batch)[:, FRAMES // 2]
    score = expert.likeness(mouths, windows)
    if kind == "vanilla":
        return losses.vanilla_sync(score)
    with torch.no_grad():
        true = expert.likeness(mouths_of(batch.target), windows)
        still = mouths_of(batch.references[:, :1]).expand(-1, FRAMES, -1, -1, -1)
        reference = expert.likeness(still, windows)
    return losses.stabilized_sync(score, true, reference)


@dataclass(frozen=True)
class SyncStage:
    """Settings of the expert's training. A group is a stretch of one clip: its other times are the negatives."""

    hears: str = "latent"  # or "mel"
    loop: LoopConfig = field(default_factory=lambda: LoopConfig(steps=1400, checkpoint_every=200))
    sampling: SamplingConfig = field(
        default_factory=lambda: SamplingConfig(groups=8, frames=8 * FRAMES, consecutive=True, text_share=0.5)
    )
    learning_rate: float = 1e-3
    temperature: float = 0.1
    seed: int = 7

    def __post_init__(self) -> None:
        if self.hears not in HEARS:
            raise UsageError(f"A sync expert cannot hear '{self.hears}'.", fix=f"It hears one of: {', '.join(HEARS)}.")


class SyncTask:
    """Contrastive training on true frames, within each clip alone.

    Which of a clip's times a moving mouth belongs to, and which of a clip's mouths a window: neither a person's looks
    nor a voice helps to tell. Windows one frame beside the true one count neither as right nor as wrong.
    """

    def __init__(
        self,
        stage: SyncStage,
        expert: SyncExpert,
        sampler: FaceSampler,
        checks: Sequence[SyncCheck] = (),
        processes: Processes = ALONE,
    ) -> None:
        self._stage, self._sampler = stage, sampler.with_config(replace(stage.sampling, consecutive=True))
        self._processes = processes
        self.expert = expert.to(processes.device).train()
        self._checks = checks
        self._optimizer = torch.optim.AdamW(expert.parameters(), lr=stage.learning_rate, weight_decay=0.05)

    def step(self, number: int) -> dict[str, float]:
        """One step; `right` is the share of mouths whose own time is the likest of their clip's."""
        fade = 1 - number / self._stage.loop.steps
        for group in self._optimizer.param_groups:
            group["lr"] = self._stage.learning_rate * max(0.02, fade)
        rank, device = self._processes.rank, self._processes.device
        torch.manual_seed(seed_of(self._stage.seed, number, rank))  # of dropout
        scores = self.scores(on_device(self._sampler.batch(number, rank), device))
        groups, mouths, times = scores.shape
        own = FRAMES * torch.arange(mouths, device=device) + FRAMES // 2
        beside = (torch.arange(times, device=device) - own[:, None]).abs() == 1
        among = scores.masked_fill(beside, -torch.inf).flatten(0, 1)
        loss = functional.cross_entropy(among, own.repeat(groups))
        theirs = scores[:, :, own].transpose(1, 2).flatten(0, 1)
        loss = (loss + functional.cross_entropy(theirs, torch.arange(mouths, device=device).repeat(groups))) / 2
        self._optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self._processes.average_gradients(self.expert.parameters())
        self._optimizer.step()
        return {"loss": float(loss.detach()), "right": float((among.argmax(1) == own.repeat(groups)).float().mean())}

    def scores(self, batch: Batch) -> Tensor:
        """Cosines over the temperature of every group's mouths, five frames each, and all its times: `(G, M, T)`."""
        windows = self.expert.heard(batch)
        groups, times = windows.shape[:2]
        pictures = mouths_of(batch.target)[:, : times - times % FRAMES]
        mouths = pictures.reshape(-1, FRAMES, *pictures.shape[2:])
        seen = self.expert.look(mouths).unflatten(0, (groups, -1))  # type: ignore[no-untyped-call]
        heard = self.expert.listen(windows.flatten(0, 1)).unflatten(0, (groups, -1))  # type: ignore[no-untyped-call]
        return torch.as_tensor(seen @ heard.transpose(1, 2)) / self._stage.temperature

    def state(self) -> dict[str, Any]:
        """Weights and optimizer."""
        return {"expert": self.expert.state_dict(), "optimizer": self._optimizer.state_dict()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave."""
        self.expert.load_state_dict(state["expert"])
        self._optimizer.load_state_dict(state["optimizer"])

    def report(self, number: int, folder: Path) -> dict[str, float]:
        """How well it judges the checks, people it was not trained on: see `sync_figures`."""
        if not self._checks:
            return {}
        self.expert.cpu().eval()  # where the checks are
        with torch.no_grad():
            figures = sync_figures(self.expert.look, self.expert.listen, self._checks)
        self.expert.to(self._processes.device).train()
        return figures
