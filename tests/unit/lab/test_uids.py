"""Numbers for a centre's users are nobody else's."""

import grp
import pwd

import pytest

from computility.lab import uids
from computility.lab.uids import FIRST_UID, UIDS, free_uids


def test_no_account_and_no_group_of_this_machine_has_a_number_that_is_given_out() -> None:
    given = set(range(first := free_uids(), first + UIDS))

    assert given.isdisjoint({entry.pw_uid for entry in pwd.getpwall()})
    assert given.isdisjoint({entry.gr_gid for entry in grp.getgrall()})


def test_a_row_in_which_somebody_runs_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = range(FIRST_UID, FIRST_UID + 3 * UIDS, UIDS)
    monkeypatch.setattr(uids, "LAST_UID", rows.stop)
    monkeypatch.setattr(uids, "_running", lambda: {rows[0] + 2, rows[2] + UIDS - 1})

    assert {free_uids() for _ in range(20)} == {rows[1]}


def test_processes_that_run_are_seen() -> None:
    assert 0 in uids._running()
