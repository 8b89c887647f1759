"""A guard ends a lab's processes when the process that owns the lab dies, by whatever death.

`with guarded(root):` covers the time of a start: a starter killed half-way leaves nothing behind.
`start_guard(root, owner)` covers a life: the lab of a demo or of a test session ends with it.
A guard is no daemon of the lab: nothing stops it but the end of its watch.
"""

import contextlib
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from computility.lab import proc
from computility.lab.ending import stop_everything
from computility.lab.layout import make_private

_SOURCES = Path(__file__).resolve().parents[2]


def start_guard(root: Path, owner: int) -> subprocess.Popen[bytes]:
    """Start a process that waits for the death of `owner` (a pid), stops the lab at `root`, and ends."""
    argv = [
        sys.executable,
        "-m",
        "computility.lab.guard",
        str(root.resolve()),
        str(owner),
        str(proc.start_ticks(owner) or 0),
    ]
    with (make_private(root / "logs") / "guard.log").open("ab") as log:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={"PYTHONPATH": str(_SOURCES)},
            start_new_session=True,
        )


@contextlib.contextmanager
def guarded(root: Path) -> Iterator[None]:
    """Leave nothing of the lab running if the body fails, or if this process is killed within it."""
    guard = start_guard(root, os.getpid())
    try:
        yield
    except BaseException:
        stop_everything(root)
        raise
    finally:
        guard.terminate()
        guard.wait()


def await_death(pid: int, ticks: int) -> None:
    """Return once the process with this pid and start time has ended."""
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            if proc.start_ticks(pid) == ticks:
                select.select([descriptor], [], [])
        finally:
            os.close(descriptor)


def main(argv: list[str]) -> None:
    """Guard the lab in argv[0] until the process argv[1], started at argv[2] (clock ticks), is dead."""
    root, owner, ticks = argv
    await_death(int(owner), int(ticks))
    stop_everything(Path(root))


if __name__ == "__main__":
    main(sys.argv[1:])
