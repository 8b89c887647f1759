"""Deletes jobs some time after their end, as `ttlSecondsAfterFinished` says; their costs go with them."""

from datetime import datetime, timedelta

from computility.hub.hub import Hub
from computility.hub.reconcile_job import read_job
from computility.kube.errors import Conflict
from computility.lifecycle.conditions import COMPLETE, FAILED
from computility.model.compute_job import ComputeJob
from computility.model.meta import Key, find_condition, key_of


async def reconcile_ttl(key: Key, hub: Hub) -> datetime | None:
    """Delete a job whose time after its end is over; return when that will be, if ever.

    Raises:
        ApiError: It could not be deleted, or has changed since; it has to be looked at again.
    """
    job = hub.store.jobs.objects.get(key)
    due_at = expires_at(job) if job is not None and job.is_ours else None
    if job is None or due_at is None or due_at > hub.now():
        return due_at
    if not _has_assignments(job, hub):  # the deletion of the last one leads here again
        await _delete(job, hub)
    return None


def expires_at(job: ComputeJob) -> datetime | None:
    """Return when a job is to be deleted; None if it is not, or not by us.

    Counted, as batch/v1 does, from when the hub booked the end: by its own clock, and not by a centre's. A
    result that arrived after an outage of an hour would else be deleted before anybody saw it.
    """
    ttl = job.spec.ttl_seconds_after_finished
    ended_at = _booked_at(job)
    if ttl is None or ended_at is None or job.metadata.deletion_timestamp is not None:
        return None
    return ended_at + timedelta(seconds=ttl)


def _booked_at(job: ComputeJob) -> datetime | None:
    if not job.has_ended:
        return None
    conditions = job.status.conditions
    said = find_condition(conditions, COMPLETE) or find_condition(conditions, FAILED)
    return said.last_transition_time if said else job.status.ended_at


def _has_assignments(job: ComputeJob, hub: Hub) -> bool:
    found = hub.store.assignments_of(key_of(job.metadata))
    return any(a.spec.job is not None and a.spec.job.uid == job.metadata.uid for a in found)


async def _delete(job: ComputeJob, hub: Hub) -> None:
    """Delete a job as it was seen: one that was edited since may say another time by now."""
    meta = job.metadata
    try:
        await hub.client.delete(
            ComputeJob, meta.namespace, meta.name, uid=meta.uid, resource_version=meta.resource_version
        )
    except Conflict:
        await read_job(job, hub)
        raise
    hub.intake.gone(ComputeJob, key_of(meta), meta.uid)
