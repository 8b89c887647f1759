"""The verb `cancel`: an end, with the payload's grace where it runs."""

import contextlib
import functools
import re
from typing import Iterator, List, Optional, Set, Tuple

from .account import Account
from .grace import is_overdue, overdue
from .indices import read_array, read_indices, render_indices, split
from .once import AsksAgain, Repeats, repeats_signal
from .problem import Answer, Problem, answer_to
from .rows import Tasks, rows_of, tasks_of
from .slurm import LIVE, Row

GONE = re.compile("Invalid job id|already completing|no longer pending")
SOFTLY = ("--batch", "--signal=TERM", "--state=RUNNING")


def cancel(account: Account, requests: List[Answer]) -> Iterator[Answer]:
    """End the jobs that have these names."""
    rows = [row for row in account.slurm.queue() if row.state in LIVE and row.state != "COMPLETING"]
    for request in requests:
        one = cancel_array if "array" in request else cancel_one
        yield answer_to(functools.partial(one, rows=rows), account, request)


def cancel_one(account: Account, request: Answer, rows: List[Row]) -> Answer:
    """End one attempt's jobs: a running one through its wrapper, which gives the payload its grace."""
    mine = rows_of(rows, request["name"])
    hard = bool(mine) and is_overdue(account, request["name"])
    for row in mine:
        soft = row.state == "RUNNING" and not hard
        scancel(account, *(SOFTLY if soft else ()), *only(account, row), row.native_id)
    return {}


def cancel_array(account: Account, request: Answer, rows: List[Row]) -> Answer:
    """End the tasks that stand for these indices, and no others."""
    chunks = split(read_array(request))
    meant = set(read_indices(request))
    mine = tasks_of(rows, request["name"], chunks)
    running = {chunks[one.chunk][task] for one in mine if one.row.state == "RUNNING" for task in one.tasks}
    late = overdue(account, request["name"], running & meant) if running & meant else set()
    for native_id, chunk in sorted({(one.row.native_id, one.chunk) for one in mine}):
        job = [one for one in mine if (one.row.native_id, one.chunk) == (native_id, chunk)]
        cancel_tasks(account, job, tasks_for(meant, chunks[chunk]), tasks_for(late, chunks[chunk]))
    return {}


def tasks_for(indices: Set[int], chunk: List[int]) -> Set[int]:
    """Return which tasks of a chunk's job stand for these indices."""
    return {task for task, index in enumerate(chunk) if index in indices}


def cancel_tasks(account: Account, job: List[Tasks], meant: Set[int], late: Set[int]) -> None:
    """End these tasks of one array job; softly those that run, unless they are late."""
    row = job[0].row
    running = {task for one in job if one.row.state == "RUNNING" for task in one.tasks} & meant
    pending = {task for one in job if one.row.state == "PENDING" for task in one.tasks}
    others = {task for one in job for task in one.tasks} & meant - running - pending
    # Those that wait first: one that ends makes room for the next.
    if pending and pending <= meant:
        scancel(account, "--state=PENDING", *only(account, row), row.native_id)
    elif pending & meant:
        # With --name beside them scancel would end all pending tasks of the job (22.05.8, tried). So it is
        # the queue, read a moment ago, that says whose job this is.
        scancel(account, numbered(row, pending & meant))
    if running - late:
        signal(account, row, running - late)
    if others or running & late:
        scancel(account, *only(account, row), numbered(row, others | running & late))


def signal(account: Account, row: Row, tasks: Set[int]) -> None:
    """Signal tasks that run; while others wait scancel would do so again and again (see `once.py`)."""
    with contextlib.suppress(AsksAgain):
        how = ("-v", *SOFTLY, *only(account, row), numbered(row, tasks))
        scancel(account, *how, repeats=repeats_signal(len(tasks)))


def only(account: Account, row: Row) -> Tuple[str, str]:
    """Have scancel itself leave a job alone that has another name by now."""
    return "--user=" + account.name, "--name=" + row.name


def numbered(row: Row, tasks: Set[int]) -> str:
    """Name tasks of an array's job."""
    return f"{row.native_id}_[{render_indices(tasks)}]"


def scancel(account: Account, *argv: str, repeats: Optional[Repeats] = None) -> None:
    """Cancel; a job that is no longer there has been cancelled."""
    try:
        account.slurm.run("scancel", *argv, repeats=repeats)
    except Problem as problem:
        if not GONE.search(problem.error["message"]):
            raise
