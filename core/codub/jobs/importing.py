"""`codub weights import`: files that a person got by hand, recognised, checked whole, put into the weights' home."""

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from codub import __version__, imported, in_use, weights
from codub.errors import UsageError, WeightsError
from codub.files import replacing
from codub.imported import IMPORTED, ImportedAsset, ImportRecord
from codub.jobs.recognising import Recognised, recognise


@dataclass(frozen=True)
class _Checked:
    """A file that is good, with what becomes of it."""

    source: Path
    digest: str
    asset: ImportedAsset
    found: Recognised

    @property
    def licence(self) -> str:
        """That of the published file, unless the person trained it."""
        return imported.YOURS if self.found.origin else self.asset.licence


def import_checkpoints(
    files: Sequence[Path], report: Callable[[str], None] = lambda _: None, *, chosen: str | None = None
) -> tuple[ImportRecord, ...]:
    """Check all files, then write each as safetensors with a record of its origin; `chosen` says what a file is where
    its content leaves it open.

    Raises:
        UsageError: `chosen` is no name of a model or stands for several files, or two files hold the same model.
        WeightsError: a file is not what it should be. Nothing is written then, of none of the files.
    """
    if chosen is not None and chosen not in IMPORTED:
        raise UsageError(f"There are no weights named '{chosen}'.", fix=f"There are: {', '.join(IMPORTED)}.")
    if chosen is not None and len(files) > 1:
        raise UsageError("--as says what one file is.", fix="Import the files one by one, or leave --as out.")
    checked: list[_Checked] = []
    for file in files:
        held = recognise(file, chosen)
        digest = weights.sha256_of(file)
        for found in held:
            report(f"{file.name}: {_described(found)}, {file.stat().st_size / 1e6:,.1f} MB")
            checked.append(_Checked(file, digest, _asset(found.name), found))
    _refuse_twins(checked)
    records = []
    for each in checked:
        records.append(_write(each))
        report(f"  -> {each.asset.file}")
        report(f"     sha256 {records[-1].sha256}; licence: {each.licence}")
        if each.asset.instead_of:
            in_use.use(each.asset.name)
            report(f"     in use from now on; back to the fetched ones: codub weights use {each.asset.instead_of}")
    return tuple(records)


def _asset(name: str) -> ImportedAsset:
    folder, _, voice = name.rpartition("/")
    return imported.voice_asset(voice) if folder == imported.VOICES else IMPORTED[name]


def _described(found: Recognised) -> str:
    step = "step not stated" if found.step is None else f"step {found.step:,}"
    epoch = "" if found.epoch is None else f" (epoch {found.epoch:,})"
    kept = f"; {found.kept}" if found.kept else ""
    return f"{found.title}, {found.parameters:,} parameters, {found.layout}, {step}{epoch}{kept}"


def _refuse_twins(checked: Iterable[_Checked]) -> None:
    seen: dict[str, Path] = {}
    for each in checked:
        if each.asset.name in seen:
            raise UsageError(
                f"'{seen[each.asset.name].name}' and '{each.source.name}' hold the same model ({each.asset.name}).",
                cause="Only one of them can be in use; nothing was written.",
                fix="Name one of them.",
            )
        seen[each.asset.name] = each.source


def _write(each: _Checked) -> ImportRecord:
    asset, found = each.asset, each.found
    try:
        with replacing(asset.file) as temporary:
            if found.as_it_is:
                shutil.copyfile(each.source, temporary)
            else:
                save_file({key: _own(value) for key, value in found.tensors.items()}, str(temporary), _header(found))
            record = _record(each, weights.sha256_of(temporary))
            # The record stands first: weights without one, or with another's, are what `verify` finds.
            with replacing(asset.record_file) as beside:
                imported.write_record(beside, record)
    except OSError as error:
        raise WeightsError(
            f"'{asset.file}' could not be written.",
            cause=str(error),
            fix=f"Make room for {sum(v.nbytes for v in found.tensors.values()) / 1e6:,.0f} MB there, or set "
            f"{weights.HOME_VARIABLE} to another folder.",
        ) from error
    return record


def _header(found: Recognised) -> dict[str, str] | None:
    """One entry at most: safetensors writes several in a random order, and equal weights shall be equal files."""
    return None if found.step is None else {"steps": str(found.step)}


def _record(each: _Checked, digest: str) -> ImportRecord:
    found = each.found
    return ImportRecord(
        name=each.asset.name,
        recognised=found.title,
        source=each.source.name,
        source_sha256=each.digest,
        sha256=digest,
        parameters=found.parameters,
        step=found.step,
        epoch=found.epoch,
        kept=found.kept,
        imported=datetime.now(UTC).isoformat(timespec="seconds"),
        codub=__version__,
        licence=each.licence,
        origin=found.origin or each.asset.origin,
    )


def _own(value: Tensor) -> Tensor:
    """The tensor alone in its memory: safetensors refuses parts of a larger one."""
    plain = value.detach().contiguous()
    return plain if plain.untyped_storage().nbytes() == plain.nbytes else torch.clone(plain)
