"""Daemons, leftovers and guards, on real processes."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from computility.lab import proc
from computility.lab.guard import guarded, start_guard
from computility.lab.leftovers import stop_leftovers, strays
from computility.lab.processes import Daemon, DaemonFailed, find_daemon, find_daemons, start_daemon
from computility.lab.waiting import NotInTime, holds_within, wait_until

SLEEP = ["sleep", "1000"]
WITH_CHILD = ["sh", "-c", "sleep 1000 & wait"]
DEAF_TO_TERM = ["sh", "-c", 'trap "" TERM; echo deaf; while :; do sleep 1000; done']
LEADER_ENDS = ["sh", "-c", "sleep 1000 & exit 0"]


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A lab's folder; whatever a failed test leaves in it is ended."""
    yield tmp_path
    stop_leftovers(tmp_path)


def test_a_daemon_leads_a_session_of_its_own(root: Path) -> None:
    daemon = start_daemon(root, "sleeper", SLEEP)

    assert proc.group_members(daemon.pid) == [daemon.pid]


def test_a_stopped_daemon_is_gone_with_all_its_group(root: Path) -> None:
    daemon = start_daemon(root, "parent", WITH_CHILD)
    wait_until(lambda: len(proc.group_members(daemon.pid)) == 2, "the child", timeout_seconds=60)

    daemon.stop()

    assert proc.group_members(daemon.pid) == []
    assert find_daemon(root, "parent") is None


def test_a_daemon_deaf_to_sigterm_is_killed(root: Path) -> None:
    daemon = start_daemon(root, "deaf", DEAF_TO_TERM)
    daemon.wait_ready(lambda: "deaf" in Path(daemon.log).read_text(), timeout_seconds=60)

    daemon.stop(grace_seconds=0.2)

    assert proc.group_members(daemon.pid) == []


def test_children_that_outlived_their_leader_are_ended(root: Path) -> None:
    daemon = start_daemon(root, "short", LEADER_ENDS)
    wait_until(lambda: not daemon.is_running(), "the leader's end", timeout_seconds=60)
    assert len(strays(root)) == 1

    daemon.stop()

    assert strays(root) == []


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"start_ticks": 1}, id="started-at-another-time"),
        pytest.param({"boot_id": "another"}, id="started-in-another-boot"),
    ],
)
def test_a_process_that_got_the_number_of_a_daemon_is_never_killed(
    root: Path, tmp_path_factory: pytest.TempPathFactory, other: dict[str, int]
) -> None:
    stranger = start_daemon(tmp_path_factory.mktemp("elsewhere"), "stranger", SLEEP)
    record = msgspec.structs.replace(stranger, root=str(root), **other)

    record.stop()
    record.kill()

    assert stranger.is_running()
    stranger.stop()


def test_a_second_daemon_of_the_same_name_is_refused(root: Path) -> None:
    first = start_daemon(root, "one", SLEEP)

    with pytest.raises(DaemonFailed, match=f"process {first.pid}"):
        start_daemon(root, "one", SLEEP)

    assert find_daemon(root, "one") == first


def test_a_daemon_that_ends_is_not_waited_for_and_its_log_is_shown(root: Path) -> None:
    daemon = start_daemon(root, "failing", ["sh", "-c", "echo out of cheese >&2; exit 3"])

    with pytest.raises(DaemonFailed, match="out of cheese"):
        daemon.wait_ready(lambda: False, timeout_seconds=60)


def test_a_daemon_that_is_never_ready_is_given_up_on(root: Path) -> None:
    daemon = start_daemon(root, "slow", SLEEP)

    with pytest.raises(DaemonFailed, match="in vain"):
        daemon.wait_ready(lambda: False, timeout_seconds=0.1)


def test_a_program_that_is_not_there_is_named(root: Path) -> None:
    with pytest.raises(DaemonFailed, match="no-such-program"):
        start_daemon(root, "nothing", ["no-such-program"])

    assert find_daemons(root) == []


def test_leftovers_are_ended_in_the_reverse_order_of_their_start(root: Path) -> None:
    names = ["first", "second", "third"]
    daemons = [start_daemon(root, name, SLEEP) for name in names]

    assert stop_leftovers(root) == list(reversed(names))
    assert not any(daemon.is_running() for daemon in daemons)
    assert stop_leftovers(root) == []


def test_a_leftover_that_lost_its_file_is_found_by_its_environment(root: Path) -> None:
    daemon = start_daemon(root, "lost", SLEEP)
    daemon.file.unlink()

    assert stop_leftovers(root) == [f"process {daemon.pid}"]
    assert not daemon.is_running()


def test_another_labs_processes_are_no_leftovers(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = start_daemon(tmp_path_factory.mktemp("other"), "neighbour", SLEEP)

    assert stop_leftovers(root) == []
    assert other.is_running()
    other.stop()


def test_a_starter_killed_half_way_leaves_nothing_running(root: Path) -> None:
    run_and_die(
        f"""
        with guarded(Path({str(root)!r})):
            start_daemon(Path({str(root)!r}), "half", ["sleep", "1000"])
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )

    assert holds_within(lambda: strays(root) == [], timeout_seconds=60)


def test_a_start_that_raises_leaves_nothing_running(root: Path) -> None:
    def start_and_be_interrupted() -> None:
        with guarded(root):
            start_daemon(root, "half", SLEEP)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        start_and_be_interrupted()

    assert strays(root) == []


def test_what_was_started_well_outlives_the_guard_of_its_start(root: Path) -> None:
    with guarded(root):
        daemon = start_daemon(root, "whole", SLEEP)

    assert daemon.is_running()


def test_a_lab_tied_to_a_process_ends_with_it(root: Path) -> None:
    owner = subprocess.Popen(SLEEP)
    guard = start_guard(root, owner.pid)
    daemon = start_daemon(root, "tied", SLEEP)

    owner.kill()
    owner.wait()

    assert guard.wait(timeout=10) == 0
    assert not daemon.is_running()


def test_a_guard_of_a_dead_owner_acts_at_once(root: Path) -> None:
    owner = subprocess.Popen(["true"])
    owner.wait()
    daemon = start_daemon(root, "tied", SLEEP)

    assert start_guard(root, owner.pid).wait(timeout=10) == 0
    assert not daemon.is_running()


def test_records_are_found_by_other_processes(root: Path) -> None:
    started: Daemon = start_daemon(root, "known", SLEEP)

    assert find_daemon(root, "known") == started


def test_waiting_in_vain_names_what_was_waited_for() -> None:
    with pytest.raises(NotInTime, match="the moon"):
        wait_until(lambda: False, "the moon", timeout_seconds=0)


def run_and_die(body: str) -> None:
    """Run this in a process of its own, which is to end by SIGKILL."""
    imports = "import os, signal\nfrom pathlib import Path\nfrom computility.lab.guard import guarded\n"
    script = f"{imports}from computility.lab.processes import start_daemon\nif True:{body}"
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
