"""What one attempt holds at its pool, as its job's entry or its Assignment tells it."""

from datetime import datetime

from computility.model.assignment import Assignment, JobWork
from computility.model.compute_job import Attempt, ComputeJob
from computility.model.index_set import IndexSet
from computility.model.outcome import Counts
from computility.placement.held import Held, Stake


def stake_of_attempt(job: ComputeJob, attempt: Attempt) -> Stake:
    """Return what an attempt holds that has not ended: what was allocated, for all that may run at a time."""
    asked, allocated = job.spec.resources, attempt.allocated
    nodes, cards = asked.node_count, asked.node_count * asked.cards_on_each_node
    one = Held(
        nodes=nodes if allocated or nodes > 1 else 0,
        cores=allocated.cores if allocated else asked.cores,
        cards=allocated.cards if allocated else cards,
    )
    at_a_time = _at_a_time(attempt.indices, attempt.counts, attempt.max_concurrent)
    return Stake(one.times(at_a_time), _timestamp(attempt.placed_at))


def stake_of_assignment(assignment: Assignment, work: JobWork) -> Stake:
    """Return the same from what an Assignment asks for: it does not say what more was allocated."""
    asked = work.resources
    one = Held(asked.nodes if asked.nodes > 1 else 0, asked.cores, asked.cards)
    at_a_time = _at_a_time(work.indices, assignment.status.counts, work.max_concurrent)
    return Stake(one.times(at_a_time), _timestamp(assignment.metadata.creation_timestamp))


def larger(one: Stake, other: Stake) -> Stake:
    """Return what two that tell of the same attempt say, the more of each: no order of them matters."""
    return Stake(Held(*map(max, one.held, other.held)), max(one.since, other.since))


def _at_a_time(indices: str, counts: Counts | None, most: int | None) -> int:
    """Return how many of an attempt's indices may run at a time, of those that have not ended."""
    if not indices:
        return 1
    left = counts.pending + counts.running if counts else len(IndexSet.parse(indices))
    return left if most is None else min(left, most)


def _timestamp(moment: datetime | None) -> int:
    return int(moment.timestamp()) if moment else 0
