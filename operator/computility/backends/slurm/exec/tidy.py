"""The verb `tidy`: of an attempt that has ended only claim, result and output stay.

Whatever a payload has left stays too, and so does `work` as a whole as soon as anything in it is not one of
the job's own files with the content that it was given: a file that the payload has changed is its output.
What its owner has locked or put in the place of a file of ours is left alone, and is no reason to try again.
"""

import contextlib
import errno
import os
import re
import stat
from typing import Iterator, List

from .account import Account
from .claims import read_claim
from .files import opened
from .inputs import has_only, read_inputs, remove
from .problem import Answer, answer_to

# Also what a crash has left beside them, half-written. job.json last: it says what else is ours.
OURS = re.compile(
    r"\.(?:script|go|(?:job|started|cancel|result)\.json)\.[0-9a-f]{16}|script|go|started\.json"
)
LAST = ("cancel.json", "job.json")
STREAMS = ("stdout", "stderr")
NOT_OURS = (errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP,
            errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY)  # fmt: skip


def tidy(account: Account, requests: List[Answer]) -> Iterator[Answer]:
    """Tidy up after each attempt."""
    return (answer_to(tidy_one, account, request) for request in requests)


def tidy_one(account: Account, request: Answer) -> Answer:
    """Tidy up after an attempt; one that nobody has claimed may still start, and is left as it is."""
    name = request["name"]
    claim = read_claim(account, name)
    if claim is None:
        return {}
    with left_alone(), opened(account.fd, name) as attempt:
        tidy_work(attempt)
        # No payload ever ran under a claim of the agent: its output is what the wrapper said.
        tidy_files(attempt, has_run=claim.get("by") != "agent")
    with left_alone():
        os.rmdir(name, dir_fd=account.fd)
    return {}


def tidy_work(attempt: int) -> None:
    """Remove the working directory if all in it is ours."""
    with left_alone():
        inputs = read_inputs(attempt)
        with opened(attempt, "work") as work:
            if not has_only(work, inputs):
                return
            remove(work, inputs)
        os.rmdir("work", dir_fd=attempt)


def tidy_files(attempt: int, has_run: bool) -> None:
    """Remove the files that only the run needed, and output that is none."""
    for name in STREAMS:
        remove_file(attempt, name, only_empty=has_run)
    for name in [name for name in os.listdir(attempt) if OURS.fullmatch(name)]:
        remove_file(attempt, name)
    for name in LAST:
        remove_file(attempt, name)


def remove_file(directory: int, name: str, only_empty: bool = False) -> None:
    """Remove a regular file; what else has its name was made by the account's owner."""
    with left_alone():
        status = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if stat.S_ISREG(status.st_mode) and not (only_empty and status.st_size):
            os.unlink(name, dir_fd=directory)


@contextlib.contextmanager
def left_alone() -> Iterator[None]:
    """Leave what cannot be removed because of what its owner has done to it."""
    try:
        yield
    except OSError as error:
        if error.errno not in NOT_OURS:
            raise
