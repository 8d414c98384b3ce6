"""AdamW over several processes in mixed precision, its rate falling by epochs."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from codub.errors import UsageError
from codub.training.processes import ALONE, Processes

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class DescentConfig:
    """AdamW; the rate is multiplied by `gamma` after every epoch. `clip` limits the gradient's norm, 0: it does not."""

    learning_rate: float = 2e-4
    betas: tuple[float, ...] = (0.8, 0.99)
    eps: float = 1e-9
    weight_decay: float = 0.01
    gamma: float = 0.999
    clip: float = 0.0


class Descent:
    """Steps of some parameters down their loss."""

    def __init__(
        self,
        parameters: Sequence[nn.Parameter],
        config: DescentConfig,
        precision: str = "float32",
        processes: Processes = ALONE,
    ) -> None:
        self._parameters = list(parameters)
        self._config = config
        self._processes = processes
        self._optimizer = torch.optim.AdamW(
            self._parameters,
            config.learning_rate,
            betas=(config.betas[0], config.betas[1]),
            eps=config.eps,
            weight_decay=config.weight_decay,
        )
        # Only float16 runs out of exponents; the scale is halved whenever a gradient overflows, and that step left out.
        kind = self._parameters[0].device.type
        self._scaler = torch.amp.GradScaler(kind, enabled=checked_precision(precision) is torch.float16)

    def step(self, loss: Tensor, epoch: int) -> dict[str, float]:
        """Take one step; what to note: the gradient's norm before clipping, or that float16 overflowed."""
        for group in self._optimizer.param_groups:
            group["lr"] = self._config.learning_rate * self._config.gamma**epoch
        self._optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(self._scaler.scale(loss))
        self._processes.average_gradients(self._parameters)
        self._scaler.unscale_(self._optimizer)
        limit = self._config.clip or float("inf")
        norm = nn.utils.clip_grad_norm_(self._parameters, limit)
        self._scaler.step(self._optimizer)
        self._scaler.update()
        if self._scaler.is_enabled() and not torch.isfinite(norm):
            return {"overflows": 1.0}
        return {"gradient": float(norm)}

    def state_dict(self) -> dict[str, Any]:
        """The optimizer's moments and the scale."""
        return {"optimizer": self._optimizer.state_dict(), "scaler": self._scaler.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what `state_dict` gave."""
        self._optimizer.load_state_dict(state["optimizer"])
        if state["scaler"]:
            self._scaler.load_state_dict(state["scaler"])


def checked_precision(name: str) -> torch.dtype:
    """The number format of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in PRECISIONS:
        raise UsageError(f"There is no precision '{name}'.", fix=f"There are: {', '.join(PRECISIONS)}.")
    return PRECISIONS[name]


def mixed(device: torch.device, precision: str) -> AbstractContextManager[None]:
    """In here networks compute in that precision where it is safe; losses are to be taken outside, in float32."""
    kind = checked_precision(precision)
    context: AbstractContextManager[None] = torch.autocast(device.type, kind, enabled=kind is not torch.float32)
    return context
