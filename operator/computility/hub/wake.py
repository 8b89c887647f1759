"""Waiting jobs are placed anew: all of them, or as many as could find a place."""

from computility.hub.hub import Hub
from computility.hub.keys import job_work
from computility.hub.snapshot import build_snapshot


def wake_all(hub: Hub) -> None:
    """Queue the waiting jobs: the answer to each may have changed."""
    for key in hub.store.waiting:
        hub.queue.add(job_work(key))


def wake_for_room(hub: Hub) -> None:
    """Queue the waiting jobs that could be placed now that pools have room, and no others.

    Of jobs that ask for the same, no more can be placed than there are free places in all. So a pool that
    lets one attempt go does not have thousands of jobs told once more that all pools are busy.
    """
    for key in hub.store.waiting.first(free_places(hub)):
        hub.queue.add(job_work(key))


def free_places(hub: Hub) -> int:
    """Count how many attempts more all pools that take any would take, whoever may use them."""
    snapshot = build_snapshot(hub)
    return sum(
        snapshot.room(pool)
        for pool in snapshot.pools
        if pool.accepted and not pool.closed and not pool.silent
    )
