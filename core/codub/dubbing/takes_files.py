"""The files under the takes store: work in progress, staging, whether a take is whole, what crashes left behind."""

import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codub.dubbing.record import TakeRecord
from codub.dubbing.takes_database import TakesError
from codub.files import sync, sync_folder
from codub.weights import sha256_of

ABANDONED_SECONDS = 86_400.0  # incoming work untouched for so long has no maker any more
HOST = "".join(filter(str.isalnum, platform.node()))


def make_folders(store: Path) -> None:
    """The store's folder and those in it, each durable once it is there."""
    for path in (store, store / "media", store / "incoming", store / "styles"):
        if not path.is_dir():
            path.mkdir(parents=True, exist_ok=True)
            sync_folder(path.parent)


@contextmanager
def workspace(store: Path) -> Iterator[Path]:
    """An empty folder in `incoming`, named by its maker; gone when the block ends."""
    with tempfile.TemporaryDirectory(
        prefix=f"{os.getpid()}-{HOST}-", dir=store / "incoming", ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


def staged(store: Path, source: Path, target: Path) -> Path:
    """`target`, on the disk: `source` moved there where it is the store's own work, copied where it is not."""
    if (store / "incoming") in source.absolute().parents:
        source.replace(target)
    else:
        shutil.copyfile(source, target)
    sync(target)
    return target


def require_whole(store: Path, record: TakeRecord) -> None:
    """Read the take's files whole.

    Raises:
        TakesError: a file is missing or is not what was stored.
    """
    for file in record.files:
        path = store / file.path
        if not path.is_file():
            trouble = "is missing"
        elif path.stat().st_size != file.size or sha256_of(path) != file.sha256:
            trouble = "was altered or cut off after it was stored"
        else:
            continue
        raise TakesError(
            f"Take {record.take} of cue {record.cue} ({record.language}) is not whole.",
            cause=f"Its {file.role} file '{path}' {trouble}.",
            fix="Put the file back from a copy, or dub the line again and choose the new take.",
        )


def sweep_media(store: Path, known: set[str]) -> None:
    """Remove media that no row names; `known` are those named, relative to the store. Hold the write lock."""
    for path in (store / "media").iterdir():
        if f"media/{path.name}" not in known:
            path.unlink(missing_ok=True)


def sweep_incoming(store: Path) -> None:
    """Remove work in progress whose maker is gone, and half-written files of a day ago."""
    for path in (store / "incoming").iterdir():
        if _abandoned(path):
            shutil.rmtree(path, ignore_errors=True)
    for path in (*store.glob(".*-*"), *store.glob("*/.*-*")):  # of `codub.files.replacing`
        if path.is_file() and time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
            path.unlink(missing_ok=True)


def _abandoned(path: Path) -> bool:
    maker, _, rest = path.name.partition("-")
    ours = maker.isdigit() and rest.startswith(f"{HOST}-")
    if ours and os.name != "nt":  # on Windows, signal 0 is no question but Ctrl+C
        try:
            os.kill(int(maker), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
    try:
        return time.time() - path.stat().st_mtime > ABANDONED_SECONDS
    except FileNotFoundError:
        return False
