"""What the file of a model must hold, key by key: recognised by its keys, then checked to the last number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from codub.errors import WeightsError

_SHOWN = 3  # names that an error quotes
_ENOUGH = 0.5  # share of a layout's keys that makes a file one of it, if a broken one
_EXACT = 1e-6  # how near a fixed filter must be to its formula


@dataclass(frozen=True)
class Layout:
    """Keys and shapes of one kind of checkpoint; `title` is its name for people.

    `filters` are buffers that are no parameters: they equal a formula, and a file with other ones is of another model.
    """

    title: str
    shapes: Mapping[str, tuple[int, ...]]
    filters: Mapping[str, Tensor]

    @property
    def parameters(self) -> int:
        """How many trained numbers there are."""
        return sum(_count(shape) for key, shape in self.shapes.items() if key not in self.filters)

    def likeness(self, tensors: Mapping[str, Tensor]) -> float:
        """Share of this layout's keys that are there, 0 to 1."""
        return sum(key in tensors for key in self.shapes) / len(self.shapes)

    def check(self, tensors: Mapping[str, Tensor], file: str, others: Mapping[str, "Layout"]) -> None:
        """Refuse what is not exactly this; `others` help to say what else lies in a mixed file.

        Raises:
            WeightsError: a key too few or too many, a wrong shape or type, a number that is none, another filter.
        """
        self._check_keys(tensors, file, others)
        self._check_shapes(tensors, file)
        require_finite(tensors, file)
        for key, expected in self.filters.items():
            if not torch.allclose(tensors[key], expected, rtol=0.0, atol=_EXACT):
                raise WeightsError(
                    f"'{file}' is not a {self.title} that this version runs.",
                    cause=f"Its filter '{key}' is not the one of the formula.",
                    fix="Give the published file.",
                )

    def _check_keys(self, tensors: Mapping[str, Tensor], file: str, others: Mapping[str, "Layout"]) -> None:
        missing = [key for key in self.shapes if key not in tensors]
        unknown = [key for key in tensors if key not in self.shapes]
        if missing:
            raise WeightsError(
                f"'{file}' looks like {self.title}, but lacks {len(missing)} of {len(self.shapes)} tensors.",
                cause=f"Missing: {some(missing)}." + (f" Unknown: {some(unknown)}." if unknown else ""),
                fix="Give the published file, whole.",
            )
        if unknown:
            mixed = [other.title for other in others.values() if any(key in other.shapes for key in unknown)]
            raise WeightsError(
                f"'{file}' holds {self.title} and {len(unknown)} tensors that do not belong to it.",
                cause=f"Unknown: {some(unknown)}." + (f" Some belong to {mixed[0]}." if mixed else ""),
                fix="Give the published file of one model.",
            )

    def _check_shapes(self, tensors: Mapping[str, Tensor], file: str) -> None:
        for key, shape in self.shapes.items():
            value = tensors[key]
            if tuple(value.shape) != shape:
                raise WeightsError(
                    f"'{file}' is {self.title} of other sizes.",
                    cause=f"'{key}' has shape {tuple(value.shape)}, expected {shape}.",
                    fix="Give the published file; other sizes of this model do not run here.",
                )
            if value.dtype != torch.float32:
                raise WeightsError(
                    f"'{file}' holds {self.title} as {str(value.dtype).removeprefix('torch.')}.",
                    cause=f"'{key}' is no float32, as which it was published.",
                    fix="Give the published file.",
                )


def nearest(layouts: Mapping[str, Layout], tensors: Mapping[str, Tensor], file: str) -> str:
    """Name of the layout that the file is of, broken or whole.

    Raises:
        WeightsError: it is of none of them.
    """
    scores = {name: layout.likeness(tensors) for name, layout in layouts.items()}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] < _ENOUGH:
        raise WeightsError(
            f"'{file}' holds {len(tensors)} tensors, but no model that codub knows.",
            cause=f"It begins with {some(tensors)}.",
            fix=f"Known are: {', '.join(dict.fromkeys(layout.title for layout in layouts.values()))}.",
        )
    return best


def require_finite(tensors: Mapping[str, Tensor], file: str) -> None:
    """Refuse tensors with a number that is none.

    Raises:
        WeightsError: names the first such tensor.
    """
    for key, value in tensors.items():
        wrong = int((~torch.isfinite(value)).sum())
        if wrong:
            raise WeightsError(
                f"'{file}' is poisoned: {wrong} of the {value.numel()} numbers of '{key}' are not finite.",
                cause="A training run that diverged, or a damaged file.",
                fix="Get the file from its authors again, or take an earlier step of your training.",
            )


def some(names: Iterable[str]) -> str:
    """The first few of them, quoted, and how many more there are."""
    known = list(names)
    rest = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return ", ".join(f"'{name}'" for name in known[:_SHOWN]) + rest


def _count(shape: tuple[int, ...]) -> int:
    number = 1
    for side in shape:
        number *= side
    return number
