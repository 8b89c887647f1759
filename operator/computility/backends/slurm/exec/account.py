"""The account that the agent acts as: its directory, which is nobody else's, and its Slurm."""

import os
import pwd
import re
import time
from typing import ContextManager

from .files import make_directory
from .lock import exclusion
from .problem import Problem
from .settings import Settings
from .slurm import Slurm

CALL_SECONDS = 20.0  # for everything in one call; the agent waits a little longer
ACCOUNT_NAME = re.compile(r"[a-z_][a-z0-9_.-]{0,31}")


class Account:
    """One account at this centre, for the time of one call.

    Attributes:
        name: Its local name.
        directory: Path of its directory, for Slurm and the wrapper.
        fd: The same, open: all its files are reached from here.
        slurm: Slurm's commands, run as this account.
        alone: Whether the agent says that no other helper can be at work for this account.
        module_init: The script that has bash know `module`; "" where the centre has no modules.
    """

    def __init__(
        self, name: str, directory: str, fd: int, slurm: Slurm, *, alone: bool = False, module_init: str = ""
    ):
        self.name = name
        self.directory = directory
        self.fd = fd
        self.slurm = slurm
        self.alone = alone
        self.module_init = module_init

    def lock(self, how: int) -> ContextManager[None]:
        """Keep looks and submits of one account apart (see `lock.py`).

        Raises:
            Problem: The other side did not finish in time.
        """
        return exclusion(self.fd, how, self.slurm.deadline, self.alone)


def open_account(settings: Settings, alone: bool = False) -> Account:
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
    directory = os.path.join(settings.root, name)
    fd = open_own(settings.root, name)
    return Account(name, directory, fd, slurm, alone=alone, module_init=settings.module_init)


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
