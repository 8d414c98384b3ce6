"""Training of the Text-to-Vec as a task for the loop: its forward pass, its losses, what it shows of itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from codub.speech.hierspeechpp.mel import log_mel
from codub.speech.hierspeechpp.network import (
    SLICE,
    TextToVecNetwork,
    TrainingBatch,
    TrainingOutput,
    TtvSize,
    slices,
)
from codub.training.descent import Descent, DescentConfig, mixed
from codub.training.loop import LoopConfig
from codub.training.processes import ALONE, Processes, on_device
from codub.training.speech_stack import losses
from codub.training.speech_stack.checkpoint import save_network
from codub.training.speech_stack.features import F0_PER_FRAME, DataConfig
from codub.training.speech_stack.order import Ahead, Order, seed_of
from codub.training.speech_stack.ttv_batches import TtvBatch
from codub.training.speech_stack.ttv_samples import Synthesize, show_line

WEIGHTS = "ttv.safetensors"


@dataclass(frozen=True)
class TtvLossWeights:
    """The published script's weights; its configuration's `c_pho` 45 is read by nothing."""

    w2v: float = 10.0
    kl: float = 0.1
    pitch: float = 1.0
    duration: float = 1.0
    phonemes: float = 1.0


@dataclass(frozen=True)
class TtvTraining:
    """Settings of the whole training; YAML files state differences from these. `batch` is that of one process."""

    loop: LoopConfig = field(default_factory=lambda: LoopConfig(steps=950_000, checkpoint_every=5000, note_every=50))
    network: TtvSize = field(default_factory=TtvSize)
    data: DataConfig = field(default_factory=DataConfig)
    losses: TtvLossWeights = field(default_factory=TtvLossWeights)
    descent: DescentConfig = field(default_factory=DescentConfig)
    batch: int = 32
    ahead: int = 2  # batches made while one trains
    checked: int = 16  # held-out lines that a report measures
    precision: str = "float32"  # "bfloat16", "float16"; losses stay in float32
    device: str = "auto"
    seed: int = 1234


class TtvTask:
    """Trains a TTV on batches; a step depends on its number, the state and the seed."""

    def __init__(
        self,
        settings: TtvTraining,
        batches: Callable[[int], TtvBatch],
        order: Order,
        held_out: Sequence[TtvBatch] = (),
        processes: Processes = ALONE,
        synthesize: Synthesize | None = None,
    ) -> None:
        torch.manual_seed(settings.seed)
        self.network = TextToVecNetwork(settings.network).to(processes.device).train()
        self._settings, self._processes, self._order = settings, processes, order
        self._batches = Ahead(batches, settings.ahead)
        self._held_out, self._synthesize = held_out, synthesize
        self._descent = Descent(list(self.network.parameters()), settings.descent, settings.precision, processes)

    def step(self, number: int) -> dict[str, float]:
        """One step of AdamW; every loss unweighted, their weighted sum, the gradient's norm."""
        torch.manual_seed(seed_of(self._settings.seed, number, self._processes.rank))  # of dropout
        self.network.train()
        found = self.losses_of(self._batches(number))
        noted = self._descent.step(found["loss"], self._order.epoch(number))
        return {**{name: float(value.detach()) for name, value in found.items()}, **noted}

    def losses_of(self, batch: TtvBatch) -> dict[str, Tensor]:
        """Every loss of a batch, and as `loss` their weighted sum."""
        made, batch = self._forward(batch)
        parts = ttv_losses(made, batch)
        weights = self._settings.losses
        total = torch.stack([getattr(weights, kind.name) * parts[kind.name] for kind in fields(weights)]).sum()
        return {"loss": total, **parts}

    def state(self) -> dict[str, Any]:
        """Weights and optimizer."""
        return {"network": self.network.state_dict(), "descent": self._descent.state_dict()}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave."""
        self.network.load_state_dict(state["network"])
        self._descent.load_state_dict(state["descent"])

    @torch.no_grad()
    def report(self, number: int, folder: Path) -> dict[str, float]:
        """Losses of the held-out lines, pictures and sound of the first one; the weights so far, ready to import."""
        save_network(folder / WEIGHTS, self.network, self._settings, number)
        if not self._held_out:
            return {}
        self.network.eval()
        found = [self.losses_of(batch) for batch in self._held_out]
        show_line(self.network, *self._forward(self._held_out[0]), number, folder, self._synthesize)
        self.network.train()
        return {f"held_out_{name}": float(torch.stack([each[name] for each in found]).mean()) for name in found[0]}

    def _forward(self, batch: TtvBatch) -> tuple[TrainingOutput, TtvBatch]:
        batch = on_device(batch, self._processes.device)
        mel = log_mel(batch.sound)
        given = TrainingBatch(batch.w2v, batch.lengths, batch.tokens, batch.token_lengths, mel)
        with mixed(self._processes.device, self._settings.precision):
            return self.network(given, batch.noise), batch


def ttv_losses(made: TrainingOutput, batch: TtvBatch) -> dict[str, Tensor]:
    """The five losses, by the names of their weights."""
    starts = F0_PER_FRAME * made.slice_start
    pitch = slices(batch.log_f0, starts, F0_PER_FRAME * SLICE)
    return {
        "w2v": losses.w2v_l1(made.w2v, batch.w2v),
        "kl": losses.flow_kl(made.z_p, made.log_scale_q, made.mean_p, made.log_scale_p, made.mask),
        "pitch": losses.pitch_l1(made.pitch, pitch),
        "duration": losses.duration_nll(made.duration_nll),
        "phonemes": losses.connectionist(made.phoneme_logits, batch.lengths, batch.phonemes, batch.phoneme_lengths),
    }
