"""The lock that keeps looks and submits of one account apart: a look during a submit could miss its job.

An agent keeps its own calls apart. The lock is for what its predecessor has left behind, a helper that still
submits while the new agent looks already; no helper lives longer than `entry.HARD_SECONDS`.

The file lies in the account's own directory, where payloads can hold it too, for ever, and put anything in
its place. So it is waited for only as long as another helper may be at work. After that the agent says so
(`ALONE`): whoever has the lock then is no helper. It is moved aside, and a new one is taken for the next
agent to go by; if that cannot be had either, nothing waits for it.
"""

import contextlib
import errno
import fcntl
import os
import time
from typing import Iterator, Optional

from .files import OWNERS_DOING
from .problem import Problem

ALONE = "--alone"
LOCK = "lock"
LOCK_SECONDS = 10.0
POLL_SECONDS = 0.02
SPOILED = (*OWNERS_DOING, errno.ETXTBSY)  # a program that runs cannot be opened to be written


@contextlib.contextmanager
def exclusion(directory: int, how: int, until: float, alone: bool) -> Iterator[None]:
    """Keep other helpers of an account away for a while.

    Args:
        directory: The account's own.
        how: LOCK_SH of fcntl to look, LOCK_EX to submit.
        until: When to give up, on the monotonic clock; at the latest after `LOCK_SECONDS`.
        alone: Whether no other helper can be at work.

    Raises:
        Problem: Another helper may be at work, and did not finish in time.
    """
    until = min(until, time.monotonic() + LOCK_SECONDS)
    file = take(directory, how)
    if file is None and alone:
        move_aside(directory)
        file = take(directory, how)
    while file is None and not alone:
        if time.monotonic() > until:
            raise Problem("untried", "the account's lock is held, by a call of before or by a payload")
        time.sleep(POLL_SECONDS)
        file = take(directory, how)
    try:
        yield
    finally:
        if file is not None:
            os.close(file)


def take(directory: int, how: int) -> Optional[int]:
    """Lock the account's file, if that can be done at once; None if not, or if it was moved meanwhile."""
    file = open_lock(directory)
    if file is None:
        return None
    with contextlib.suppress(OSError):
        fcntl.flock(file, how | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(file), os.stat(LOCK, dir_fd=directory, follow_symlinks=False)):
            return file
    os.close(file)
    return None


def open_lock(directory: int) -> Optional[int]:
    """Open the file that is locked; what a payload has put in its place is moved aside, for the next time."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        return os.open(LOCK, flags, 0o600, dir_fd=directory)
    except OSError as error:
        if error.errno in SPOILED:
            move_aside(directory)
        return None


def move_aside(directory: int) -> None:
    """Give what has the lock's name another one, if its owner does not prevent that."""
    # One name for all of them, or a payload could make as many files as there are calls.
    for aside in (f"{LOCK}.aside", f"{LOCK}.{os.urandom(8).hex()}"):
        with contextlib.suppress(OSError):
            os.rename(LOCK, aside, src_dir_fd=directory, dst_dir_fd=directory)
            return
