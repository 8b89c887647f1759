"""The search for processes that outlived a test session: whatever it starts inherits its folder's name."""

import contextlib
import os
import signal
from pathlib import Path

from computility.lab import proc
from computility.lab.waiting import holds_within
from support.shared_control_plane import SESSION_VARIABLE

GRACE_SECONDS = 5.0
"""Workers of xdist and the like are given this long to end by themselves."""


def end_and_report(root: Path) -> str:
    """Kill what still has the session's folder in its environment, and tell what it was; empty if none."""
    if holds_within(lambda: not _processes(root), timeout_seconds=GRACE_SECONDS):
        return ""
    left = {pid: _command(pid) for pid in _processes(root)}
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    lines = [f"  {pid}: {command}" for pid, command in left.items()]
    return "\n".join([f"processes of this test session were still running (logs in {root}):", *lines])


def _processes(root: Path) -> list[int]:
    found = proc.pids_with_environment(SESSION_VARIABLE, str(root))
    return [pid for pid in found if pid != os.getpid()]


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return "ended meanwhile"
