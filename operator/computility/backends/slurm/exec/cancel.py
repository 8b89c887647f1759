"""The verb `cancel`: an end, with the payload's grace where it runs."""

import contextlib
import errno
import functools
import re
import time
from typing import Iterator, List

from .account import Account
from .files import OWNERS_DOING, opened, write_whole
from .problem import Answer, Problem, answer_to
from .records import read_job, read_record, render
from .slurm import LIVE, Row

HARD_CANCEL_SECONDS = 30.0  # after the grace: a wrapper that is stuck is ended by Slurm
GONE = re.compile("Invalid job id|already completing|no longer pending")


def cancel(account: Account, requests: List[Answer]) -> Iterator[Answer]:
    """End the jobs that have these names."""
    rows = [row for row in account.slurm.queue() if row.state in LIVE and row.state != "COMPLETING"]
    for request in requests:
        mine = [row for row in rows if row.name == request["name"]]
        yield answer_to(functools.partial(cancel_one, rows=mine), account, request)


def cancel_one(account: Account, request: Answer, rows: List[Row]) -> Answer:
    """End one attempt's jobs: a running one through its wrapper, which gives the payload its grace."""
    hard = bool(rows) and is_overdue(account, request["name"])
    for row in rows:
        soft = row.state == "RUNNING" and not hard
        how = ["--batch", "--signal=TERM", "--state=RUNNING"] if soft else []
        # With --name beside the id scancel itself leaves a job alone that has another name by now.
        with ignore_gone():
            account.slurm.run("scancel", *how, "--user=" + account.name, "--name=" + row.name, row.native_id)
    return {}


@contextlib.contextmanager
def ignore_gone() -> Iterator[None]:
    """Take a job that is no longer there for one that has been cancelled."""
    try:
        yield
    except Problem as problem:
        if not GONE.search(problem.error["message"]):
            raise


def is_overdue(account: Account, name: str) -> bool:
    """Say whether the attempt was first cancelled longer ago than its grace; note the first time."""
    try:
        with opened(account.fd, name) as attempt:
            first = read_record(attempt, "cancel.json")
            if first is None:
                write_whole(attempt, "cancel.json", render({"at": time.time()}))
                return False
            grace = read_job(attempt).get("graceSeconds")
    except OSError as error:
        # Without a directory, or locked out of it by the payload: there is no keeping of a grace.
        if error.errno not in (errno.ENOENT, *OWNERS_DOING):
            raise
        return True
    at = first.get("at")
    patience = HARD_CANCEL_SECONDS + (grace if type(grace) is int and 0 <= grace <= 3600 else 0)
    return not isinstance(at, float) or not 0 <= time.time() - at <= patience
