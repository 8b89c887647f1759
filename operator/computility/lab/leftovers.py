"""What a lab that was killed left running, found by its daemons' files and by their environment."""

import contextlib
import os
import signal
from pathlib import Path

from computility.lab import proc
from computility.lab.daemon import KILL_GRACE_SECONDS, ROOT_VARIABLE, DaemonStuck
from computility.lab.processes import find_daemons
from computility.lab.waiting import holds_within


def stop_leftovers(root: Path) -> list[str]:
    """End everything of this lab that still runs, what was started last first; safe to repeat.

    Returns:
        What was found running: names of daemons, and pids of processes that had lost theirs.

    Raises:
        DaemonStuck: Something did not end.
    """
    running = [daemon for daemon in find_daemons(root) if daemon.is_running()]
    for daemon in find_daemons(root):
        daemon.stop()
    return [daemon.name for daemon in running] + [f"process {pid}" for pid in _kill_strays(root)]


def strays(root: Path) -> list[int]:
    """Return the processes that carry this lab's root in their environment, except ourselves."""
    found = proc.pids_with_environment(ROOT_VARIABLE, str(root.resolve()))
    return [pid for pid in found if pid != os.getpid()]


def _kill_strays(root: Path) -> list[int]:
    found = strays(root)
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if not holds_within(lambda: not strays(root), timeout_seconds=KILL_GRACE_SECONDS):
        raise DaemonStuck(f'lab "{root}": processes {strays(root)} survived SIGKILL')
    return found
