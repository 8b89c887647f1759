"""How long a payload ran, and what was allocated to it for that long."""

import msgspec

from computility.lifecycle.entry import Entry
from computility.lifecycle.sight import Sight
from computility.model.assignment import AssignmentStatus

SLACK = 10.0
"""Seconds that a workload may have lasted longer than its payload: start-up, the wait for go, the result."""


def bounded_seconds(entry: Entry, sight: Sight, index: int, said: float) -> float:
    """Return how long a payload ran: what is said, within what others than the payload know.

    The result is written as the tenant's account, so the payload itself could write it. It is charged for
    no less than the scheduler counted (but for `SLACK`), for no more than has passed since the submit, and
    never for more than the `maxRunSeconds` that its receipt promised as the most.
    """
    counted = max((w.elapsed_seconds or 0.0 for w in sight.covering(index)), default=0.0) - SLACK
    since = entry.chunk_of(index).submitted_at or entry.intent_at
    passed = (sight.look.taken_at - since).total_seconds()
    most = min(passed, entry.spec.job.max_run_seconds) if entry.spec.job else passed
    return max(0.0, min(max(said, counted), most))


def seen_seconds(entry: Entry, sight: Sight, index: int) -> float | None:
    """Return how long a payload ran that left no result, from its start to when its end was seen."""
    started_at, ended_at = sight.of(index).started_at, entry.ended_at.get(index)
    if started_at is None or ended_at is None:
        return None
    return bounded_seconds(entry, sight, index, (ended_at - started_at).total_seconds())


def metered(status: AssignmentStatus, entry: Entry) -> AssignmentStatus:
    """Reckon what was allocated for as long as it ran."""
    if status.run_seconds is None or entry.spec.job is None:
        return status
    resources = entry.spec.job.resources
    return msgspec.structs.replace(
        status,
        core_seconds=status.run_seconds * resources.cores,
        card_seconds=status.run_seconds * resources.cards,
    )
