"""The daemons inside an enclosure, by name: start, signal, reap."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence


class Children:
    """Children of process 1. Their output goes to `log/<name>.log` in the enclosure's directory."""

    def __init__(self, root: int, owner: int) -> None:
        self._root = root
        self._owner = owner
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, argv: Sequence[str], user: str, env: Mapping[str, str]) -> int:
        """Start a daemon as a user, in a session of its own, and return its process id inside.

        Raises:
            ValueError: A daemon of this name is running.
            LookupError: There is no such user inside.
            OSError: The program could not be started.
        """
        if name in self.running():
            raise ValueError(f'cannot start "{name}": it is running')
        entry = pwd.getpwnam(user)
        log = self._open_log(name)
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=dict(env),
                user=entry.pw_uid,
                group=entry.pw_gid,
                extra_groups=os.getgrouplist(user, entry.pw_gid),
                start_new_session=True,
            )
        finally:
            os.close(log)
        self._processes[name] = process
        return process.pid

    def _open_log(self, name: str) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        log = os.open(f"log/{name}.log", flags, 0o644, dir_fd=self._root)
        os.fchown(log, self._owner, -1)
        return log

    def signal(self, name: str, number: int) -> bool:
        """Send a signal to one daemon; say whether it was running."""
        pid = self.running().get(name)
        if pid is not None:
            os.kill(pid, number)
        return pid is not None

    def running(self) -> dict[str, int]:
        """Return the process ids inside of the daemons that have not ended."""
        return {name: child.pid for name, child in self._processes.items() if child.returncode is None}

    def reap(self) -> None:
        """Collect everything that has ended, also the orphans that process 1 inherits."""
        while ended := _wait(os.WNOHANG):
            self._note(*ended)

    def _note(self, pid: int, status: int) -> None:
        for child in self._processes.values():
            if child.pid == pid and child.returncode is None:
                child.returncode = os.waitstatus_to_exitcode(status)

    def end_all(self) -> None:
        """Kill every process inside, wait for them, and remove what they kept on disk."""
        _kill_everything()
        while ended := _wait(0):
            self._note(*ended)
        shutil.rmtree("srv", ignore_errors=True, dir_fd=self._root)


def _kill_everything() -> None:
    try:
        os.kill(-1, signal.SIGKILL)  # everything in this process namespace but process 1
    except ProcessLookupError:
        return


def _wait(options: int) -> tuple[int, int] | None:
    """Collect one ended child; none if there is none (yet, with WNOHANG)."""
    try:
        pid, status = os.waitpid(-1, options)
    except ChildProcessError:
        return None
    return (pid, status) if pid else None
