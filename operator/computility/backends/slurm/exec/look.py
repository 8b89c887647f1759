"""The verb `look`: all that is known of an attempt."""

import contextlib
import fcntl
from typing import Any, Iterator, List, Optional, Tuple

from .account import Account
from .claims import UNREADABLE, read_claim
from .files import OWNERS_DOING, is_there, opened
from .problem import Answer, Problem
from .records import read_record, read_tail
from .slurm import LIVE, Row, parse_elapsed

LOCKED = "locked or replaced by its owner: "


def look(account: Account, requests: List[Answer]) -> Iterator[Answer]:
    """Tell all that is known of each attempt; `complete` is false if anything could not be read."""
    rows, problem = list_jobs(account)
    for request in requests:
        mine = [row for row in rows if row.name == request["name"]]
        seen: Answer = {"name": request["name"], "complete": not problem, "problem": problem}
        seen["workloads"] = [render_row(row) for row in mine]
        try:
            found = look_at_files(account, request["name"], [row.state for row in mine])
            seen.update(found, problem=problem or found["problem"])
        except OSError as error:
            seen.update(complete=False, problem=f"files: {error}")
        yield seen


def list_jobs(account: Account) -> Tuple[List[Row], str]:
    """Read the queue; say what is wrong if it cannot be read."""
    try:
        with account.lock(fcntl.LOCK_SH):
            return account.slurm.queue(), ""
    except Problem as failure:
        return [], "squeue: " + failure.error["message"]


def render_row(row: Row) -> Answer:
    """Write a queue row as the agent reads it."""
    return {
        "nativeID": row.native_id, "state": row.state, "reason": row.reason, "submittedAt": row.submitted_at,
        "partition": row.partition, "nodes": row.nodes, "cpus": row.cpus, "gres": row.gres,
        "elapsedSeconds": parse_elapsed(row.elapsed),
    }  # fmt: skip


def look_at_files(account: Account, name: str, states: List[str]) -> Answer:
    """Read the attempt's claim and files; a start or result without the claim's nonce is none."""
    claim = read_claim(account, name)
    locked = Locked("the claim" if claim == UNREADABLE else "")
    seen: Answer = {"claim": claim}
    # Without a directory it was never submitted, or nothing was worth keeping.
    with locked, contextlib.suppress(FileNotFoundError), opened(account.fd, name) as attempt:
        seen["go"] = is_there(attempt, "go")
        # Whoever has the claim: a payload can remove its own, and has run all the same.
        seen["traces"] = is_there(attempt, "started.json") or is_there(attempt, "result.json")
        seen.update(read_records(attempt, claim, locked))
        if seen.get("result") or not LIVE.intersection(states):
            seen.update(read_output(attempt, locked))
    if locked.problem and "go" not in seen:
        # Whoever claimed it has locked the wrapper out with us: no go file would be seen.
        seen["go"] = claim is not None and claim.get("by") == "payload"
    return dict(seen, problem=locked.problem)


class Locked:
    """Passes over what the account's owner has locked or replaced: it is as good as not there.

    Nothing but that owner brings it back, and an attempt must not wait for that: its looks stay complete.
    """

    def __init__(self, what: str = "") -> None:
        self.problem = what and LOCKED + what

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: Optional[BaseException], trace: Any) -> bool:
        if not isinstance(error, OSError) or error.errno not in OWNERS_DOING:
            return False
        self.problem = self.problem or LOCKED + str(error)
        return True


def read_records(attempt: int, claim: Optional[Answer], locked: Locked) -> Answer:
    """Read what the wrapper wrote at the payload's start and at its end."""
    records: Answer = {}
    with locked:
        records["startedAt"] = (genuine(attempt, "started.json", claim) or {}).get("startedAt")
    with locked:
        records["result"] = genuine(attempt, "result.json", claim)
    return records


def read_output(attempt: int, locked: Locked) -> Answer:
    """Read the ends of both streams."""
    tails: Answer = {}
    for key, stream in (("stdoutTail", "stdout"), ("stderrTail", "stderr")):
        with locked:
            tails[key] = read_tail(attempt, stream)
    return tails


def genuine(attempt: int, record: str, claim: Optional[Answer]) -> Optional[Answer]:
    """Read a record of the wrapper; None unless it has the nonce of the claim that a payload holds."""
    nonce = claim.get("nonce") if claim and claim.get("by") == "payload" else None
    found = read_record(attempt, record) if nonce else None
    return found if found and found.get("nonce") == nonce else None
