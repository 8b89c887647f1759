"""A witness in each centre's database: it keeps every row of every task, also of those that are tidied away.

It is a trigger, so it writes in the engine's own transactions and knows exactly what the engine has kept.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from computility.backends.simulated.clock import Anchor
from computility.model.names import ASSIGNMENT_NAME

_ARM = """
CREATE TABLE soak_rows (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TRIGGER soak_witness AFTER INSERT ON centre_rows
WHEN NEW.key GLOB 'task/*' OR NEW.key GLOB 'request/*'
BEGIN INSERT OR REPLACE INTO soak_rows VALUES (NEW.key, NEW.value); END;
"""
BUSY_SECONDS = 30.0


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """One payload that a centre started; instants are the wall clock's.

    Attributes:
        attempt: Name of the attempt.
        index: Which of its indices.
        began_at: When it began.
        ended_at: When it was over; None if it is not.
        succeeded: Whether it ended by itself, with exit code 0.
    """

    attempt: str
    index: int
    began_at: datetime
    ended_at: datetime | None
    succeeded: bool

    @property
    def job(self) -> str:
        """The job's uid, without dashes."""
        return self.attempt.split("-")[1]


class Rest(msgspec.Struct, frozen=True, kw_only=True):
    """What a member has not done with.

    Attributes:
        open_entries: Attempts in the journal that something may still have to be done about.
        attempts: Attempts that the centre keeps something of.
        running: Workloads of the network that are not over.
    """

    open_entries: int
    attempts: int
    running: int

    @property
    def is_nothing(self) -> bool:
        return not (self.open_entries or self.attempts or self.running)


class _Task(msgspec.Struct):
    index: int
    began_at: float | None = None
    ended_at: float | None = None
    ending: str | None = None
    exit_code: int | None = None


class _Centre(msgspec.Struct):
    timers: dict[str, tuple[float, int, int, int]]
    """The next of each sort that comes by chance; the last number says how many came before."""


class _Request(msgspec.Struct):
    name: str


class _Workload(msgspec.Struct):
    ended_at: float | None = None
    is_foreign: bool = False


def arm(journal: Path) -> None:
    """Have the witness look from now on."""
    with closing(_open(journal)) as database:
        database.executescript(_ARM)


def read_starts(journal: Path) -> Iterator[Start]:
    """Return every payload of the network that was ever started at a centre."""
    with closing(_open(journal)) as database:
        rows = dict(database.execute("SELECT key, value FROM soak_rows").fetchall())
        anchor = _read_anchor(database)
    names = {
        key.removeprefix("request/"): msgspec.msgpack.decode(row, type=_Request).name
        for key, row in rows.items()
        if key.startswith("request/")
    }
    for key, row in rows.items():
        if key.startswith("task/"):
            # The engine's names are account/attempt; a centre's own users have others.
            attempt = names[key.split("/")[1]].rpartition("/")[2]
            task = msgspec.msgpack.decode(row, type=_Task)
            if task.began_at is not None and ASSIGNMENT_NAME.fullmatch(attempt):
                yield _start(attempt, task, task.began_at, anchor)


def read_rest(journal: Path) -> Rest:
    """Return what a member has not done with."""
    with closing(_open(journal)) as database:
        count = "SELECT count(*) FROM centre_rows WHERE key GLOB 'attempt/*'"
        workloads = database.execute("SELECT value FROM centre_rows WHERE key GLOB 'workload/*'").fetchall()
        decoded = (msgspec.msgpack.decode(row[0], type=_Workload) for row in workloads)
        return Rest(
            open_entries=database.execute("SELECT count(*) FROM entries WHERE open").fetchone()[0],
            attempts=database.execute(count).fetchone()[0],
            running=sum(not workload.is_foreign and workload.ended_at is None for workload in decoded),
        )


def read_chances(journal: Path) -> Counter[str]:
    """Return how often each sort of chance has come at a centre, by the names of the agenda's kinds.

    A centre that never had work has written nothing.
    """
    with closing(_open(journal)) as database:
        row = database.execute("SELECT value FROM centre_rows WHERE key = 'centre'").fetchone()
    timers = msgspec.msgpack.decode(row[0], type=_Centre).timers if row else {}
    return Counter({sort.split()[0]: number for sort, (_, _, _, number) in timers.items()})


def _start(name: str, task: _Task, began_at: float, anchor: Anchor) -> Start:
    return Start(
        attempt=name,
        index=task.index,
        began_at=_wall(anchor, began_at),
        ended_at=None if task.ended_at is None else _wall(anchor, task.ended_at),
        succeeded=task.ending == "Exited" and task.exit_code == 0,
    )


def _wall(anchor: Anchor, seconds: float) -> datetime:
    """Return when the wall clock showed an instant of a centre's time, given in seconds of its epoch."""
    virtual = anchor.epoch + timedelta(seconds=seconds)
    return anchor.wall + (virtual - anchor.virtual) / anchor.factor


def _read_anchor(database: sqlite3.Connection) -> Anchor:
    row = database.execute("SELECT anchor FROM centre_anchor").fetchone()
    return msgspec.msgpack.decode(row[0], type=Anchor)


def _open(journal: Path) -> sqlite3.Connection:
    return sqlite3.connect(journal, timeout=BUSY_SECONDS)
