"""What the journal keeps, for whom, and what it refuses."""

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from computility.agent.journal import SCHEMA_VERSION, Journal, JournalError
from computility.lifecycle.entry import Refusal
from computility.model.assignment import AssignmentStatus, Fault, State
from computility.model.reasons import Reason
from support.builders import NAME, NOON, an_entry, seconds

SETTLED = an_entry(
    submitted="11", settled=AssignmentStatus(state=State.SUCCEEDED), settled_at=NOON, tidied_at=NOON
)
UNTIDIED = msgspec.structs.replace(SETTLED, tidied_at=None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_what_was_written_is_there_for_the_next_agent_under_the_same_identity(path: Path) -> None:
    entry = an_entry(submitted="11")
    with Journal(path) as journal:
        identity = journal.identity
        journal.write([entry])

    with Journal(path) as again:
        assert again.identity == identity
        assert again.open_entries == {NAME: entry}
        assert again.get(NAME) == entry


def test_two_journals_are_never_the_same_holder(tmp_path: Path) -> None:
    with Journal(tmp_path / "a.db") as one, Journal(tmp_path / "b.db") as other:
        assert one.identity != other.identity


def test_a_second_agent_on_the_same_journal_is_refused(path: Path) -> None:
    with Journal(path), pytest.raises(JournalError, match="another agent has it"):
        Journal(path)


def test_another_process_is_refused_also_after_this_one_has_opened_and_closed_the_file(path: Path) -> None:
    attempt = f"from computility.agent.journal import *; Journal(__import__('pathlib').Path({str(path)!r}))"
    with Journal(path):
        path.read_bytes()
        other = subprocess.run(
            [sys.executable, "-c", attempt],
            capture_output=True,
            text=True,
            check=False,
            env={"PYTHONPATH": str(Path(__file__).parents[3] / "operator")},
        )

    assert other.returncode == 1
    assert "another agent has it" in other.stderr


def test_a_settled_and_tidied_entry_is_no_longer_open_and_still_known(path: Path) -> None:
    with Journal(path) as journal:
        journal.write([an_entry(submitted="11")])
        journal.write([SETTLED])

        assert journal.open_entries == {}
        assert journal.get(NAME) == SETTLED
    with Journal(path) as again:
        assert again.open_entries == {}
        assert again.get(NAME) == SETTLED


def test_a_settled_entry_stays_open_until_it_is_tidied(path: Path) -> None:
    with Journal(path) as journal:
        journal.write([UNTIDIED])
    with Journal(path) as again:
        assert again.open_entries == {NAME: UNTIDIED}
        again.write([SETTLED])
        assert again.open_entries == {}


def test_there_is_nothing_to_tidy_of_what_the_centre_refused(path: Path) -> None:
    refusal = Refusal(reason=Reason.TENANT_UNMAPPED, fault=Fault.SITE, message="no account")
    with Journal(path) as journal:
        journal.write([msgspec.structs.replace(UNTIDIED, refusal=refusal)])

        assert journal.open_entries == {}


def test_pruning_forgets_what_was_settled_before_and_nothing_that_is_open(path: Path) -> None:
    running = an_entry(submitted="12", name=NAME[:-1] + "2")
    untidied = msgspec.structs.replace(UNTIDIED, name=NAME[:-1] + "3")
    with Journal(path) as journal:
        journal.write([SETTLED, running, untidied])

        assert journal.prune(NOON) == 0
        assert journal.prune(NOON + seconds(1)) == 2
        assert journal.get(NAME) is None
        assert journal.open_entries == {running.name: running}


def test_it_is_for_its_owners_eyes_only(path: Path) -> None:
    with Journal(path) as journal:
        journal.write([an_entry()])
        files = sorted(path.parent.iterdir())

        assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * len(files)
        assert len(files) == 3


def test_a_commit_waits_for_the_disk(path: Path) -> None:
    with Journal(path) as journal:
        # 2 is FULL; it is a property of the connection, which is why it is asked there.
        assert journal._database.execute("PRAGMA synchronous").fetchone() == (2,)
        assert journal._database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_of_a_commit_that_fails_nothing_is_believed(path: Path) -> None:
    with Journal(path) as journal:
        journal._database.execute("PRAGMA query_only = 1")

        with pytest.raises(JournalError, match="cannot write the journal"):
            journal.write([an_entry()])
        assert journal.open_entries == {}
        assert journal.get(NAME) is None


def test_a_file_that_is_no_journal_is_refused_by_name_and_left_alone(path: Path) -> None:
    path.write_text("something else, long enough to be looked at as a database header " * 20)
    before = path.read_bytes()

    with pytest.raises(JournalError, match=str(path)):
        Journal(path)
    assert path.read_bytes() == before


def test_a_journal_of_a_later_release_is_refused(path: Path) -> None:
    with Journal(path):
        pass
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")

    with pytest.raises(JournalError, match=f"version {SCHEMA_VERSION + 1}"):
        Journal(path)
