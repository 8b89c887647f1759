"""The verb `tidy`: of an attempt that has ended only claim, result and output stay.

Whatever a payload has left stays too, and so does `work` as a whole as soon as anything in it is not one of
the job's own files with the content that it was given: a file that the payload has changed is its output.
What its owner has locked or put in the place of a file of ours is left alone, and is no reason to try again.
An array is folded (see `fold.py`): claims and records into one file, its outputs into one a stream.
"""

import contextlib
import errno
import os
import re
import stat
import time
from typing import Iterator, List, Optional

from .account import Account
from .claims import opened_claims, read_claim, read_standing
from .files import opened
from .fold import STREAMS as FOLDED_STREAMS
from .fold import Fold, contradicts, read_fold, write_fold
from .indices import read_array
from .inputs import has_only, read_inputs, remove
from .problem import Answer, Problem, answer_to

# Also what a crash has left beside them, half-written. job.json last: it says what else is ours.
OURS = re.compile(
    r"\.(?:script|go|stdout|stderr|(?:job|started|cancel|result|chunk\.[0-9])\.json)\.[0-9a-f]{16}"
    r"|script|go|(?:started|chunk\.[0-9])\.json"
)
CLAIM = re.compile(r"[0-9]{1,4}|\.(?:agent|[0-9]{1,4})\.[0-9a-f]{32}|\.folded\.[0-9a-f]{16}")
RECORD = re.compile(r"[0-9]{1,4}\.json|\.[0-9]{1,4}\.json\.[0-9a-f]{16}")
LAST = ("cancel.json", "job.json")
STREAMS = ("stdout", "stderr")
NOT_OURS = (errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP,
            errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY, errno.EWOULDBLOCK)  # fmt: skip


def tidy(account: Account, requests: List[Answer]) -> Iterator[Answer]:
    """Tidy up after each attempt."""
    return (answer_to(tidy_one, account, request) for request in requests)


def tidy_one(account: Account, request: Answer) -> Answer:
    """Tidy up after an attempt; one that nobody has claimed may still start, and is left as it is."""
    name = request["name"]
    if time.monotonic() > account.slurm.deadline:
        raise Problem("untried", "no time was left for it")
    if "array" in request:
        with left_alone():
            tidy_array(account, name, read_array(request))
        return {}
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


def tidy_array(account: Account, name: str, array: List[int]) -> None:
    """Tidy up after an array, likewise left as it is as long as any of its indices may still start."""
    with opened_claims(account, name) as at:
        fold = fold_claims(account, name, at, array)
        if fold is None:
            return
        for claim in filter(CLAIM.fullmatch, os.listdir(at)):
            remove_file(at, claim)
    with left_alone(), opened(account.fd, name) as attempt:
        tidy_work(attempt)
        tidy_indices(attempt, array, fold)
        tidy_files(attempt, has_run=True)
    with left_alone():
        os.rmdir(name, dir_fd=account.fd)


def fold_claims(account: Account, name: str, at: int, array: List[int]) -> Optional[Fold]:
    """Return the array's fold, written now if there was none; None if it is to be left as it is.

    That is so while anybody may still claim an index, and where a payload has written a fold of its own.
    """
    standing = read_standing(at, array)
    fold = read_fold(at, len(array))
    if fold is None and len(standing) == len(array):
        write_fold(account, name, at, standing)
        fold = read_fold(at, len(array))
    return None if fold is None or contradicts(fold, standing) else fold


def tidy_indices(attempt: int, array: List[int], fold: Fold) -> None:
    """Remove the files of each index: the records, and the outputs that are in the fold or empty."""
    with left_alone(), opened(attempt, "indices") as indices:
        for name in filter(RECORD.fullmatch, os.listdir(indices)):
            remove_file(indices, name)
        for stream, ending in FOLDED_STREAMS:
            for index in array:
                remove_file(indices, f"{index}{ending}", only_empty=index not in fold.outputs[stream])
            if not fold.outputs[stream]:
                remove_file(attempt, stream)  # what Slurm and the wrappers said themselves
    with left_alone():
        os.rmdir("indices", dir_fd=attempt)


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
