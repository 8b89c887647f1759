"""Waiting jobs are placed anew, in their order: all of them, or as many as could find a place."""

from collections.abc import Set
from datetime import datetime

from computility.hub.hub import Hub
from computility.hub.keys import FIGURES, OPENED, ROOM, WAKE, Lane, Work, job_work
from computility.hub.router import WAKE_SECONDS
from computility.hub.snapshot import build_snapshot
from computility.lifecycle.placing import FIGURES_REST
from computility.model.meta import Key
from computility.placement.batch import arrange
from computility.placement.rehearsal import Kind, Round


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


def wake_opened(hub: Hub) -> datetime | None:
    """Call the waiting jobs for which a tariff's window has begun; return when the next one does."""
    now, foreseen = hub.now(), hub.store.waiting.foreseen
    if opened := foreseen.opened(now):
        if _postpone(OPENED, hub):
            return None
        _call(hub, kinds=opened)
    return foreseen.next_opening(now)


def wake_late(hub: Hub) -> None:
    """Call those that would be done by their deadlines now that pools tell of shorter queues.

    What a request takes is looked at once, whatever number of jobs and deadlines it has; where there are many
    of them, the others' turn is in the next round.
    """
    if _postpone(FIGURES, hub):
        return
    now, snapshot, foreseen = hub.now(), build_snapshot(hub), hub.store.waiting.foreseen
    in_time = set[Kind]()
    for kinds in foreseen.take_late():
        evaluation = snapshot.answer(next(iter(kinds.values())).without_deadline(), now).evaluation
        in_time |= {kind for kind, prospect in kinds.items() if prospect.is_in_time(evaluation)}
    if hub.known_snapshot.figures != hub.store.figures_version:
        hub.router.ask_late()  # what came since the pools were gathered was not compared
    if in_time:
        _call(hub, free_places(hub), in_time)
    if foreseen.has_more_to_ask:
        hub.queue.add_after(FIGURES, FIGURES_REST.total_seconds())


def end_turn(job: Key, hub: Hub) -> None:
    """Take in that a job was decided on; if it had been called, the next one is."""
    _look_at(hub.store.turns.answer(job), hub)


def _postpone(whom: Work, hub: Hub) -> bool:
    """Have them called later if others are being called; say whether that is so."""
    if hub.store.turns.is_under_way:
        hub.queue.add_after(whom, WAKE_SECONDS)
    return hub.store.turns.is_under_way


def _call(hub: Hub, count: int | None = None, kinds: Set[Kind] | None = None) -> None:
    """Begin to call all that wait, or so many of each kind, or of some kinds, by fair share and priority.

    Some kinds alone do not get what pools have let go: others that may go first wait for that.
    """
    queues = hub.store.waiting.queues(count, kinds)
    order = hub.store.fair_share.in_order(arrange(queues, _round(hub)))
    _look_at(hub.store.turns.begin(order, with_freed=kinds is None), hub)


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
