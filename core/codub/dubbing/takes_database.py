"""The SQLite file under the takes store: opened durably, laid out by numbered steps, never by a newer codub's."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codub.errors import CodubError

_BUSY_SECONDS = 30.0  # how long a writer waits for another process's transaction
_APPLICATION_ID = 0x636F6475  # "codu" in the SQLite header: this file is a takes store

# Step n brings a store from version n to n + 1; steps are only ever added.
_MIGRATIONS = (
    """
    CREATE TABLE takes (
        cue INTEGER NOT NULL,
        language TEXT NOT NULL COLLATE NOCASE,
        take INTEGER NOT NULL,
        record TEXT NOT NULL,
        state TEXT NOT NULL,
        comment TEXT NOT NULL,
        starred INTEGER NOT NULL,
        PRIMARY KEY (cue, language, take)
    ) WITHOUT ROWID;
    CREATE TABLE selected (
        cue INTEGER NOT NULL,
        language TEXT NOT NULL COLLATE NOCASE,
        take INTEGER NOT NULL,
        PRIMARY KEY (cue, language),
        FOREIGN KEY (cue, language, take) REFERENCES takes (cue, language, take)
    ) WITHOUT ROWID;
    """,
)


class TakesError(CodubError):
    """A takes store that cannot be opened or written, or a take that is not in it."""


@contextmanager
def opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """The store's database for writing, brought to the present layout; let go of again where the block fails.

    Raises:
        TakesError: the database is another program's, or a newer codub's.
    """
    database = _connect(folder, "rwc")
    try:
        _prepare(database, folder)
        yield database
    except BaseException:
        database.close()
        raise


def opened_for_reading(folder: Path) -> sqlite3.Connection:
    """The store's database as it is, for reading alone; also in a folder that cannot be written.

    Raises:
        TakesError: there is none, or it is another program's, or a newer codub's.
    """
    if not (folder / "takes.sqlite").is_file():
        raise TakesError(
            f"There are no takes in '{folder}'.",
            cause="No line of this timeline was dubbed yet.",
            fix="Dub it first: codub dub PROJECT LINES -o DUBBED.otio",
        )
    database = _connect(folder, "ro")
    try:
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        database.close()
        if (folder / "takes.sqlite-wal").exists():  # not merged yet; reading past it would hide takes
            raise
        # A folder that cannot be written cannot hold SQLite's shared memory; nobody else can write it either.
        database = _connect(folder, "ro&immutable=1")
    _require_known(database, folder)
    return database


@contextmanager
def usable(folder: Path) -> Iterator[None]:
    """What stops a store from being opened in the block, in the terms of the store."""
    try:
        yield
    except OSError as error:
        raise TakesError(
            f"The takes folder '{folder}' cannot be written.",
            cause=f"{error.strerror or error}.",
            fix="Make it writable, or write the dubbed timeline elsewhere with -o.",
        ) from error
    except sqlite3.Error as error:
        raise trouble(folder, error) from error


def _connect(folder: Path, mode: str) -> sqlite3.Connection:
    """Connection to the store in `folder`; `mode` as in SQLite's URIs ("ro", "rwc")."""
    return sqlite3.connect(
        f"{(folder / 'takes.sqlite').as_uri()}?mode={mode}", uri=True, timeout=_BUSY_SECONDS, isolation_level=None
    )


def _prepare(database: sqlite3.Connection, folder: Path) -> None:
    """Make commits durable and bring the layout to the present version.

    Raises:
        TakesError: the database is another program's, or a newer codub's.
    """
    _require_known(database, folder)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone stops at the drive's cache
    database.execute("PRAGMA foreign_keys = ON")
    with transaction(database):
        version = int(database.execute("PRAGMA user_version").fetchone()[0])
        for step in _MIGRATIONS[version:]:
            for statement in filter(str.strip, step.split(";")):
                database.execute(statement)
        database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        database.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")


def _require_known(database: sqlite3.Connection, folder: Path) -> None:
    """Refuse a database that this codub cannot understand.

    Raises:
        TakesError: the database is another program's, or a newer codub's.
    """
    # Tables first: another process may be laying the store out, and its tables and its mark appear together.
    tables = int(database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    application = int(database.execute("PRAGMA application_id").fetchone()[0])
    version = int(database.execute("PRAGMA user_version").fetchone()[0])
    if tables and application != _APPLICATION_ID:
        raise TakesError(
            f"'{folder / 'takes.sqlite'}' is not a takes store.",
            cause="Another program made this database.",
            fix="Move it away, or write the dubbed timeline elsewhere with -o.",
        )
    if version > len(_MIGRATIONS):
        raise TakesError(
            f"The takes in '{folder}' were written by a newer codub.",
            cause=f"Their layout has version {version}; this codub knows {len(_MIGRATIONS)}.",
            fix="Update codub: python -m pip install --upgrade codub",
        )


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock; what the block did is on the disk when it ends, or undone when it fails."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


def trouble(folder: Path, error: sqlite3.Error) -> TakesError:
    """What SQLite said, in the terms of the store."""
    return TakesError(
        f"The takes in '{folder}' cannot be used.",
        cause=f"SQLite: {error}.",
        fix="Check rights and free space; if the file is damaged, restore takes.sqlite from a copy.",
    )
