"""Numbers for a centre's users are nobody else's."""

import grp
import pwd
import socket
import subprocess
import sys
import time

import pytest

from computility.lab import uids
from computility.lab.centre import CentreError
from computility.lab.uids import CLAIM_SECONDS, FIRST_UID, UIDS, free_uids


def test_no_account_and_no_group_of_this_machine_has_a_number_that_is_given_out() -> None:
    given = set(range(first := free_uids(), first + UIDS))

    assert given.isdisjoint({entry.pw_uid for entry in pwd.getpwall()})
    assert given.isdisjoint({entry.gr_gid for entry in grp.getgrall()})


def test_a_row_in_which_somebody_runs_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = range(FIRST_UID, FIRST_UID + 3 * UIDS, UIDS)
    monkeypatch.setattr(uids, "LAST_UID", rows.stop)
    monkeypatch.setattr(uids, "_running", lambda: {rows[0] + 2, rows[2] + UIDS - 1})
    given: list[int] = []
    monkeypatch.setattr(uids, "_claim", lambda first: first not in given and not given.append(first))

    assert free_uids() == rows[1]
    with pytest.raises(CentreError, match="take down labs"):
        free_uids()


def test_a_row_that_was_given_out_is_free_again_once_its_centre_must_have_been_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uids, "LAST_UID", FIRST_UID + UIDS)
    monkeypatch.setattr(uids, "_claims", {})
    monkeypatch.setattr(uids, "_claim", lambda first: first not in uids._claims)
    uids._claims[FIRST_UID] = time.monotonic() - CLAIM_SECONDS, socket.socket(socket.AF_UNIX)

    assert free_uids() == FIRST_UID


def test_another_process_gets_other_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    first = free_uids()
    monkeypatch.setattr(uids, "FIRST_UID", first)
    monkeypatch.setattr(uids, "LAST_UID", first + UIDS)
    rows = f"uids.FIRST_UID, uids.LAST_UID = {first}, {first + UIDS}"
    ask = f"from computility.lab import uids; {rows}; uids.free_uids()"

    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=False)

    assert "CentreError: no 16 user numbers" in told.stderr


def test_processes_that_run_are_seen() -> None:
    assert 0 in uids._running()
