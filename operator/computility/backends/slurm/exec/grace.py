"""How long a payload that is cancelled has had: the first cancel is noted, later ones do not begin anew."""

import errno
import re
import time
from typing import Any, Dict, Set

from .account import Account
from .files import OWNERS_DOING, opened, read_part, write_whole
from .indices import INDICES, MAX_ARRAY_SIZE, parse_indices, render_indices
from .records import JOB_BYTES, read_record, render

HARD_CANCEL_SECONDS = 30.0  # after the grace: a wrapper that is stuck is ended by Slurm
NOTE = "cancel.json"
NOTE_BYTES = 256 * 2**10  # an array of 10,000 may be cancelled one index at a time
# As `render` writes it. Within a text of the tenant's the quotes would have backslashes.
GRACE = re.compile(rb'"graceSeconds": ([0-9]{1,4})[,}]')


def is_overdue(account: Account, name: str) -> bool:
    """Say whether the attempt was first cancelled longer ago than its grace; note the first time."""
    try:
        with opened(account.fd, name) as attempt:
            first = read_record(attempt, NOTE)
            if first is None:
                write_whole(attempt, NOTE, render({"at": now()}))
                return False
            return has_passed(first.get("at"), patience(attempt))
    except OSError as error:
        return is_locked_out(error)


def overdue(account: Account, name: str, indices: Set[int]) -> Set[int]:
    """Return which of these indices of an array were first cancelled too long ago; note the new ones."""
    try:
        with opened(account.fd, name) as attempt:
            asked: Any = (read_record(attempt, NOTE, NOTE_BYTES, NOTE_BYTES) or {}).get("asked")
            asked = asked if isinstance(asked, dict) else {}
            noted = read_noted(asked, indices)
            new = indices.difference(noted)
            if new:
                told = dict(asked, **{render_indices(new): now()})
                write_whole(attempt, NOTE, render({"asked": told}))
            seconds = patience(attempt)
            return {index for index in indices.intersection(noted) if has_passed(noted[index], seconds)}
    except OSError as error:
        return indices if is_locked_out(error) else set()


def read_noted(asked: Dict[str, Any], indices: Set[int]) -> Dict[int, Any]:
    """Read when the cancel of each index was noted.

    Ours name no index twice. A note that names more of them than there can be is a payload's, and is not read
    to its end: it tells these indices, and no time.
    """
    noted: Dict[int, Any] = {}
    named = 0
    for text, at in asked.items():
        some = parse_indices(text) if INDICES.fullmatch(text) else []
        named += len(some)
        if named > MAX_ARRAY_SIZE:
            return dict.fromkeys(indices)
        noted.update(dict.fromkeys(some, at))
    return noted


def now() -> float:
    """Return the time in whole seconds since the epoch: ten thousand of them fit into a note."""
    return float(int(time.time()))


def patience(attempt: int) -> float:
    """Return how many seconds after its cancel a payload of this attempt has to be gone.

    The record of the job is not parsed for it: what a payload has made of that could take seconds.
    """
    found = GRACE.search(read_part(attempt, "job.json", JOB_BYTES) or b"")
    grace = int(found.group(1)) if found else 0
    return HARD_CANCEL_SECONDS + (grace if grace <= 3600 else 0)


def has_passed(at: Any, seconds: float) -> bool:
    """Say whether so many seconds have passed since then; a time that cannot be is long ago."""
    return not isinstance(at, float) or not 0 <= time.time() - at <= seconds


def is_locked_out(error: OSError) -> bool:
    """Say yes: without a directory, or locked out of it by the payload, there is no keeping of a grace.

    Raises:
        OSError: It was a disk or a network that failed.
    """
    if error.errno not in (errno.ENOENT, *OWNERS_DOING):
        raise error
    return True
