"""Waiting jobs are placed anew, in their order: all of them, or as many as could find a place."""

from computility.hub.hub import Hub
from computility.hub.keys import ROOM, WAKE, Lane, Work, job_work
from computility.hub.router import WAKE_SECONDS
from computility.hub.snapshot import build_snapshot
from computility.model.meta import Key
from computility.placement.batch import arrange
from computility.placement.rehearsal import Round


def wake_all(hub: Hub) -> None:
    """Call the waiting jobs: the answer to each may have changed."""
    if not _postpone(WAKE, hub):
        _call(hub)


def wake_for_room(hub: Hub) -> None:
    """Call the waiting jobs that could be placed now that pools have room, and no others.

    Of jobs that ask for the same, no more can be placed than there are free places in all. So a pool that
    lets one attempt go does not have thousands of jobs told once more that all pools are busy.
    """
    if not _postpone(ROOM, hub):
        _call(hub, free_places(hub))


def end_turn(job: Key, hub: Hub) -> None:
    """Take in that a job was decided on; if it had been called, the next one is."""
    _look_at(hub.store.turns.answer(job), hub)


def _postpone(whom: Work, hub: Hub) -> bool:
    """Have them called later if others are being called; say whether that is so."""
    if hub.store.turns.is_under_way:
        hub.queue.add_after(whom, WAKE_SECONDS)
    return hub.store.turns.is_under_way


def _call(hub: Hub, count: int | None = None) -> None:
    """Begin to call all that wait, or so many of each kind, by fair share and priority."""
    queues = hub.store.waiting.queues(count)
    order = hub.store.fair_share.in_order(arrange(queues, _round(hub)))
    _look_at(hub.store.turns.begin(order), hub)


def _round(hub: Hub) -> Round:
    now, snapshot = hub.now(), build_snapshot(hub)
    return Round(hub.store.waiting.asks, snapshot, now, hub.store.fair_share.shares(now))


def _look_at(job: Key | None, hub: Hub) -> None:
    """Look at a job before anything that is new: others wait for what it leaves."""
    if job is not None:
        hub.queue.add(job_work(job), Lane.CALLED)


def free_places(hub: Hub) -> int:
    """Count how many attempts more all pools that take any would take, whoever may use them."""
    snapshot = build_snapshot(hub)
    return sum(
        snapshot.room(pool)
        for pool in snapshot.pools
        if pool.accepted and not pool.closed and not pool.silent
    )
