"""Free ports of this machine's loopback, below those that the kernel gives out by itself."""

import itertools
import random
import socket
from pathlib import Path

FIRST, LAST = 20000, 32000
_LISTEN = "0A"


def free_ports(count: int) -> list[int]:
    """Return different ports that nobody has bound at this moment, in no order."""
    candidates = random.SystemRandom().sample(range(FIRST, LAST), LAST - FIRST)
    return list(itertools.islice(filter(_is_free, candidates), count))


def is_listening(port: int) -> bool:
    """Say whether somebody listens on a TCP port of this machine, without connecting to it."""
    return any(_listens(Path("/proc/net") / table, port) for table in ("tcp", "tcp6"))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104 - to find who is there, never to listen
        except OSError:
            return False
    return True


def _listens(table: Path, port: int) -> bool:
    if not table.exists():
        return False
    rows = (line.split() for line in table.read_text().splitlines()[1:])
    return any(row[3] == _LISTEN and row[1].endswith(f":{port:04X}") for row in rows)
