"""The journal: what the agent means to do and has done about each attempt, on local disk.

It is written before the effect that it announces, so that whoever opens it after a crash knows what may
have happened. Its own identity, and a lock on its file, make it the one journal of the one agent.
"""

import fcntl
import os
import sqlite3
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Protocol, Self

import msgspec

from computility.lifecycle.entry import Entry

SCHEMA_VERSION = 2
_SCHEMA = (
    "CREATE TABLE identity (uuid TEXT NOT NULL)",
    "CREATE TABLE entries (name TEXT PRIMARY KEY, entry BLOB NOT NULL, open INTEGER NOT NULL,"
    " settled_at REAL)",
    "CREATE INDEX entries_open ON entries (open) WHERE open",
    "CREATE INDEX entries_settled ON entries (settled_at) WHERE settled_at IS NOT NULL",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)
_WRITE = "INSERT OR REPLACE INTO entries (name, entry, open, settled_at) VALUES (?, ?, ?, ?)"
_decode = msgspec.json.Decoder(Entry).decode


class JournalError(Exception):
    """The journal cannot be opened, read or written; the message names the file and what to do."""


class Companion(Protocol):
    """State beside the journal's own that is written in the same transactions: a simulated centre's."""

    def save(self, database: sqlite3.Connection) -> None:
        """Write what has changed since the last `saved`, within a transaction that may yet fail."""
        ...

    def saved(self) -> None:
        """Hear that what was written last is committed."""
        ...


class Journal:
    """An open journal; nobody else has it open.

    Attributes:
        identity: Which journal this is, for as long as the file lives: the holder of the member's Lease.
        open_entries: Entries that may still need something done, by name; kept in step with the file.
    """

    def __init__(self, path: Path) -> None:
        """Open a journal, or make one.

        Raises:
            JournalError: Another agent has it open, or it is not a journal that we can use.
        """
        self._path = path
        self._companion: Companion | None = None
        self._lock = _lock(path)
        try:
            self._database = _connect(path)
            self.identity = str(self._database.execute("SELECT uuid FROM identity").fetchone()[0])
            self._open = self._load_open()
        except (sqlite3.Error, TypeError, msgspec.DecodeError) as error:
            os.close(self._lock)
            raise JournalError(
                f'cannot use the journal "{path}": {error}; restore it, or move it away and rejoin'
            ) from error
        self.open_entries: Mapping[str, Entry] = MappingProxyType(self._open)

    def close(self) -> None:
        # In this order: closing any descriptor of the file drops the locks that SQLite holds on it.
        self._database.close()
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def get(self, name: str) -> Entry | None:
        """Return the entry of an attempt, settled ones of the last 30 days too.

        Raises:
            JournalError: It cannot be read.
        """
        if name in self._open:
            return self._open[name]
        try:
            row = self._database.execute("SELECT entry FROM entries WHERE name = ?", (name,)).fetchone()
            return _decode(row[0]) if row else None
        except (sqlite3.Error, msgspec.DecodeError) as error:
            raise JournalError(f'cannot read "{name}" in the journal "{self._path}": {error}') from error

    def accompany(self, companion: Companion) -> sqlite3.Connection:
        """Have something else written with every transaction from now on; returns where it may read."""
        self._companion = companion
        return self._database

    def write(self, entries: Iterable[Entry] = ()) -> None:
        """Write entries, and what a companion has, in one transaction; then they survive a loss of power.

        Raises:
            JournalError: Nothing of it was written: the disk is full, say.
        """
        written = list(entries)
        try:
            with self._database:
                self._database.executemany(_WRITE, [_row(entry) for entry in written])
                if self._companion is not None:
                    self._companion.save(self._database)
        except sqlite3.Error as error:
            raise JournalError(f'cannot write the journal "{self._path}": {error}; free its disk') from error
        if self._companion is not None:
            self._companion.saved()
        for entry in written:
            self._open.pop(entry.name, None)
            if entry.is_open:
                self._open[entry.name] = entry

    def prune(self, settled_before: datetime) -> int:
        """Forget entries that were settled before an instant, and return how many.

        Raises:
            JournalError: It could not be written.
        """
        try:
            with self._database:
                cursor = self._database.execute(
                    "DELETE FROM entries WHERE settled_at < ?", (settled_before.timestamp(),)
                )
        except sqlite3.Error as error:
            raise JournalError(f'cannot prune the journal "{self._path}": {error}') from error
        for entry in list(self._open.values()):
            if entry.settled_at is not None and entry.settled_at < settled_before:
                del self._open[entry.name]
        return cursor.rowcount

    def _load_open(self) -> dict[str, Entry]:
        rows = self._database.execute("SELECT name, entry FROM entries WHERE open").fetchall()
        return {name: _decode(entry) for name, entry in rows}


def _row(entry: Entry) -> tuple[str, bytes, bool, float | None]:
    settled_at = entry.settled_at.timestamp() if entry.settled_at else None
    return entry.name, msgspec.json.encode(entry), entry.is_open, settled_at


def _lock(path: Path) -> int:
    """Open the file for ourselves alone, making it if need be, and return the descriptor that holds it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise JournalError(f'cannot open the journal "{path}": {error.strerror}') from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.fchmod(descriptor, 0o600)
    except OSError as error:
        os.close(descriptor)
        raise JournalError(
            f'cannot lock the journal "{path}": another agent has it ({error.strerror}); '
            "each agent needs a journal of its own, on a local disk"
        ) from error
    return descriptor


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    # FULL: in WAL mode NORMAL loses the last commits with the power, and with them a submit's intent.
    database.execute("PRAGMA synchronous = FULL")
    # In KiB. A fleet has a journal for each member; 2 MiB of pages each, as it comes, add up.
    database.execute("PRAGMA cache_size = -512")
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        _create(database)
        _sync_folder(path.parent)
    elif version != SCHEMA_VERSION:
        raise sqlite3.DatabaseError(f"it has version {version}, and this agent knows {SCHEMA_VERSION}")
    return database


def _create(database: sqlite3.Connection) -> None:
    with database:
        database.execute("BEGIN")
        for statement in _SCHEMA:
            database.execute(statement)
        database.execute("INSERT INTO identity VALUES (?)", (str(uuid.uuid4()),))


def _sync_folder(folder: Path) -> None:
    """Make the file's name itself survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
