"""The verb `look`: all that is known of an attempt.

An answer tells of each index of which anything was found; an attempt without an array has the one index 0.
"""

import contextlib
import fcntl
import functools
import time
from typing import Iterator, List, Tuple

from .account import Account
from .claims import UNREADABLE, read_claim
from .files import is_there, opened
from .locked import Locked
from .look_array import look_at_array
from .problem import Answer, Problem, answer_to
from .records import genuine, read_tail, trim_claim
from .rows import render_row, rows_of
from .slurm import LIVE, Row


def look(account: Account, requests: List[Answer]) -> Iterator[Answer]:
    """Tell all that is known of each attempt; `complete` is false if anything could not be read."""
    rows, problem = list_jobs(account)
    look_at = functools.partial(look_at_any, rows=rows, problem=problem)
    return (answer_to(look_at, account, request) for request in requests)


def look_at_any(account: Account, request: Answer, rows: List[Row], problem: str) -> Answer:
    """Tell all that is known of one attempt, `problem` being why the queue could not be read."""
    seen: Answer = {"complete": not problem, "problem": problem}
    look_at = look_at_array if "array" in request else look_at_one
    if time.monotonic() > account.slurm.deadline:
        return dict(seen, complete=False, problem="no time was left for it")
    try:
        found = look_at(account, request, rows)
    except OSError as error:
        return dict(seen, complete=False, problem=f"files: {error}")
    seen.update(found, problem=problem or found["problem"])
    return seen


def list_jobs(account: Account) -> Tuple[List[Row], str]:
    """Read the queue; say what is wrong if it cannot be read."""
    try:
        with account.lock(fcntl.LOCK_SH):
            return account.slurm.queue(), ""
    except Problem as failure:
        return [], "squeue: " + failure.error["message"]


def look_at_one(account: Account, request: Answer, rows: List[Row]) -> Answer:
    """Tell what is known of an attempt without an array."""
    name = request["name"]
    mine = rows_of(rows, name)
    claim = read_claim(account, name)
    locked = Locked("the claim" if claim == UNREADABLE else "")
    seen: Answer = {"workloads": [render_row(row) for row in mine]}
    found: Answer = {"index": 0, "claim": trim_claim(claim)}
    # Without a directory it was never submitted, or nothing was worth keeping.
    with locked, contextlib.suppress(FileNotFoundError), opened(account.fd, name) as attempt:
        seen["go"] = is_there(attempt, "go")
        # Whoever has the claim: a payload can remove its own, and has run all the same.
        found["traces"] = is_there(attempt, "started.json") or is_there(attempt, "result.json")
        with locked:
            found["startedAt"] = (genuine(attempt, "started.json", claim) or {}).get("startedAt")
        with locked:
            found["result"] = genuine(attempt, "result.json", claim)
        if found.get("result") or not LIVE.intersection(row.state for row in mine):
            seen["tailIndex"] = 0
            for key, stream in (("stdoutTail", "stdout"), ("stderrTail", "stderr")):
                with locked:
                    seen[key] = read_tail(attempt, stream)
    if locked.problem and "go" not in seen:
        # Whoever claimed it has locked the wrapper out with us: no go file would be seen.
        seen["go"] = claim is not None and claim.get("by") == "payload"
    return dict(seen, indices=[found], problem=locked.problem)
