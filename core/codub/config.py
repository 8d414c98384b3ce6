"""Settings: YAML read into frozen dataclasses, and nothing unknown let through."""

import dataclasses
import types
import typing
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import yaml

from codub.errors import UsageError

T = TypeVar("T")


def load(kind: type[T], source: str | Path, **overrides: Any) -> T:
    """`kind` filled from a YAML file; a bare name means one of `codub/configs/`.

    Defaults live in the dataclass, the file states differences, `overrides` win over both.

    Raises:
        UsageError: the file is missing, is not a mapping, has an unknown key or a value of the wrong type.
    """
    path = _locate(source)
    return build(kind, {**_read(path), **overrides}, where=path.name)


def load_difference(kind: type[T], base: str | Path, difference: str | Path) -> T:
    """`kind` from the file `base` with what the file `difference` says otherwise, mapping by mapping.

    Raises:
        UsageError: as `load` does, of either file.
    """
    path = _locate(difference)
    return build(kind, _merged(_read(_locate(base)), _read(path)), where=path.name)


def build(kind: type[T], values: dict[str, Any], *, where: str) -> T:
    """`kind` from a plain mapping; nested dataclasses take nested mappings.

    Raises:
        UsageError: unknown key, or a value that is not of the field's type.
    """
    hints = typing.get_type_hints(kind)
    known = {f.name for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(values) - known)
    if unknown:
        raise UsageError(
            f"Unknown setting {unknown[0]!r} in {where}.",
            fix=f"Known ones: {', '.join(sorted(known))}.",
        )
    return kind(**{name: _convert(hints[name], value, f"{where}: {name}") for name, value in values.items()})


def _read(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise UsageError(f"The settings '{path}' cannot be read.", cause=str(error)) from error
    if not isinstance(values, dict):
        raise UsageError(f"The settings '{path}' are not a mapping of names to values.")
    return values


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    both = {
        name: _merged(base[name], value)
        for name, value in over.items()
        if isinstance(value, dict) and isinstance(base.get(name), dict)
    }
    return {**base, **over, **both}


def _convert(hint: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        return build(typing.cast("type[Any]", hint), value, where=where)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and isinstance(value, list):
        return tuple(_convert(inner[0], v, where) for v in value)
    if origin in (types.UnionType, typing.Union):
        kinds = [kind for kind in inner if kind is not types.NoneType]
        if value is None and len(kinds) < len(inner):
            return None
        return _convert(kinds[0], value, where) if len(kinds) == 1 else value
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    wanted = hint if origin is None else origin
    if isinstance(wanted, type):
        wrong = not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool)
        if wrong:
            raise UsageError(f"{where} is {value!r}, but {_wanted(wanted)} is wanted.")
    return value


def _wanted(kind: type[Any]) -> str:
    if dataclasses.is_dataclass(kind):
        return f"a mapping ({', '.join(f.name for f in dataclasses.fields(kind))})"
    return {tuple: "a list", int: "a whole number", float: "a number", str: "a text", bool: "true or false"}.get(
        kind, f"a {kind.__name__}"
    )


def _locate(source: str | Path) -> Path:
    path = Path(source)
    if path.suffix:
        if not path.is_file():
            raise UsageError(f"The settings '{path}' do not exist.")
        return path
    folder = Path(str(resources.files("codub") / "configs"))
    found = folder / f"{source}.yaml"
    if not found.is_file():
        names = ", ".join(sorted(p.stem for p in folder.glob("*.yaml")))
        raise UsageError(f"There is no configuration '{source}'.", fix=f"There are: {names}.")
    return found
