"""Ends Assignments whose job is gone, after a live look: a view that lags must not end a running job."""

from computility.hub.hub import Hub
from computility.hub.perform import perform_all
from computility.lifecycle.orphan import decide_orphan
from computility.model.assignment import Assignment
from computility.model.compute_job import ComputeJob
from computility.model.meta import Key


async def reconcile_orphans(key: Key, hub: Hub) -> None:
    """Give up, then delete, the Assignments at a job's key that do not belong to the job known there.

    Raises:
        ApiError: Something could not be read or done; nothing is concluded from it.
    """
    orphans = [a for a in find_orphans(key, hub) if decide_orphan(a, None)]
    if not orphans:
        return
    live = await hub.client.find(ComputeJob, *key)
    if live is not None:
        hub.intake.seen(live)
    live_uid = live.metadata.uid if live else None
    for orphan in orphans:
        failure = await perform_all(decide_orphan(orphan, live_uid), hub)
        if failure is not None:
            raise failure


def find_orphans(key: Key, hub: Hub) -> list[Assignment]:
    """Return the Assignments for a namespace and name whose job uid is not that of the job known there."""
    job = hub.store.jobs.objects.get(key)
    uid = job.metadata.uid if job else None
    return [a for a in hub.store.assignments_of(key) if a.spec.job is not None and a.spec.job.uid != uid]
