"""A port of the loopback interface, held for a server until it has it."""

import contextlib
import socket
from collections.abc import Iterator

LOOPBACK = "127.0.0.1"


@contextlib.contextmanager
def reserved_port(wish: int = 0) -> Iterator[int]:
    """Hold a free TCP port of the loopback interface for a server that shares ports (SO_REUSEPORT).

    Until the body ends the kernel gives the port to nobody else; connections to it are refused until
    the server listens. Asking for a free port and closing it again would leave it to the first comer.

    Args:
        wish: The port to hold, or 0 for any.

    Raises:
        OSError: The wished port is taken.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind((LOOPBACK, wish))
        yield holder.getsockname()[1]
