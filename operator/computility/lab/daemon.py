"""A daemon of the lab that was started: whether it runs, when it is ready, and how it ends.

Its record holds the pid with the kernel's start time and boot, so that a process which happens to get
the same number later is never signalled.
"""

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

import msgspec

from computility.lab import proc
from computility.lab.waiting import NotInTime, holds_within, wait_until

ROOT_VARIABLE = "COMPUTILITY_LAB_ROOT"
"""Every daemon has its lab's root in its environment, and so has all that it starts."""
STOP_GRACE_SECONDS = 10.0
KILL_GRACE_SECONDS = 20.0
LOG_TAIL_LINES = 15


class DaemonFailed(Exception):
    """A daemon ended, or was not ready in time; the message has the end of its log."""


class DaemonStuck(Exception):
    """Processes of a daemon's group are still there after SIGKILL."""


class Daemon(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One started daemon, as its file `<root>/run/<name>.json` has it; it leads its session and group."""

    name: str
    root: str
    pid: int
    start_ticks: int
    boot_id: str
    argv: list[str]
    log: str

    @property
    def file(self) -> Path:
        """Where this record is kept."""
        return daemon_file(Path(self.root), self.name)

    def is_running(self) -> bool:
        """Say whether this very process lives; another one with the same pid does not count."""
        _reap(self.pid)
        return proc.start_ticks(self.pid) == self.start_ticks and proc.boot_id() == self.boot_id

    def wait_ready(self, is_ready: Callable[[], bool], *, timeout_seconds: float) -> None:
        """Wait until `is_ready` says so.

        Raises:
            DaemonFailed: The daemon ended before that, or the time is over.
        """
        try:
            wait_until(lambda: self._alive_or_fail() and is_ready(), f'"{self.name}" to be ready',
                       timeout_seconds=timeout_seconds)  # fmt: skip
        except NotInTime as error:
            raise DaemonFailed(f"{error}; {self._log_tail()}") from error

    def stop(self, *, grace_seconds: float = STOP_GRACE_SECONDS) -> None:
        """End the whole group: SIGTERM, a bounded wait, SIGKILL; a no-op if it has ended already.

        Raises:
            DaemonStuck: Even SIGKILL did not end it.
        """
        if self.is_running() or self._left_a_group():
            self._end_group(grace_seconds)
        self.file.unlink(missing_ok=True)

    def kill(self) -> None:
        """End the whole group as a crash would, by SIGKILL at once, and keep its file for a restart.

        Raises:
            DaemonStuck: It is still there.
        """
        if self.is_running():
            self._end_group(0)

    def _end_group(self, grace_seconds: float) -> None:
        signals = [(signal.SIGTERM, grace_seconds)] if grace_seconds else []
        for number, seconds in [*signals, (signal.SIGKILL, KILL_GRACE_SECONDS)]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)
            if holds_within(self._group_is_empty, timeout_seconds=seconds):
                return
        raise DaemonStuck(f'"{self.name}": processes {proc.group_members(self.pid)} survived SIGKILL')

    def _left_a_group(self) -> bool:
        """Say whether processes of the group, all with our root, outlived their leader."""
        members = set(proc.group_members(self.pid))
        return bool(members) and members <= set(proc.pids_with_environment(ROOT_VARIABLE, self.root))

    def _group_is_empty(self) -> bool:
        _reap(self.pid)
        return not proc.group_members(self.pid)

    def _alive_or_fail(self) -> bool:
        if not self.is_running():
            raise DaemonFailed(f'"{self.name}" has ended; {self._log_tail()}')
        return True

    def _log_tail(self) -> str:
        lines = Path(self.log).read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
        return "\n  ".join([f"the end of {self.log}:", *lines])


def daemon_file(root: Path, name: str) -> Path:
    """Return where the record of a daemon is kept."""
    return root / "run" / f"{name}.json"


def _reap(pid: int) -> None:
    """Take an ended child off the process table; somebody else's is theirs to take."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
