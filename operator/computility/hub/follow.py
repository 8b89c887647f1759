"""The kinds that change with every job, followed by our own watch: an event costs Kopf ten times as much."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

from computility.hub.hub import Hub
from computility.hub.sweep import take_list
from computility.kube.backoff import Backoff
from computility.kube.errors import ApiError, Gone
from computility.kube.frames import Bookmark
from computility.kube.listing import EVERYTHING
from computility.kube.resource import Object, resource_of
from computility.kube.watch import watch
from computility.model.assignment import Assignment
from computility.model.compute_job import ComputeJob

FOLLOWED: tuple[type[Object], ...] = (Assignment, ComputeJob)

_log = logging.getLogger(__name__)


@asynccontextmanager
async def following(hub: Hub, on_failure: Callable[[], None]) -> AsyncIterator[None]:
    """Keep the copies of `FOLLOWED` up to date while the body runs.

    Args:
        hub: Whose copies.
        on_failure: Told when that ends by itself, which is a bug of ours; it is raised after the body.
    """
    tasks = {asyncio.create_task(follow(type_, hub), name=type_.__name__) for type_ in FOLLOWED}
    for task in tasks:
        task.add_done_callback(lambda done: None if done.cancelled() else on_failure())
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()


async def follow(type_: type[Object], hub: Hub) -> None:
    """List a kind and watch from there, for ever; whatever breaks for good is begun anew, later and later."""
    backoff = Backoff(first_seconds=0.2, cap_seconds=30.0)
    while True:
        try:
            await _follow_once(type_, hub, backoff)
        except Gone as error:
            _log.info("%s: listing again: %s", resource_of(type_).plural, error)
        except ApiError as error:
            _log.warning("%s: the copy grows stale: %s", resource_of(type_).plural, error)
        await asyncio.sleep(backoff.next_seconds())


async def _follow_once(type_: type[Object], hub: Hub, backoff: Backoff) -> None:
    listing = await hub.client.list(type_)
    take_list(type_, listing, hub)
    async with aclosing(watch(hub.client, type_, EVERYTHING, listing.resource_version)) as events:
        async for event in events:
            backoff.reset()
            if not isinstance(event, Bookmark):
                hub.intake.take_change(type_, event.change.value, event.object)
