"""The takes store: every take ever made for a timeline, kept in a folder beside it, whole or not at all.

    DUBBED.otio
    DUBBED.codub/takes.sqlite     records, review state, which take is chosen
    DUBBED.codub/media/           cue0003_es_t01_audio.wav ...
    DUBBED.codub/incoming/        work in progress, swept when its maker is gone
    DUBBED.codub/styles/          one fitted voice a speaker, reused for every line

The order is what makes `add` durable: media to the disk, then its name, then the row. Whatever a crash leaves is
either a take that was reported, or media without a row, which the next `open` sweeps away.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from codub.dubbing import takes_files
from codub.dubbing.record import ReviewState, TakeFile, TakeRecord
from codub.dubbing.takes_database import (
    TakesError,
    opened,
    opened_for_reading,
    transaction,
    trouble,
    usable,
)
from codub.files import sync_folder
from codub.weights import sha256_of

_COLUMNS = "record, state, comment, starred"


def takes_folder(timeline: Path) -> Path:
    """Folder of the takes that belong to a dubbed timeline: `DUBBED.otio` -> `DUBBED.codub`."""
    return timeline.with_suffix(".codub")


class TakesStore:
    """Takes of one dubbed timeline. One object a thread; any number of processes may read and write at once."""

    def __init__(self, folder: Path, database: sqlite3.Connection, *, read_only: bool) -> None:
        self.folder = folder
        self.read_only = read_only
        self._database = database
        self._known: dict[tuple[int, str, int], TakeRecord] = {}  # what a take was made of never changes

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False) -> "TakesStore":
        """The store in `folder`, made when it is missing (unless `read_only`), with leftovers of crashes swept.

        Raises:
            TakesError: the folder cannot be written (or, for reading, is not there), the database is damaged,
                is not a takes store, or was written by a newer codub.
        """
        folder = folder.absolute()
        with usable(folder):
            if read_only:
                return cls(folder, opened_for_reading(folder), read_only=True)
            takes_files.make_folders(folder)
            with opened(folder) as database:
                store = cls(folder, database, read_only=False)
                store.sweep()
            return store

    def close(self) -> None:
        """Let go of the database; nothing is pending, ever."""
        self._database.close()

    def __enter__(self) -> "TakesStore":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def styles(self) -> Path:
        """Folder of the fitted voices, one file a speaker."""
        return self.folder / "styles"

    @contextmanager
    def workspace(self) -> Iterator[Path]:
        """An empty folder on the store's own disk to make a take in; gone when the block ends."""
        with takes_files.workspace(self.folder) as folder:
            yield folder

    def next_number(self, cue: int, language: str) -> int:
        """Number that the next take of the cue will get, if no other process is faster."""
        row = self._database.execute(
            "SELECT coalesce(max(take), 0) + 1 FROM takes WHERE cue = ? AND language = ?", (cue, language)
        ).fetchone()
        return int(row[0])

    def add(self, record: TakeRecord, files: Mapping[str, Path]) -> TakeRecord:
        """The record as it is kept, durable on the disk when this returns.

        `files` maps each role ("audio", "video1" ...) to a file; one made in `workspace` is moved, another is copied.
        The take gets the next free number of its cue and language, whatever `record.take` says, so that two
        processes at work on one cue lose nothing.

        Raises:
            TakesError: the disk is full, a file is missing, or the store cannot be written; no take was added.
        """
        try:
            with self.workspace() as folder:
                staged = {role: takes_files.staged(self.folder, path, folder / role) for role, path in files.items()}
                kept = tuple(
                    TakeFile(role, files[role].suffix, sha256_of(path), path.stat().st_size)
                    for role, path in staged.items()
                )
                with self._writing():
                    stored = self._numbered(record, kept)
                    for file in stored.files:
                        staged[file.role].replace(self.folder / file.path)
                    sync_folder(self.folder / "media")
                    self._insert(stored)
            return stored
        except (OSError, sqlite3.Error) as error:
            raise TakesError(
                f"A take of cue {record.cue} could not be kept in '{self.folder}'.",
                cause=f"{error}.",
                fix="Check free space and rights on that disk, then dub the line again.",
            ) from error

    def _numbered(self, record: TakeRecord, kept: tuple[TakeFile, ...]) -> TakeRecord:
        number = self.next_number(record.cue, record.language)
        stem = f"cue{record.cue:04d}_{quote(record.language, safe='')}_t{number:02d}"
        files = tuple(replace(file, path=f"media/{stem}_{file.role}{file.path.lower()}") for file in kept)
        return replace(record, take=number, files=files)

    def _insert(self, record: TakeRecord) -> None:
        self._database.execute(
            f"INSERT INTO takes (cue, language, take, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*_key(record), record.to_json(), record.state.value, record.comment, record.starred),
        )

    def list(self, cue: int | None = None, language: str | None = None) -> tuple[TakeRecord, ...]:
        """Takes of one cue (None: of all), oldest number first. Records read before are not read again."""
        asked = (
            "FROM takes WHERE (?1 IS NULL OR cue = ?1) AND (?2 IS NULL OR language = ?2) ORDER BY cue, language, take"
        )
        marks = self._database.execute(f"SELECT cue, language, take, state, comment, starred {asked}", (cue, language))
        rows = marks.fetchall()
        if any(row[:3] not in self._known for row in rows):
            for *key, text in self._database.execute(f"SELECT cue, language, take, record {asked}", (cue, language)):
                if (found := (key[0], key[1], key[2])) not in self._known:
                    self._known[found] = _record(text)
        return tuple(self._marked(row[:3], *row[3:]) for row in rows)

    def _marked(self, key: tuple[int, str, int], state: str, comment: str, starred: int) -> TakeRecord:
        record = self._known[key]
        if (record.state.value, record.comment, record.starred) != (state, comment, bool(starred)):
            record = replace(record, state=ReviewState(state), comment=comment, starred=bool(starred))
            self._known[key] = record
        return record

    def get(self, cue: int, take: int, language: str | None = None) -> TakeRecord:
        """One take; the language may be left out where the cue was dubbed into one only.

        Raises:
            TakesError: there is no such take, or it exists in several languages.
        """
        found = [record for record in self.list(cue, language) if record.take == take]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(record.language for record in found)
            raise TakesError(
                f"Cue {cue} has a take {take} in several languages ({names}).", fix="Say which: --language CODE"
            )
        there = ", ".join(f"{r.take} ({r.language})" for r in self.list(cue)) or "none"
        into = f" in '{language}'" if language else ""
        raise TakesError(f"Cue {cue} has no take {take}{into}.", cause=f"It has: {there}.", fix="Choose one of these.")

    def select(self, cue: int, take: int, language: str | None = None) -> TakeRecord:
        """Make a take the chosen one of its cue and language; returns it.

        Raises:
            TakesError: there is no such take.
        """
        record = self.get(cue, take, language)
        with self._writing():
            self._database.execute(
                "INSERT OR REPLACE INTO selected (cue, language, take) VALUES (?, ?, ?)",
                (cue, record.language, take),
            )
        return record

    def deselect(self, cue: int, language: str) -> None:
        """Choose no take of a cue any more: its original plays."""
        with self._writing():
            self._database.execute("DELETE FROM selected WHERE cue = ? AND language = ?", (cue, language))

    def selected(self, cue: int, language: str | None = None) -> TakeRecord | None:
        """The chosen take of a cue, or None; without a language, that of the first language that has one."""
        rows = self._database.execute(
            "SELECT language, take FROM selected WHERE cue = ?1 AND (?2 IS NULL OR language = ?2) "
            "ORDER BY language LIMIT 1",
            (cue, language),
        )
        row = rows.fetchone()
        return None if row is None else self.get(cue, row[1], row[0])

    def selections(self) -> dict[tuple[int, str], TakeRecord]:
        """The chosen take of every cue and language that has one."""
        takes = {_key(record): record for record in self.list()}
        rows = self._database.execute("SELECT cue, language, take FROM selected").fetchall()
        spelled = {(cue, language.lower(), take): record for (cue, language, take), record in takes.items()}
        chosen = [spelled[cue, language.lower(), take] for cue, language, take in rows]
        return {(record.cue, record.language): record for record in chosen}

    def set_state(self, cue: int, take: int, state: ReviewState, language: str | None = None) -> TakeRecord:
        """Keep what the reviewer decided; returns the record as it is now."""
        return self._edit(replace(self.get(cue, take, language), state=state))

    def comment(self, cue: int, take: int, text: str, language: str | None = None) -> TakeRecord:
        """Keep the reviewer's remark; returns the record as it is now."""
        return self._edit(replace(self.get(cue, take, language), comment=text))

    def star(self, cue: int, take: int, starred: bool = True, language: str | None = None) -> TakeRecord:
        """Mark a take as worth remembering; returns the record as it is now."""
        return self._edit(replace(self.get(cue, take, language), starred=starred))

    def _edit(self, record: TakeRecord) -> TakeRecord:
        with self._writing():
            self._database.execute(
                "UPDATE takes SET state = ?, comment = ?, starred = ? WHERE cue = ? AND language = ? AND take = ?",
                (record.state.value, record.comment, record.starred, *_key(record)),
            )
        return record

    def path(self, record: TakeRecord, role: str) -> Path | None:
        """Absolute path of a take's file, or None where the take has none of that role."""
        file = record.file(role)
        return None if file is None else self.folder / file.path

    def verify(self, record: TakeRecord) -> None:
        """Read the take's files whole.

        Raises:
            TakesError: a file is missing or is not what was stored.
        """
        takes_files.require_whole(self.folder, record)

    def problems(self) -> tuple[str, ...]:
        """One sentence for each take that is not whole; reads every file of the store."""
        found = []
        for record in self.list():
            try:
                self.verify(record)
            except TakesError as error:
                found.append(str(error))
        return tuple(found)

    def revision(self) -> int:
        """A number that changes when another process changes the store; cheap enough to ask every second."""
        return int(self._database.execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if self.read_only:
            raise TakesError(f"The takes in '{self.folder}' are open for reading only.")
        try:
            with transaction(self._database):
                yield
        except sqlite3.Error as error:
            raise trouble(self.folder, error) from error

    def sweep(self) -> None:
        """Remove what processes that are gone left behind: media that no row names, and work in progress.

        With the write lock held nobody else can be between media and row.
        """
        with transaction(self._database):
            known = {file.path for record in self.list() for file in record.files}
            takes_files.sweep_media(self.folder, known)
        takes_files.sweep_incoming(self.folder)


def _key(record: TakeRecord) -> tuple[int, str, int]:
    return record.cue, record.language, record.take


def _record(text: str) -> TakeRecord:
    try:
        return TakeRecord.from_json(text)
    except ValueError as error:
        raise TakesError("A take's record cannot be read.", cause=f"{error}.") from error
