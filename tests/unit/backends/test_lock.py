"""The lock of an account: helpers exclude each other, and no payload excludes them for long."""

import contextlib
import errno
import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

import pytest

from computility.backends.slurm.exec import call, lock
from computility.backends.slurm.exec.account import Account
from computility.backends.slurm.exec.lock import ALONE, exclusion, open_lock, take
from computility.backends.slurm.exec.problem import Problem
from computility.backends.slurm.exec.settings import Settings
from computility.backends.slurm.exec.slurm import Slurm
from computility.backends.slurm.exec.submit import submit
from support.leases import leased

NAMES = [f"cj-{digit * 32}-1" for digit in "12"]
both = pytest.mark.parametrize("alone", [False, True], ids=["another-may-live", "alone"])


@pytest.fixture
def directory(tmp_path: Path) -> int:
    """The account's own."""
    return os.open(tmp_path, os.O_RDONLY)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "LOCK_SECONDS", 0.1)


@contextlib.contextmanager
def held_by_a_payload(root: Path) -> Iterator[None]:
    with (root / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def locks(directory: int, alone: bool, how: int = fcntl.LOCK_EX) -> contextlib.AbstractContextManager[None]:
    return exclusion(directory, how, time.monotonic() + 60, alone)


def is_free(directory: int, how: int = fcntl.LOCK_SH) -> bool:
    file = take(directory, how)
    if file is not None:
        os.close(file)
    return file is not None


@both
def test_a_helper_that_submits_excludes_others_until_it_has_ended(directory: int, alone: bool) -> None:
    with locks(directory, alone):
        assert not is_free(directory)
        with pytest.raises(Problem), locks(directory, alone=False, how=fcntl.LOCK_SH):
            pass
    assert is_free(directory)


def test_helpers_that_look_do_not_exclude_each_other(directory: int) -> None:
    with (
        locks(directory, alone=False, how=fcntl.LOCK_SH),
        locks(directory, alone=False, how=fcntl.LOCK_SH),
    ):
        assert not is_free(directory, fcntl.LOCK_EX)


def test_while_another_helper_may_live_a_lock_that_is_held_is_respected(
    tmp_path: Path, directory: int
) -> None:
    with held_by_a_payload(tmp_path):
        with pytest.raises(Problem) as problem, locks(directory, alone=False):
            pass
        assert not is_free(directory)

    assert problem.value.error["kind"] == "untried"


def test_a_payload_that_holds_the_lock_keeps_no_helper_from_its_work_that_is_alone(
    tmp_path: Path, directory: int
) -> None:
    with held_by_a_payload(tmp_path):
        with locks(directory, alone=True):
            assert not is_free(directory), "the next agent would not see this helper at work"
        assert is_free(directory), "the next agent would wait for the payload"


def test_a_lock_that_cannot_be_had_at_all_stops_only_those_that_may_not_be_alone(
    tmp_path: Path, directory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a payload takes each new lock at once."""
    monkeypatch.setattr(lock, "move_aside", lambda directory: None)
    with held_by_a_payload(tmp_path):
        with locks(directory, alone=True):
            worked = True
        with pytest.raises(Problem), locks(directory, alone=False):
            pass

    assert worked


def test_a_full_disk_stops_only_those_that_may_not_be_alone(
    directory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.EDQUOT, "quota exceeded")

    monkeypatch.setattr(os, "open", full)
    with locks(directory, alone=True):
        worked = True
    with pytest.raises(Problem), locks(directory, alone=False):
        pass

    assert worked


def test_however_often_a_payload_holds_the_lock_it_leaves_no_more_files(
    tmp_path: Path, directory: int
) -> None:
    with ExitStack() as payloads:
        for _ in range(5):
            payloads.enter_context(held_by_a_payload(tmp_path))
            with locks(directory, alone=True):
                pass

    assert len(list(tmp_path.iterdir())) <= 3


def test_a_file_that_is_no_longer_the_lock_is_not_taken_for_it(
    tmp_path: Path, directory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moved between opening and locking: whoever locks the new one would not be excluded."""

    def opens_what_is_moved_then(directory: int) -> int | None:
        file = open_lock(directory)
        (tmp_path / "lock").rename(tmp_path / "elsewhere")
        return file

    monkeypatch.setattr(lock, "open_lock", opens_what_is_moved_then)

    assert take(directory, fcntl.LOCK_EX) is None


def a_directory_with_content(file: Path) -> None:
    (file / "content").mkdir(parents=True)


def a_link(file: Path) -> None:
    file.symlink_to("elsewhere")


def closed(file: Path) -> None:
    file.touch(0o000)


@both
@pytest.mark.parametrize("spoil", [a_directory_with_content, a_link, os.mkfifo, closed])
def test_whatever_a_payload_has_put_in_its_place_is_no_hindrance(
    tmp_path: Path, directory: int, spoil: Any, alone: bool
) -> None:
    for kept in ("first", "second"):
        spoil(tmp_path / "lock")
        with locks(directory, alone):
            assert not is_free(directory)
        (tmp_path / "lock").rename(tmp_path / kept)


@both
def test_a_program_that_runs_in_its_place_is_moved_aside(tmp_path: Path, directory: int, alone: bool) -> None:
    shutil.copy("/bin/cat", tmp_path / "lock")  # ends with its standard input
    with subprocess.Popen([tmp_path / "lock"], stdin=subprocess.PIPE), locks(directory, alone):
        assert not is_free(directory)


@both
def test_a_lease_on_it_by_which_its_owner_delays_every_open_is_not_waited_for(
    tmp_path: Path, directory: int, alone: bool
) -> None:
    with leased(tmp_path / "lock"), locks(directory, alone):
        assert not is_free(directory)


def test_a_submit_that_did_not_get_the_lock_is_answered_as_certainly_not_tried(
    tmp_path: Path, directory: int
) -> None:
    account = Account("alice", str(tmp_path), directory, Slurm("alice", "", [], time.monotonic() + 60))
    with held_by_a_payload(tmp_path):
        answers = list(submit(account, [{"name": name, "chunk": 3} for name in NAMES]))

    assert [(one["name"], one["chunk"], one["error"]["kind"]) for one in answers] == [
        (name, 3, "untried") for name in NAMES
    ]


@pytest.mark.parametrize("argv", [[], [ALONE], ["look", ALONE], [ALONE, ALONE, "look"], ["--force", "look"]])
def test_other_arguments_are_refused(argv: list[str], tmp_path: Path) -> None:
    assert call.main(argv, str(tmp_path / "no-settings")) == 2


@both
def test_the_agents_word_that_no_other_helper_lives_reaches_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], alone: bool
) -> None:
    told: list[bool] = []

    def opens(settings: Settings, alone: bool) -> Any:
        told.append(alone)
        raise Problem("failed", "enough seen")

    monkeypatch.setattr(call, "open_account", opens)
    monkeypatch.setattr(call, "read_requests", lambda text: ([], []))
    monkeypatch.setattr(call, "read_settings", lambda config: json.loads("null"))
    monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": open(os.devnull, "rb")}))  # noqa: SIM115, PTH123

    call.main([*([ALONE] if alone else []), "look"])

    assert told == [alone]
