"""Moves one ComputeJob a step: observe, decide, perform, write."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from computility.hub.hub import Hub
from computility.hub.keys import OPENED, Lane, job_work
from computility.hub.notices import notices
from computility.hub.observe_job import observe_job
from computility.hub.occupancy import NONE, Reserved, new_places
from computility.hub.perform import perform_all
from computility.hub.removed import find_removed
from computility.hub.tenancy import know_namespace
from computility.hub.wake import end_turn
from computility.kube.errors import ApiError, Conflict, NotFound, UnreadableAnswer
from computility.lifecycle.conditions import PLACED
from computility.lifecycle.job import JobDecision, decide_job
from computility.model.compute_job import ComputeJob, ComputeJobStatus
from computility.model.meta import Key, find_condition, key_of
from computility.model.reasons import Reason


async def reconcile_job(key: Key, hub: Hub) -> datetime | None:
    """Move a job towards its spec; safe to repeat at any moment. Returns when to look again, if ever.

    Raises:
        ApiError: Something could not be done; status is written all the same.
    """
    if key in hub.store.foreign:
        return None
    known = hub.store.jobs.objects.get(key)
    if known is not None and not known.has_ended:
        await know_namespace(key.namespace, hub)
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
        _note_turn(job, decision, hub)
        _note_prospect(key, decision, hub)
        await _carry_out(job, decision, hub)
    return decision.look_at


def _note_turn(job: ComputeJob, decision: JobDecision, hub: Hub) -> None:
    """End a job's turn. One that found no room waits from now on, also before that is written.

    One that left room to others may have been the only one to want it: so all that wait are called again.
    """
    key, status = key_of(job.metadata), decision.status or job.status
    has_left_room = bool(hub.store.turns.closed_to(key))
    end_turn(key, hub)
    is_new = status.phase is None and decision.look_at is not None
    if is_new and key in hub.store.jobs.objects:
        hub.store.waiting.add(job)
    if has_left_room and (is_new or status.reason == Reason.POOLS_BUSY.value):
        hub.router.call_waiting()


def _note_prospect(key: Key, decision: JobDecision, hub: Hub) -> None:
    """Keep what a waiting job is to be looked at again for; one that is written is looked at anyway."""
    if decision.status is not None:
        return
    hub.store.waiting.foresee(key, decision.prospect)
    if decision.prospect is None:
        return
    if opens_at := decision.prospect.found.opens_at:
        hub.queue.add_after(OPENED, (opens_at - hub.now()).total_seconds())
    if decision.prospect.found.late_at and hub.known_snapshot.figures != hub.store.figures_version:
        # What came since the pools were gathered was not compared with what this job waits for.
        hub.router.ask_late()


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
    """Count a decision's new attempt at its pool, and its use, until the store has the answer to its write.

    When the answer is lost the attempt may be recorded or not: it stays counted until the job is read.
    """
    if status is not None:
        source = Reserved(job.metadata.uid)
        hub.store.occupancy.set(source, new_places(job, status))
        hub.store.fair_share.record(job, status)
    try:
        yield
    except ApiError as error:
        if not (error.is_outcome_unknown or isinstance(error, UnreadableAnswer)):
            _give_back(job, hub)
        raise
    else:
        _give_back(job, hub)


def _give_back(job: ComputeJob, hub: Hub) -> None:
    """Count only what the store has of a job; of one that is gone it has counted all that it used."""
    hub.store.occupancy.set(Reserved(job.metadata.uid), NONE)
    known = hub.store.jobs.objects.get(key_of(job.metadata))
    if known is not None and known.metadata.uid == job.metadata.uid:
        hub.store.fair_share.record(known)


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
