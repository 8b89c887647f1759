"""Leases on files (fcntl(2)): with one, the owner of a file lets everybody else's open wait."""

import contextlib
import fcntl
import os
import signal
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def leased(file: Path) -> Iterator[None]:
    """Have a lease on a file, made if it is missing, against which no open of it succeeds at once."""
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)  # how the holder is asked to give it back
    held = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.fcntl(held, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        yield
    finally:
        os.close(held)
        signal.signal(signal.SIGIO, before)
