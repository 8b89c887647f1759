"""A simulated centre on disk: everything that it knows, in tables beside the journal of its agent.

They are written in the journal's own transactions. So whoever kills the agent leaves a centre that is as
old as the journal: what the journal announces is there, and what it does not know of has not happened.
"""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import msgspec

from computility.backends.protocol import BackendUnreachable
from computility.backends.simulated.clock import Anchor
from computility.backends.simulated.engine import Engine
from computility.lifecycle.evidence import Look

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS centre_rows (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS centre_anchor (anchor BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS centre_outputs (name TEXT PRIMARY KEY, output TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS centre_tidied (name TEXT PRIMARY KEY, look BLOB NOT NULL, at REAL NOT NULL)",
    "CREATE INDEX IF NOT EXISTS centre_tidied_at ON centre_tidied (at)",
)
_encode = msgspec.msgpack.encode
_decode_look = msgspec.msgpack.Decoder(Look).decode
_decode_anchor = msgspec.msgpack.Decoder(Anchor).decode


class Host(Protocol):
    """A database that writes what a guest has together with its own."""

    def accompany(self, companion: "Store") -> sqlite3.Connection:
        """Have the guest's `save` called in every transaction, and `saved` after it."""
        ...

    def write(self) -> None:
        """Commit what the guest has.

        Raises:
            BackendUnreachable: It could not be written; what the guest has is kept for the next time.
        """
        ...


class Store:
    """What of a centre is on disk, and what of it is not yet.

    Args:
        host: The database; nobody else is its guest.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._database = host.accompany(self)
        for statement in _SCHEMA:
            self._database.execute(statement)
        self._engine: Engine | None = None
        self._rows: dict[str, bytes | None] = {}
        self._outputs: dict[str, str] = {}
        self._tidied: dict[str, tuple[bytes, float]] = {}

    def watch(self, engine: Engine) -> None:
        """Write from now on whatever changes in this engine."""
        self._engine = engine

    def load_rows(self) -> Mapping[str, bytes]:
        """Read the rows that an engine has written; none if this is a new centre."""
        return dict(self._database.execute("SELECT key, value FROM centre_rows").fetchall())

    def load_anchor(self) -> Anchor | None:
        """Read where the centre's virtual time was at some instant; None if this is a new centre."""
        row = self._database.execute("SELECT anchor FROM centre_anchor").fetchone()
        return _decode_anchor(row[0]) if row else None

    def keep_anchor(self, anchor: Anchor) -> None:
        """Write the anchor at once: whatever happens is reckoned from it."""
        with self._database:
            self._database.execute("DELETE FROM centre_anchor")
            self._database.execute("INSERT INTO centre_anchor VALUES (?)", (_encode(anchor),))

    def output(self, attempt: str) -> str | None:
        """Return what the payloads of an attempt write; None if nothing was said about it."""
        if attempt in self._outputs:
            return self._outputs[attempt]
        query = "SELECT output FROM centre_outputs WHERE name = ?"
        row = self._database.execute(query, (attempt,)).fetchone()
        return str(row[0]) if row else None

    def keep_output(self, attempt: str, output: str) -> None:
        """Keep what the payloads of an attempt write."""
        self._outputs[attempt] = output

    def has_tidied(self, attempt: str) -> bool:
        """Whether an attempt was tidied."""
        return attempt in self._tidied or self._read_tidied(attempt) is not None

    def tidied(self, attempt: str) -> Look | None:
        """Return the last look at an attempt before it was tidied; None if it was not."""
        kept = self._tidied[attempt][0] if attempt in self._tidied else self._read_tidied(attempt)
        return None if kept is None else _decode_look(kept)

    def _read_tidied(self, attempt: str) -> bytes | None:
        query = "SELECT look FROM centre_tidied WHERE name = ?"
        row = self._database.execute(query, (attempt,)).fetchone()
        return row[0] if row else None

    def tidy(self, attempt: str, look: Look, at: datetime) -> None:
        """Keep of an attempt only what a look tells of its indices; `at` is the wall clock's."""
        kept = msgspec.structs.replace(look, workloads=(), go=False)
        self._tidied[attempt] = (_encode(kept), at.timestamp())

    def forget_tidied(self, before: datetime) -> None:
        """Forget attempts that were tidied before an instant of the wall clock.

        Raises:
            BackendUnreachable: It could not be written.
        """
        try:
            with self._database:
                self._database.execute("DELETE FROM centre_tidied WHERE at < ?", (before.timestamp(),))
        except sqlite3.Error as error:
            raise BackendUnreachable(f"cannot forget tidied attempts: {error}; free the disk") from error

    def flush(self) -> None:
        """Have everything on disk.

        Raises:
            BackendUnreachable: It could not be written.
        """
        self._host.write()

    def save(self, database: sqlite3.Connection) -> None:
        """Write what has changed; the host calls it within its transaction."""
        if self._engine is not None:
            self._rows.update(self._engine.changes())
        gone = [(key,) for key, value in self._rows.items() if value is None]
        kept = [(key, value) for key, value in self._rows.items() if value is not None]
        database.executemany("DELETE FROM centre_rows WHERE key = ?", gone)
        database.executemany("INSERT OR REPLACE INTO centre_rows VALUES (?, ?)", kept)
        database.executemany("INSERT OR REPLACE INTO centre_outputs VALUES (?, ?)", self._outputs.items())
        database.executemany("DELETE FROM centre_outputs WHERE name = ?", [(n,) for n in self._tidied])
        tidied = [(name, look, at) for name, (look, at) in self._tidied.items()]
        database.executemany("INSERT OR REPLACE INTO centre_tidied VALUES (?, ?, ?)", tidied)

    def saved(self) -> None:
        """Hear that what was written is committed."""
        self._rows.clear()
        self._outputs.clear()
        self._tidied.clear()
