"""Jobs that are arrays: what the hub decides about them, and what agents report of their parts."""

import msgspec

from computility.lifecycle.hub_actions import Create
from computility.lifecycle.job import decide_job
from computility.lifecycle.job_view import JobDecision, JobView
from computility.model.assignment import Assignment, AssignmentStatus, Counts, IndexOutcome, Started, State
from computility.model.compute_job import ArraySpec, ComputeJob, ComputeJobStatus
from computility.model.job_placement import PlacementSpec, Policy
from computility.model.names import assignment_name
from computility.model.resource_pool import Capacity, ResourcePoolStatus
from computility.placement.snapshot import PoolFacts, Snapshot
from support.builders import NOON, UID, a_job, a_pool, seconds


def a_pool_of(member: str, free: int) -> PoolFacts:
    """A pool with so many free cores; those with more are cheaper."""
    status = ResourcePoolStatus(observed_at=NOON, complete=True, total=Capacity(nodes=99, cores=free))
    return a_pool(member, nodes=99, cores=99, core_hour=f"0.{999 - free:03}", status=status)


BIG, SMALL = a_pool_of("big", 60), a_pool_of("small", 30)


def an_array(size: int = 10, max_concurrent: int | None = None, **fields: object) -> ComputeJob:
    """An array whose policy has nothing against a split."""
    placement = PlacementSpec(policy=Policy.FASTEST)
    array = ArraySpec(size=size, max_concurrent=max_concurrent)
    return a_job(**{"array": array, "placement": placement, **fields})


def decide(
    job: ComputeJob,
    *reports: Assignment,
    pools: tuple[PoolFacts, ...] = (BIG, SMALL),
    at: float = 0,
    **view: object,
) -> JobDecision:
    own = {a.metadata.name: a for a in reports}
    seen = JobView(job=job, assignments=own, snapshot=Snapshot(pools=pools))
    return decide_job(msgspec.structs.replace(seen, **view), NOON + seconds(at))


def then(job: ComputeJob, *reports: Assignment, **how: object) -> ComputeJob:
    """Return the job as the decision leaves it."""
    decision = decide(job, *reports, **how)
    return job if decision.status is None else msgspec.structs.replace(job, status=decision.status)


def status_of(job: ComputeJob, *reports: Assignment, **how: object) -> ComputeJobStatus:
    return then(job, *reports, **how).status


def edited(job: ComputeJob, **spec: object) -> ComputeJob:
    return msgspec.structs.replace(job, spec=msgspec.structs.replace(job.spec, **spec))


def told(job: ComputeJob, ordinal: int, **status: object) -> Assignment:
    """The Assignment of one of the job's attempts, with what its agent reports."""
    creates = (a for a in decide(job).actions if isinstance(a, Create))
    name = assignment_name(UID, ordinal)
    made = next(a.assignment for a in creates if a.assignment.metadata.name == name)
    meta = msgspec.structs.replace(made.metadata, uid=f"asg-{ordinal}")
    report = msgspec.structs.replace(AssignmentStatus(), **status)
    return msgspec.structs.replace(made, metadata=meta, status=report)


def running(counts: Counts, *outcomes: IndexOutcome, **more: object) -> dict[str, object]:
    return {
        "state": State.RUNNING,
        "started": Started.YES,
        "counts": counts,
        "outcomes": outcomes,
        **more,
    }


def an_end(*outcomes: IndexOutcome, state: State = State.SUCCEEDED, **more: object) -> dict[str, object]:
    """What an agent reports of an attempt that has ended; `state` is that of its worst index."""
    worst = next((o for o in outcomes if o.state is state), outcomes[0])
    base = {"state": state, "reason": worst.reason, "fault": worst.fault, "started": Started.YES}
    return {**base, "outcomes": outcomes, **more}


def parts(status: ComputeJobStatus) -> list[tuple[int, str, str]]:
    return [(a.ordinal, a.member, a.indices) for a in status.attempts]
