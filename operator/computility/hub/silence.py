"""Watches for members that stop renewing: one loop over all of them, no timer for each."""

import asyncio

from computility.hub.hub import Hub
from computility.hub.keys import Lane, member_work

LOOK_SECONDS = 1.0


async def watch_silence(hub: Hub) -> None:
    """Queue each member whose lease has run out unheard, until cancelled."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        queue_overdue(hub)


def queue_overdue(hub: Hub) -> None:
    """Queue the members that are overdue and not declared silent; if most are late at once, none."""
    hub.mass_silence.look()
    for key, member in hub.store.members.objects.items():
        if hub.heartbeats.is_overdue(key.name, member.spec.lease.seconds):
            hub.queue.add(member_work(key.name), Lane.ENDS)
