"""What a dub is asked for, as JSON has it: for programs that drive codub."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from codub.dubbing.deliveries import delivery_from
from codub.dubbing.request import DubRequest
from codub.errors import UsageError


def _path(value: Any) -> Path | None:
    return None if value is None else Path(value)


def _deliveries(values: Mapping[str, Any]) -> dict[int, Any]:
    return {int(cue): delivery_from(delivery, f"the delivery of cue {cue}") for cue, delivery in values.items()}


_READ: dict[str, Callable[[Any], Any]] = {
    "project": _path,
    "lines": _path,
    "output": _path,
    "source_lines": _path,
    "recording": _path,
    "media_folders": lambda value: tuple(map(Path, value)),
    "cues": lambda value: tuple(map(int, value)),
    "deliveries": _deliveries,
}


def request_from(values: Mapping[str, Any]) -> DubRequest:
    """A request from plain values named like the fields of `DubRequest`: paths as texts, lists for tuples.

    Raises:
        UsageError: an unknown name, a value of another kind, or one of `project`, `lines`, `output` is missing.
    """
    known = {field.name for field in fields(DubRequest)}
    if unknown := sorted(set(values) - known):
        raise UsageError(f"A dub knows no '{unknown[0]}'.", fix=f"Known: {', '.join(sorted(known))}.")
    try:
        return DubRequest(**{name: _READ.get(name, lambda v: v)(value) for name, value in values.items()})
    except (TypeError, ValueError, AttributeError) as error:
        raise UsageError("The request for a dub cannot be read.", cause=f"{error}.") from error
