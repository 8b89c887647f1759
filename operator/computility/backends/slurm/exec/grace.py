"""How long a payload that is cancelled has had: the first cancel is noted, later ones do not begin anew."""

import errno
import time
from typing import Any, Set

from .account import Account
from .files import OWNERS_DOING, opened, write_whole
from .indices import INDICES, parse_indices, render_indices
from .records import read_job, read_record, render

HARD_CANCEL_SECONDS = 30.0  # after the grace: a wrapper that is stuck is ended by Slurm
NOTE = "cancel.json"
NOTE_BYTES = 256 * 2**10  # an array of 10,000 may be cancelled one index at a time


def is_overdue(account: Account, name: str) -> bool:
    """Say whether the attempt was first cancelled longer ago than its grace; note the first time."""
    try:
        with opened(account.fd, name) as attempt:
            first = read_record(attempt, NOTE, NOTE_BYTES)
            if first is None:
                write_whole(attempt, NOTE, render({"at": time.time()}))
                return False
            return has_passed(first.get("at"), patience(attempt))
    except OSError as error:
        return is_locked_out(error)


def overdue(account: Account, name: str, indices: Set[int]) -> Set[int]:
    """Return which of these indices of an array were first cancelled too long ago; note the new ones."""
    try:
        with opened(account.fd, name) as attempt:
            asked: Any = (read_record(attempt, NOTE, NOTE_BYTES) or {}).get("asked")
            asked = asked if isinstance(asked, dict) else {}
            noted = {text: set(parse_indices(text)) for text in asked if INDICES.fullmatch(text)}
            new = indices.difference(*noted.values())
            if new:
                told = dict(asked, **{render_indices(new): time.time()})
                write_whole(attempt, NOTE, render({"asked": told}))
            seconds = patience(attempt)
            late = [noted[text] for text in noted if has_passed(asked[text], seconds)]
            return indices.intersection(set().union(*late))
    except OSError as error:
        return indices if is_locked_out(error) else set()


def patience(attempt: int) -> float:
    """Return how many seconds after its cancel a payload of this attempt has to be gone."""
    grace = read_job(attempt).get("graceSeconds")
    return HARD_CANCEL_SECONDS + (grace if type(grace) is int and 0 <= grace <= 3600 else 0)


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
