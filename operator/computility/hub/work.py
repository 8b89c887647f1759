"""Which function does which piece of work."""

from datetime import datetime

from computility.hub.hub import Hub
from computility.hub.keys import Task, Work, job_work
from computility.hub.reconcile_job import reconcile_job
from computility.hub.reconcile_member import reconcile_member
from computility.hub.reconcile_orphans import reconcile_orphans
from computility.hub.sweep import sweep_kind
from computility.model.meta import Key


async def do_work(work: Work, hub: Hub) -> datetime | None:
    """Do one piece of work and return when it is due again, if that is known.

    Raises:
        ApiError: It has to be tried again.
    """
    match work.task:
        case Task.JOB:
            key = Key(work.namespace, work.name)
            await reconcile_orphans(key, hub)
            return await reconcile_job(key, hub)
        case Task.MEMBER:
            await reconcile_member(work.name, hub)
        case Task.DISPOSE:
            await hub.disposal.flush(work.namespace)
        case Task.WAKE:
            wake_waiting(hub)
        case Task.SWEEP:
            await sweep_kind(work.name, hub)
    return None


def wake_waiting(hub: Hub) -> None:
    """Queue the waiting jobs, those that came first first."""
    jobs = hub.store.jobs.objects
    waiting = sorted(hub.store.waiting, key=lambda key: (str(jobs[key].metadata.creation_timestamp), key))
    for key in waiting:
        hub.queue.add(job_work(key))
