"""Whole lists against what the watches told: Kopf never says what vanished while it was not looking."""

import random
from typing import Any

from computility.hub.hub import Hub
from computility.hub.keys import Lane, Task, Work, job_work, member_work
from computility.hub.store import KINDS
from computility.hub.waiting import wants_place_at_once
from computility.hub.wake import wake_all
from computility.kube.builtin import Lease
from computility.kube.listing import Listing
from computility.kube.resource import Object, resource_of
from computility.model.meta import Key, key_of
from computility.model.names import AGENT_LEASE

FIRST_SWEEP_SECONDS = 5.0
RESYNC_SECONDS = 600.0
AGENT_LEASES = f"metadata.name={AGENT_LEASE}"
"""Nodes renew Leases too, many a second: only the agents' are asked for."""


async def prime(hub: Hub) -> None:
    """Fill the store before anything is decided, Assignments before jobs, and queue all there is to do."""
    for type_ in KINDS:
        await sweep(type_, hub)
        # What vanishes between this list and Kopf's own is told by neither.
        hub.queue.add_after(Work(Task.SWEEP, name=resource_of(type_).plural), FIRST_SWEEP_SECONDS)
    hub.heartbeats.has_list = True
    for job in hub.store.jobs.objects.values():
        if wants_place_at_once(job):
            hub.store.waiting.add(job)
    wake_all(hub)  # the jobs that want a place, in their order
    for key in hub.store.job_keys() - hub.store.waiting.keys():
        hub.queue.add(job_work(key))
    for member in hub.store.members.objects:
        hub.queue.add(member_work(member.name), Lane.ENDS)


async def sweep_kind(plural: str, hub: Hub) -> None:
    """Compare one kind with a whole list, now and again in a while."""
    type_ = next(kind for kind in KINDS if resource_of(kind).plural == plural)
    hub.metrics.missed(plural, await sweep(type_, hub))
    again = RESYNC_SECONDS * random.uniform(0.9, 1.1)  # noqa: S311 - spreads load
    hub.queue.add_after(Work(Task.SWEEP, name=plural), again)


async def sweep(type_: type[Object], hub: Hub) -> int:
    """Bring the copy of one kind up to date with a whole list; return how many changes nobody had told.

    Raises:
        ApiError: The list could not be read whole; nothing is concluded from a part.
    """
    field_selector = AGENT_LEASES if type_ is Lease else ""
    return take_list(type_, await hub.client.list(type_, field_selector=field_selector), hub)


def take_list(type_: type[Object], listing: Listing[Any], hub: Hub) -> int:
    """Bring the copy of one kind up to date with a whole list; return how many changes it told of."""
    shelf = hub.store.shelf(type_)
    present: set[Key] = {unreadable.key for unreadable in listing.unreadable}
    missed = 0
    for unreadable in listing.unreadable:
        hub.intake.report_unreadable(resource_of(type_).plural, str(unreadable.key), unreadable.error)
    for item in listing.items:
        present.add(key_of(item.metadata))
        known = shelf.objects.get(key_of(item.metadata))
        missed += known is None or known.metadata.resource_version != item.metadata.resource_version
        hub.intake.seen(item, is_news=False)
    for item in shelf.missing_from(present, listing.resource_version):
        missed += 1
        hub.intake.gone(type_, key_of(item.metadata), item.metadata.uid)
    return missed
