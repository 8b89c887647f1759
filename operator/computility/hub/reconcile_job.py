"""Moves one ComputeJob a step: observe, decide, perform, write."""

from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from datetime import datetime

from computility.hub.hub import Hub
from computility.hub.keys import Lane, job_work
from computility.hub.notices import notices
from computility.hub.occupancy import NONE, Reserved, places_of_job
from computility.hub.perform import perform_all
from computility.hub.removed import find_removed
from computility.hub.snapshot import build_snapshot, silent_members
from computility.kube.errors import ApiError, Conflict, NotFound, UnreadableAnswer
from computility.lifecycle.conditions import PLACED
from computility.lifecycle.job import JobDecision, JobView, decide_job
from computility.model.assignment import Assignment
from computility.model.compute_job import ComputeJob, ComputeJobStatus
from computility.model.meta import Key, find_condition, key_of
from computility.placement.snapshot import Snapshot


async def reconcile_job(key: Key, hub: Hub) -> datetime | None:
    """Move a job towards its spec; safe to repeat at any moment. Returns when to look again, if ever.

    Raises:
        ApiError: Something could not be done; status is written all the same.
    """
    if key in hub.store.foreign:
        return None
    removed = await find_removed(key, hub)
    job = hub.store.jobs.objects.get(key)
    if job is None or not job.is_ours:
        return None
    is_live = hub.store.occupancy.has(Reserved(job.metadata.uid))
    decision = None if is_live else decide_job(observe_job(job, hub, removed), hub.now())
    if decision is None or decision.needs_live:
        job = await read_job(job, hub)
        if job is None:
            return None
        decision = decide_job(observe_job(job, hub, removed, is_live=True), hub.now())
    with reserved(job, decision.status, hub):  # nothing is awaited between the snapshot and this
        await _carry_out(job, decision, hub)
    return decision.look_at


def observe_job(
    job: ComputeJob, hub: Hub, removed: Set[str] = frozenset(), *, is_live: bool = False
) -> JobView:
    """Gather what is known of a job, and of the pools if it may be placed now."""
    meta = job.metadata
    own, predecessor = {}, ""
    for assignment in hub.store.assignments_of(key_of(meta)):
        if assignment.spec.job is not None and assignment.spec.job.uid == meta.uid:
            own[assignment.metadata.name] = assignment
        else:
            predecessor = assignment.metadata.name
    live = {a.member for a in job.status.attempts if not a.state.is_terminal}
    return JobView(
        job=job,
        assignments=own,
        snapshot=build_snapshot(hub) if _may_be_placed(job, own, removed) else Snapshot(),
        is_live=is_live,
        silent=silent_members(live, hub),
        removed=frozenset(removed),
        predecessor=predecessor,
    )


def _may_be_placed(job: ComputeJob, own: Mapping[str, Assignment], removed: Set[str]) -> bool:
    """Say whether the decision can be a place: no attempt is live, or stays so once its end is booked."""
    if job.status.phase is not None and job.status.phase.is_terminal:
        return False
    reported = {a.spec.ordinal for a in own.values() if a.status.state.is_terminal}
    return all(
        a.state.is_terminal or a.ordinal in reported or a.member_uid in removed for a in job.status.attempts
    )


async def read_job(known: ComputeJob, hub: Hub) -> ComputeJob | None:
    """Read a job live, bring the store up to date, and return it if it is still the same one."""
    meta = known.metadata
    live = await hub.client.find(ComputeJob, meta.namespace, meta.name)
    hub.store.occupancy.set(Reserved(meta.uid), NONE)
    if live is None:
        hub.intake.gone(ComputeJob, key_of(meta), meta.uid)
        return None
    hub.intake.seen(live)
    return live if live.metadata.uid == meta.uid else None


@contextmanager
def reserved(job: ComputeJob, status: ComputeJobStatus | None, hub: Hub) -> Iterator[None]:
    """Count a decision's new attempt at its pool until the store has the answer to its write.

    When the answer is lost the attempt may be recorded or not: it stays counted until the job is read.
    """
    source = Reserved(job.metadata.uid)
    if status is not None:
        hub.store.occupancy.set(source, places_of_job(job, status) - places_of_job(job))
    try:
        yield
    except ApiError as error:
        if not (error.is_outcome_unknown or isinstance(error, UnreadableAnswer)):
            hub.store.occupancy.set(source, NONE)
        raise
    else:
        hub.store.occupancy.set(source, NONE)


async def _carry_out(job: ComputeJob, decision: JobDecision, hub: Hub) -> None:
    failure = await perform_all(decision.actions, hub)
    if decision.status is not None:
        await _write(job, decision.status, hub)
    if failure is not None:
        raise failure


async def _write(job: ComputeJob, status: ComputeJobStatus, hub: Hub) -> None:
    """Write the status on the job as it was seen, and look at it again: each step leads to the next."""
    key = key_of(job.metadata)
    try:
        hub.intake.seen(await hub.client.write_status(job, status))
    except (Conflict, NotFound):
        await read_job(job, hub)
    else:
        _count_placement(job, status, hub)
        hub.events.tell(job, notices(job.status, status))
    hub.queue.add(job_work(key), Lane.ENDS)


def _count_placement(job: ComputeJob, status: ComputeJobStatus, hub: Hub) -> None:
    placed = find_condition(status.conditions, PLACED)
    if placed is not None and placed != find_condition(job.status.conditions, PLACED):
        hub.metrics.placement(placed.reason)
