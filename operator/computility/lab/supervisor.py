"""Process 1 of an enclosure: builds its private view of the machine, then starts and watches its daemons.

Runs as root in new mount and process namespaces (`namespace.open_enclosure` makes them). However it dies, the
kernel then kills every process inside and drops the mounts. Standard library only: it starts in 50 ms.

It listens on the socket `control` in the enclosure's directory, which belongs to the user who started the
lab: one JSON object a connection, answered by one. `do` names the request: `list`, `start`, `signal`,
`write`, `stop`.
"""

import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from computility.lab.children import Children
from computility.lab.private_view import build_view, write_file

REQUEST_TIMEOUT_SECONDS = 5.0


def main() -> None:
    """Build the view that the plan on the command line describes, then serve until told to stop."""
    os.umask(0o022)
    plan = json.loads(Path(sys.argv[1]).read_text())
    root = build_view(plan)
    children = Children(root, owner=plan["owner"])
    signal.signal(signal.SIGTERM, _exit)
    serve(listen(root, plan["owner"]), children, tied=plan["tied"])


def _exit(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def listen(root: int, owner: int) -> socket.socket:
    """Listen on `control` in the held directory `root`, for its owner only.

    The short path through /proc keeps below the 108 bytes that a socket's address may have.
    """
    path = Path(f"/proc/self/fd/{root}/control")
    path.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX)
    old = os.umask(0o177)
    server.bind(str(path))
    os.umask(old)
    os.chown(path, owner, -1)
    server.listen()
    return server


def serve(server: socket.socket, children: Children, tied: bool) -> None:
    """Answer requests and reap children, until `stop` or, if tied, until the starter is gone."""
    selector = selectors.DefaultSelector()
    selector.register(server, selectors.EVENT_READ)
    selector.register(_child_ended(), selectors.EVENT_READ)
    if tied:
        selector.register(sys.stdin, selectors.EVENT_READ)
    while True:
        ready = {key.fileobj for key, _ in selector.select()}
        children.reap()
        if sys.stdin in ready or (server in ready and not _answer_one(server, children)):
            children.end_all()
            return


def _child_ended() -> socket.socket:
    """Return a socket that becomes readable whenever a child has ended."""
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    signal.set_wakeup_fd(writing.detach(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    return reading


def _answer_one(server: socket.socket, children: Children) -> bool:
    """Answer one connection; say whether to go on."""
    connection, _ = server.accept()
    with connection:
        connection.settimeout(REQUEST_TIMEOUT_SECONDS)
        try:
            request = json.loads(connection.makefile().readline())
            answer = _perform(request, children)
        except (OSError, ValueError, LookupError, TypeError) as error:
            request, answer = {}, {"error": str(error)}
        _send(connection, answer)
    return bool(request.get("do") != "stop")


def _send(connection: socket.socket, answer: dict[str, Any]) -> None:
    try:
        connection.sendall(json.dumps(answer).encode() + b"\n")
    except OSError:
        return  # whoever asked has gone; the enclosure does not depend on it


def _perform(request: dict[str, Any], children: Children) -> dict[str, Any]:
    verbs: dict[str, Callable[..., dict[str, Any]]] = {
        "list": lambda: {"running": children.running()},
        "start": lambda **asked: {"pid": children.start(**asked)},
        "signal": lambda **asked: {"sent": children.signal(**asked)},
        "write": lambda **asked: {"written": write_file(asked)},
        "stop": dict,
    }
    asked = dict(request)
    return verbs[asked.pop("do")](**asked)


if __name__ == "__main__":
    main()
