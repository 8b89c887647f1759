"""Moves one MemberCluster a step: its namespace, its agent's rights, the answer on the Lease, its status."""

from datetime import datetime

from computility.hub.hub import Hub
from computility.hub.keys import Lane, member_work
from computility.hub.observe_member import observe_member
from computility.hub.perform_member import perform_all_for, read_member
from computility.kube.builtin import Lease
from computility.kube.errors import Conflict, NotFound
from computility.lifecycle.member import decide_member
from computility.lifecycle.member_closing import is_beyond_reach
from computility.lifecycle.member_view import MemberView
from computility.model.member_cluster import MemberCluster, MemberClusterStatus
from computility.model.meta import Key
from computility.model.names import AGENT_LEASE, member_namespace


async def reconcile_member(name: str, hub: Hub) -> datetime | None:
    """Move a member towards its spec; safe to repeat at any moment. Returns when to look again, if ever.

    Raises:
        ApiError: Something could not be done; status is written all the same.
    """
    member = hub.store.members.objects.get(Key("", name))
    if member is None:
        return None
    await listen(member, hub)
    view = await observe_member(member, hub)
    _tell_jobs(view, hub)
    decision = decide_member(view, hub.now())
    failure = await perform_all_for(member, decision.actions, hub)
    if decision.status is not None:
        await _write(member, decision.status, hub)
    if failure is not None:
        raise failure
    if decision.actions:
        hub.queue.add(member_work(name), Lane.ENDS)
    return decision.look_at


async def listen(member: MemberCluster, hub: Hub) -> None:
    """Declare a member silent, unless most are, once a live read of its Lease shows no renewal either."""
    name, seconds = member.metadata.name, member.spec.lease.seconds
    if hub.heartbeats.is_overdue(name, seconds):
        hub.mass_silence.look()
    if not hub.heartbeats.is_overdue(name, seconds):
        return
    live = await hub.client.find(Lease, member_namespace(name), AGENT_LEASE)
    if live is not None:
        hub.intake.seen(live, is_news=False)
    if hub.heartbeats.is_overdue(name, seconds):
        hub.heartbeats.declare_silent(name)
        hub.router.pulse_changed(name)


def _tell_jobs(view: MemberView, hub: Hub) -> None:
    """Have the attempts booked that nobody will report on."""
    if view.left.attempts and is_beyond_reach(view.member, view.pulse):
        hub.router.queue_jobs_at(view.member.metadata.name)


async def _write(member: MemberCluster, status: MemberClusterStatus, hub: Hub) -> None:
    try:
        hub.intake.seen(await hub.client.write_status(member, status))
    except (Conflict, NotFound):
        await read_member(member, hub)
        hub.queue.add(member_work(member.metadata.name), Lane.ENDS)
