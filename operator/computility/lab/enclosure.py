"""An enclosure as seen from outside: what runs in it, how to enter it, how to end it.

All of it goes through the socket of its first process, which belongs to the user who started the lab. The
socket is also what tells whether the enclosure lives: there is no file that could be out of date.
"""

import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from computility.lab.plan import File
from computility.lab.waiting import wait_until

STOP_SECONDS = 30.0
_CREDENTIALS = struct.Struct("3i")
_NO_ANSWER = '{"error": "it ended before it answered"}'


class EnclosureError(Exception):
    """An enclosure could not be made or reached, or refused a request."""


def as_root() -> list[str]:
    """Return what to put before a command that needs root."""
    return [] if os.geteuid() == 0 else ["sudo", "-n"]


class Enclosure:
    """The outside view of one enclosure, for the process that made it and for any other of the same user."""

    def __init__(self, root: Path, starter: subprocess.Popen[bytes] | None = None) -> None:
        self.root = root.resolve()
        self._starter = starter

    def is_running(self) -> bool:
        """Say whether its first process lives, and with it whatever runs inside."""
        with contextlib.suppress(EnclosureError):
            return self.pid > 0
        return False

    @property
    def pid(self) -> int:
        """Process id, as seen from here, of its first process.

        Raises:
            EnclosureError: It is not running.
        """
        with self._connect() as connection:
            credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        return int(_CREDENTIALS.unpack(credentials)[0])

    def enter(self, argv: Sequence[str], *, user: str, env: Mapping[str, str]) -> list[str]:
        """Return the command that runs `argv` inside as a user, with this environment only, in /.

        What it runs is killed when the command is: nothing is left inside by a caller who went away.
        """
        namespaces = ["nsenter", f"--target={self.pid}", "--mount", "--pid", "--"]
        identity = [f"--reuid={user}", f"--regid={user}", "--init-groups", "--pdeathsig=KILL", "--"]
        variables = [f"{name}={value}" for name, value in env.items()]
        return [*as_root(), *namespaces, "setpriv", *identity, "env", "-i", *variables, *argv]

    def start(self, name: str, argv: Sequence[str], *, user: str, env: Mapping[str, str]) -> int:
        """Start a daemon inside, to live until a signal or the enclosure's end; return its pid there.

        Its output is appended to `log/<name>.log`.

        Raises:
            EnclosureError: It runs already, or could not be started.
        """
        answer = self._request(do="start", name=name, argv=list(argv), user=user, env=dict(env))
        return int(answer["pid"])

    def signal(self, name: str, number: int) -> None:
        """Send a signal to a daemon inside; a no-op if it is not running."""
        self._request(do="signal", name=name, number=int(number))

    def kill(self, name: str) -> None:
        """End a daemon inside by SIGKILL, as a crash would, and wait until it is gone."""
        self.signal(name, signal.SIGKILL)
        wait_until(lambda: name not in self.running(), f'"{name}" to be gone', timeout_seconds=STOP_SECONDS)

    def running(self) -> dict[str, int]:
        """Return the daemons that run inside, with their process ids there."""
        running: dict[str, int] = self._request(do="list")["running"]
        return running

    def write(self, file: File) -> None:
        """Write a file inside, in one step, with its owner and mode."""
        self._request(do="write", **msgspec.to_builtins(file))

    def stop(self) -> None:
        """End every process inside and remove `srv`; a no-op if it is not running. Logs stay."""
        if not self.is_running():
            return
        watched = os.pidfd_open(self.pid)
        try:
            self._request(do="stop")
            self._wait_for_end(watched)
        finally:
            os.close(watched)
        if self._starter:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._starter.wait(1.0)

    def _wait_for_end(self, watched: int) -> None:
        """Wait for the first process by its descriptor: it ends after all the others inside.

        Its own end may hang on the dead who were entered from outside and whom this machine's init does not
        collect; they do nothing any more.
        """
        ended = select.select([watched], [], [], STOP_SECONDS)[0]
        if not ended and self.is_running():
            raise EnclosureError(f'enclosure "{self.root}" has not ended within {STOP_SECONDS:g} s')

    def _request(self, **request: Any) -> dict[str, Any]:
        with self._connect() as connection, connection.makefile("rw") as stream:
            stream.write(json.dumps(request) + "\n")
            stream.flush()
            answer: dict[str, Any] = json.loads(stream.readline() or _NO_ANSWER)
        if "error" in answer:
            raise EnclosureError(f'enclosure "{self.root}" refused "{request["do"]}": {answer["error"]}')
        return answer

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(STOP_SECONDS)
        try:
            with _directory(self.root) as held:  # a short path: a socket's address has 108 bytes
                connection.connect(f"/proc/self/fd/{held}/control")
        except OSError as error:
            connection.close()
            raise EnclosureError(f'enclosure "{self.root}" is not running: {error.strerror}') from error
        return connection


@contextlib.contextmanager
def _directory(path: Path) -> Iterator[int]:
    held = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        yield held
    finally:
        os.close(held)
