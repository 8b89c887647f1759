"""State beside the journal's own: in its transactions, or not at all."""

import sqlite3
from pathlib import Path

import pytest

from computility.agent.journal import Journal, JournalError
from support.builders import an_entry


class Companion:
    """Counts what it is told, and fails to save when it is to."""

    def __init__(self) -> None:
        self.value, self.commits, self.fails = 0, 0, False

    def save(self, database: sqlite3.Connection) -> None:
        database.execute("CREATE TABLE IF NOT EXISTS companions (value INTEGER)")
        database.execute("INSERT INTO companions VALUES (?)", (self.value,))
        if self.fails:
            raise sqlite3.OperationalError("disk I/O error")

    def saved(self) -> None:
        self.commits += 1


def read(path: Path) -> list[int]:
    with sqlite3.connect(path) as database:
        return [value for (value,) in database.execute("SELECT value FROM companions")]


def test_a_companion_is_written_with_the_entries_and_also_without_any(tmp_path: Path) -> None:
    companion = Companion()
    with Journal(tmp_path / "journal.db") as journal:
        journal.accompany(companion)
        companion.value = 1
        journal.write([an_entry()])
        companion.value = 2
        journal.write()

    assert read(tmp_path / "journal.db") == [1, 2]
    assert companion.commits == 2


def test_of_a_transaction_in_which_a_companion_fails_nothing_is_written(tmp_path: Path) -> None:
    companion, entry = Companion(), an_entry()
    with Journal(tmp_path / "journal.db") as journal:
        journal.accompany(companion)
        journal.write()
        companion.fails = True
        with pytest.raises(JournalError, match="disk I/O error"):
            journal.write([entry])
        assert journal.get(entry.name) is None

    assert read(tmp_path / "journal.db") == [0]
    assert companion.commits == 1
    with Journal(tmp_path / "journal.db") as journal:
        assert journal.get(entry.name) is None
