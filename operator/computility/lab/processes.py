"""Starting the lab's daemons and finding them again.

Each leads a session of its own, and `<root>/run/<name>.json` says who it is. What outlived its file is
found by its environment (`leftovers.py`).
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from computility.lab import proc
from computility.lab.daemon import ROOT_VARIABLE, Daemon, DaemonFailed, DaemonStuck, daemon_file
from computility.lab.layout import make_private, write_private

__all__ = ["Daemon", "DaemonFailed", "DaemonStuck", "find_daemon", "find_daemons", "start_daemon"]


def start_daemon(
    root: Path,
    name: str,
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Daemon:
    """Start a program in a session of its own, its output appended to `<root>/logs/<name>.log`.

    Args:
        root: The lab's folder.
        name: What this lab calls the daemon; names its log and its file.
        argv: The program and its arguments.
        env: Variables on top of our own environment.
        cwd: Where it runs; the lab's folder if not given.

    Raises:
        DaemonFailed: There is one of this name running, or the program could not be started.
    """
    root = root.resolve()
    _refuse_second(root, name)
    log = make_private(root / "logs") / f"{name}.log"
    make_private(root / "run")
    pid = _spawn(argv, log, {**os.environ, **(env or {}), ROOT_VARIABLE: str(root)}, cwd or root)
    daemon = Daemon(
        name=name, root=str(root), pid=pid, start_ticks=proc.start_ticks(pid) or 0, boot_id=proc.boot_id(),
        argv=list(argv), log=str(log),
    )  # fmt: skip
    write_private(daemon.file, msgspec.json.encode(daemon))
    return daemon


def find_daemon(root: Path, name: str) -> Daemon | None:
    """Return what was started under this name, running or not; None if nothing was, or it was stopped."""
    file = daemon_file(root.resolve(), name)
    return msgspec.json.decode(file.read_bytes(), type=Daemon) if file.exists() else None


def find_daemons(root: Path) -> list[Daemon]:
    """Return all daemons that have a file in this lab, the one started last first."""
    files = daemon_file(root.resolve(), "*").parent.glob("[!.]*.json")
    daemons = [msgspec.json.decode(file.read_bytes(), type=Daemon) for file in files]
    return sorted(daemons, key=lambda daemon: (daemon.start_ticks, daemon.pid), reverse=True)


def _refuse_second(root: Path, name: str) -> None:
    earlier = find_daemon(root, name)
    if earlier and earlier.is_running():
        raise DaemonFailed(f'"{name}" runs already in lab "{root}" as process {earlier.pid}: stop it first')


def _spawn(argv: Sequence[str], log: Path, env: Mapping[str, str], cwd: Path) -> int:
    with log.open("ab") as output:
        try:
            child = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=env,
                cwd=cwd,
                start_new_session=True,
            )
        except OSError as error:
            raise DaemonFailed(f'cannot start "{argv[0]}": {error.strerror}') from error
    # The daemon may outlive us, and whoever stops it may be another process: the handle is of no use.
    child.returncode = 0
    return child.pid
