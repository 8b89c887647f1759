"""The account that the agent acts as: its directory, which is nobody else's, and its Slurm."""

import contextlib
import fcntl
import os
import pwd
import re
import time
from typing import Iterator

from .files import OWNERS_DOING, make_directory
from .problem import Problem
from .settings import Settings
from .slurm import Slurm

CALL_SECONDS = 20.0  # for everything in one call; the agent waits a little longer
LOCK_SECONDS = 10.0
ACCOUNT_NAME = re.compile(r"[a-z_][a-z0-9_.-]{0,31}")


class Account:
    """One account at this centre, for the time of one call.

    Attributes:
        name: Its local name.
        directory: Path of its directory, for Slurm and the wrapper.
        fd: The same, open: all its files are reached from here.
        slurm: Slurm's commands, run as this account.
    """

    def __init__(self, name: str, directory: str, fd: int, slurm: Slurm):
        self.name = name
        self.directory = directory
        self.fd = fd
        self.slurm = slurm

    @contextlib.contextmanager
    def lock(self, how: int) -> Iterator[None]:
        """Keep looks and submits of one account apart: a look during a submit could miss its job.

        Raises:
            Problem: The other side did not finish in time.
        """
        file = open_lock(self.fd)
        try:
            until = min(time.monotonic() + LOCK_SECONDS, self.slurm.deadline)
            while not locked(file, how):
                if time.monotonic() > until:
                    raise Problem("failed", "another submit or look of this account is still under way")
                time.sleep(0.02)
            yield
        finally:
            os.close(file)


def open_lock(directory: int) -> int:
    """Open the file that is locked; what a payload has put in its place is moved aside."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    try:
        return os.open("lock", flags, 0o600, dir_fd=directory)
    except OSError as error:
        if error.errno not in OWNERS_DOING:
            raise
    os.rename("lock", "lock." + os.urandom(8).hex(), src_dir_fd=directory, dst_dir_fd=directory)
    return os.open("lock", flags, 0o600, dir_fd=directory)


def locked(file: int, how: int) -> bool:
    """Try to lock a file."""
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def open_account(settings: Settings) -> Account:
    """Open the directory of the account that this process runs as.

    Raises:
        Problem: It runs as root, or the directory belongs to somebody else.
    """
    if os.geteuid() == 0:
        raise Problem("failed", "runs as a tenant's account, never as root")
    name = pwd.getpwuid(os.geteuid()).pw_name
    if not ACCOUNT_NAME.fullmatch(name):
        raise Problem("failed", f"account {name!r} has a strange name")
    slurm = Slurm(name, settings.slurm_conf, settings.path, time.monotonic() + CALL_SECONDS)
    return Account(name, os.path.join(settings.root, name), open_own(settings.root, name), slurm)


def open_own(root: str, account: str) -> int:
    """Open the account's own directory, made if the root allows it; nobody else may reach into it.

    Raises:
        Problem: It, or what is kept of claims in it, belongs to somebody else.
    """
    above = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fd = open_closed(above, account)
    finally:
        os.close(above)
    os.close(open_closed(fd, "claims"))
    return fd


def open_closed(above: int, name: str) -> int:
    """Open a directory of this account with mode 0700: whatever else a payload has made of it is undone.

    Refused instead, it would stay refused: nobody but the account itself could mend it.

    Raises:
        Problem: It belongs to somebody else.
    """
    make_directory(above, name)
    # A descriptor to change it by, which needs no right to read it.
    held = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
    try:
        status = os.fstat(held)
        if status.st_uid != os.geteuid():
            raise Problem("failed", f'directory "{name}" belongs to uid {status.st_uid}, not to this account')
        if status.st_mode & 0o777 != 0o700:
            os.chmod(f"/proc/self/fd/{held}", status.st_mode & 0o7000 | 0o700)
        return os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=held)
    finally:
        os.close(held)
