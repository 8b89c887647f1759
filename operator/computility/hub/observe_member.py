"""Reads what there is for one member on the hub cluster."""

import asyncio

from computility.hub.hub import Hub
from computility.hub.snapshot import heard_at, lease_of, pulse_of
from computility.kube.builtin import Namespace, RoleBinding, ServiceAccount
from computility.lifecycle.member_closing import is_beyond_reach, is_emptied, is_leaving
from computility.lifecycle.member_view import AgentLease, Home, Left, MemberView
from computility.model.assignment import Assignment, State
from computility.model.member_cluster import MemberCluster
from computility.model.names import ACCOUNTS, MEMBER_LABEL, member_namespace

TERMINATING = "Terminating"


async def observe_member(member: MemberCluster, hub: Hub) -> MemberView:
    """Gather all that is known of a member.

    Raises:
        ApiError: Something could not be read; nothing is concluded from it.
    """
    name = member.metadata.name
    return MemberView(
        member=member,
        home=await _observe_home(name, hub),
        pulse=pulse_of(name, hub),
        lease=_observe_lease(name, hub),
        left=await _observe_left(member, hub),
        identity=hub.identities.of(member),
    )


def _observe_lease(member: str, hub: Hub) -> AgentLease | None:
    lease = lease_of(member, hub)
    if lease is None:
        return None
    return AgentLease(
        annotations=lease.metadata.annotations,
        holder=lease.spec.holder_identity or "",
        heard_at=heard_at(member, hub),
    )


async def _observe_home(member: str, hub: Hub) -> Home:
    namespace = member_namespace(member)
    found = await hub.client.find(Namespace, "", namespace)
    if found is None:
        return Home()
    is_ending, uid = found.status.phase == TERMINATING, found.metadata.uid
    if found.metadata.labels.get(MEMBER_LABEL) != member:
        return Home(exists=True, is_ending=is_ending, uid=uid)
    accounts = await asyncio.gather(*(hub.client.find(ServiceAccount, namespace, n) for n in ACCOUNTS))
    bindings = await asyncio.gather(*(hub.client.find(RoleBinding, namespace, n) for n in ACCOUNTS))
    return Home(
        exists=True,
        is_ours=True,
        is_ending=is_ending,
        uid=uid,
        accounts=frozenset(n for n, account in zip(ACCOUNTS, accounts, strict=True) if account),
        bound=frozenset(n for n, binding in zip(ACCOUNTS, bindings, strict=True) if binding),
    )


async def _observe_left(member: MemberCluster, hub: Hub) -> Left:
    """Count what is left at a member that is to be empty.

    Where nobody will report any more, only what stands in jobs counts: that is booked, and Assignments never
    end. Elsewhere that nothing is left is believed of a live list only.
    """
    name = member.metadata.name
    if not is_emptied(member):
        return Left()
    if is_beyond_reach(member, pulse_of(name, hub)):
        return Left(attempts=_count_in_jobs(member, hub))
    if is_leaving(member) and not hub.store.occupancy.at(name):
        await _list_live(name, hub)
    return Left(attempts=hub.store.occupancy.at(name), running=_count_running(name, hub))


async def _list_live(member: str, hub: Hub) -> None:
    for item in (await hub.client.list(Assignment, member_namespace(member))).items:
        hub.intake.seen(item)


def _count_running(member: str, hub: Hub) -> int:
    namespace, known = member_namespace(member), hub.store.assignments.objects
    return sum(a.status.state is State.RUNNING for key, a in known.items() if key.namespace == namespace)


def _count_in_jobs(member: MemberCluster, hub: Hub) -> int:
    uid, jobs = member.metadata.uid, hub.store.jobs.objects.values()
    attempts = (a for job in jobs if job.is_ours for a in job.status.attempts)
    return sum(a.member_uid == uid and not a.state.is_terminal for a in attempts)
