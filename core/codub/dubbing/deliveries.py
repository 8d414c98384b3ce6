"""How lines are to be said, as a file that a person or a program writes: cue numbers to what differs from plain."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from codub import config
from codub.errors import UsageError
from codub.speech.model import PLAIN, Delivery


def read_deliveries(path: Path) -> dict[int, Delivery]:
    """Deliveries by cue number from JSON or YAML, e.g. `{"4": {"pace": 1.1, "words": [{"word": 3, "emphasis": 1}]}}`.

    Raises:
        UsageError: the file cannot be read, is of another form, or a value is out of bounds.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {int(cue): delivery_from(values, f"{path.name}, cue {cue}") for cue, values in content.items()}
    except (OSError, yaml.YAMLError, ValueError, AttributeError, TypeError) as error:
        raise UsageError(
            f"The deliveries '{path}' cannot be read.",
            cause=f"{error}.",
            fix='Write cue numbers with what differs, e.g. {"4": {"pace": 1.1, "pitch": -2}}.',
        ) from error


def delivery_from(values: Mapping[str, Any], where: str) -> Delivery:
    """A delivery from plain values; `where` names their place when they are wrong.

    Raises:
        UsageError: a name that no delivery has, or a value of another kind or out of bounds.
    """
    return config.build(Delivery, dict(values), where=where)


def delivery_values(delivery: Delivery) -> dict[str, Any]:
    """What differs from plain, as `delivery_from` takes it."""
    values = dataclasses.asdict(delivery)
    plain = dataclasses.asdict(PLAIN)
    return {name: _listed(value) for name, value in values.items() if value != plain[name]}


def _listed(value: Any) -> Any:
    """The value with lists for tuples, all the way down."""
    if isinstance(value, dict):
        return {name: _listed(each) for name, each in value.items()}
    return [_listed(each) for each in value] if isinstance(value, tuple | list) else value
