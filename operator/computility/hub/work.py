"""Which function does which piece of work."""

from collections.abc import Callable, Mapping
from datetime import datetime

from computility.hub.arrivals import arrange_arrivals
from computility.hub.hub import Hub
from computility.hub.keys import Lane, Task, Work, member_work
from computility.hub.reconcile_job import reconcile_job
from computility.hub.reconcile_member import reconcile_member
from computility.hub.reconcile_orphans import reconcile_orphans
from computility.hub.sweep import sweep_kind
from computility.hub.ttl import reconcile_ttl
from computility.hub.wake import end_turn, wake_all, wake_for_room, wake_late, wake_opened
from computility.model.meta import Key

_CALLS: Mapping[Task, Callable[[Hub], datetime | None]] = {
    Task.WAKE: wake_all,
    Task.ROOM: wake_for_room,
    Task.OPENED: wake_opened,
    Task.FIGURES: wake_late,
}


async def do_work(work: Work, hub: Hub) -> datetime | None:
    """Do one piece of work and return when it is due again, if that is known.

    Raises:
        ApiError: It has to be tried again.
    """
    match work.task:
        case Task.JOB:
            key = Key(work.namespace, work.name)
            arrange_arrivals(key, hub)
            try:
                await reconcile_orphans(key, hub)
                look_at = await reconcile_job(key, hub)
            finally:
                end_turn(key, hub)  # also of one that is gone, or could not be decided on
            return look_at or await reconcile_ttl(key, hub)
        case Task.MEMBER:
            return await reconcile_member(work.name, hub)
        case Task.TELL:
            await hub.events.write(Key(work.namespace, work.name))
        case Task.DISPOSE:
            await hub.disposal.flush(work.namespace)
        case Task.IDENTIFY:
            for member in hub.identities.outdated():
                hub.queue.add(member_work(member), Lane.ENDS)
        case Task.WAKE | Task.ROOM | Task.OPENED | Task.FIGURES:
            return _CALLS[work.task](hub)
        case Task.SWEEP:
            await sweep_kind(work.name, hub)
    return None
