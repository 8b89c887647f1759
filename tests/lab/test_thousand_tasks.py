"""A thousand tasks of `true` as one object on a real Slurm centre: all accounted for, in few writes."""

from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from rich.console import Console

from computility.lab.audit import read_writes
from computility.lifecycle.progress import TELL_AGAIN
from computility.model.index_set import IndexSet
from lab.jobs import Jobs

pytestmark = pytest.mark.slow

TASKS = 1000
WRITES_OF_A_JOB = 7
"""What a short job costs at most, each part of an array as much; `test_lab.py` holds it."""


def test_a_thousand_tasks_are_all_accounted_for_in_few_writes(jobs: Jobs) -> None:
    name = jobs.submit("true", array={"size": TASKS})

    status = jobs.wait_end(name, seconds=240)

    job = jobs.get(name)
    jobs.wait_nothing_left(job["metadata"]["uid"])
    writes = count_writes(jobs, job)
    seconds = since(job["metadata"]["creationTimestamp"], status["endedAt"])
    parts = len(status["attempts"])
    Console(soft_wrap=True).print(
        f"{TASKS} tasks of `true` in {parts} parts: {status['counts']} after {seconds:.1f} s, "
        f"{TASKS / seconds:.1f} a second; {writes.total()} writes: {dict(writes)}"
    )
    assert (status["phase"], status["counts"]) == ("Succeeded", {"succeeded": TASKS})
    booked = [IndexSet.parse(o["indices"]) for attempt in status["attempts"] for o in attempt["outcomes"]]
    assert sum(map(len, booked)) == TASKS
    assert {index for indices in booked for index in indices} == set(range(TASKS))
    assert IndexSet.parse(status["succeededIndices"]) == IndexSet.first(TASKS)
    reports = parts * (seconds / TELL_AGAIN.total_seconds() + 1)
    assert writes.total() <= parts * WRITES_OF_A_JOB + 2 * reports, "each report is booked once"


def count_writes(jobs: Jobs, job: dict[str, Any]) -> Counter[str]:
    """Count the writes of hub and agents that concern this job, by verb and object."""
    metadata = job["metadata"]
    part = metadata["uid"].replace("-", "")
    return Counter(
        f"{w.verb} {w.resource}{'/' + w.subresource if w.subresource else ''}"
        for w in read_writes(jobs.lab.plane.audit_log)
        if "serviceaccount" in w.user and (w.name == metadata["name"] or part in w.name)
    )


def since(begin: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
