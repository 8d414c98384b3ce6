"""Several processes that train one network, one for each GPU (or CPU), started by torchrun or `accelerate launch`."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import torch
from torch import Tensor, distributed, nn

from codub.errors import UsageError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Batch = TypeVar("Batch", bound="DataclassInstance")

CPU = torch.device("cpu")
LONGEST_WAIT = timedelta(hours=24)  # for others that prepare data, or measure
BUCKET = 25 * 2**20  # bytes that are averaged in one message


@dataclass(frozen=True)
class Processes:
    """How many there are, and which of them this one is."""

    rank: int = 0
    count: int = 1
    device: torch.device = CPU  # where this one computes

    @property
    def first(self) -> bool:
        """Whether this process writes files and tells how far it is."""
        return self.rank == 0

    def wait(self) -> None:
        """Until all have come here."""
        if self.count > 1:
            distributed.barrier()

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Give every process the mean gradient; a parameter without one on some process counts as zero there."""
        if self.count == 1:
            return
        trained = [parameter for parameter in parameters if parameter.requires_grad]
        for parameter in trained:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        gradients = [parameter.grad for parameter in trained if parameter.grad is not None]
        for bucket in _buckets(gradients):
            flat = torch.cat([gradient.flatten() for gradient in bucket])
            distributed.all_reduce(flat)
            parts = torch.split(flat / self.count, [gradient.numel() for gradient in bucket])
            for gradient, mean in zip(bucket, parts, strict=True):
                gradient.copy_(mean.view_as(gradient))

    def mean(self, values: Mapping[str, float]) -> dict[str, float]:
        """Mean of each value over all processes, which name the same ones."""
        if self.count == 1 or not values:
            return dict(values)
        names = sorted(values)
        found = torch.tensor([values[name] for name in names], device=self.device)
        distributed.all_reduce(found)
        means = dict(zip(names, (found / self.count).tolist(), strict=True))
        return {name: means[name] for name in values}


ALONE = Processes()


@contextmanager
def joined(device: str = "auto") -> Iterator[Processes]:
    """The processes that the launcher started together, or just this one; "auto" is its own GPU where there is one.

    Raises:
        UsageError: the launcher's variables are incomplete.
    """
    own = _own_device(device)
    count = _count()
    if count == 1:
        yield Processes(device=own)
        return
    missing = [name for name in ("RANK", "MASTER_ADDR", "MASTER_PORT") if name not in os.environ]
    if missing:
        raise UsageError(
            f"WORLD_SIZE is {count}, but {missing[0]} is not set.",
            fix="Start the processes with torchrun, or unset WORLD_SIZE.",
        )
    if own.type == "cuda":
        torch.cuda.set_device(own)
    distributed.init_process_group("nccl" if own.type == "cuda" else "gloo", timeout=LONGEST_WAIT)
    try:
        yield Processes(distributed.get_rank(), count, own)
    finally:
        distributed.destroy_process_group()


def on_device(batch: Batch, device: torch.device) -> Batch:
    """A frozen dataclass of tensors, and of such dataclasses, on another device."""
    held = {kind.name: getattr(batch, kind.name) for kind in fields(batch)}
    moved = {
        name: value.to(device, non_blocking=True) if isinstance(value, Tensor) else on_device(value, device)
        for name, value in held.items()
    }
    return replace(batch, **moved)


def require_alone(what: str) -> None:
    """Stop where several processes were started for a training that is made for one.

    Raises:
        UsageError: they were.
    """
    if _count() > 1:
        raise UsageError(
            f"{what} trains in one process, but {_count()} were started.", fix="Start it without torchrun."
        )


def _count() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def _own_device(name: str) -> torch.device:
    if name != "auto":
        return torch.device(name)
    return torch.device("cuda", _local_rank()) if torch.cuda.is_available() else torch.device("cpu")


def _local_rank() -> int:
    return int(os.environ.get("LOCAL_RANK", "0"))


def _buckets(gradients: list[Tensor]) -> Iterator[list[Tensor]]:
    bucket: list[Tensor] = []
    for gradient in gradients:
        bucket.append(gradient)
        if sum(each.numel() * each.element_size() for each in bucket) >= BUCKET:
            yield bucket
            bucket = []
    if bucket:
        yield bucket
